"""Stock nbgrader, called as formgrader calls it."""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import PyFileConfigLoader


def api_of(course: Path, **safe_execute) -> NbGraderAPI:
    """The API of a course with its own configuration, and settings of `SafeExecute`."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = f"sqlite:///{course}/gradebook.db"
    config.SafeExecute.merge(safe_execute)
    return NbGraderAPI(config=config)


def marks(course: Path, assignment: str, student: str) -> dict[str, tuple[float, float, bool]]:
    """What the gradebook holds: check to points, most points, whether a person has to look."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submission = gradebook.find_submission(assignment, student)
        return {
            grade.name: (grade.auto_score, grade.max_score, bool(grade.needs_manual_grade))
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
