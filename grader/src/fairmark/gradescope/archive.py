"""The autograder of one assignment as a zip for Gradescope."""

from __future__ import annotations

import copy
import os
import shlex
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from fairmark.course_package import course_packages
from fairmark.folder import CourseFolder
from fairmark.grading.calibration import judging_of
from fairmark.grading.template import load_template
from fairmark.judged import Judge
from fairmark.limits import Limits
from fairmark.model import GradingError, Template
from fairmark.reports.table import number

from .packed import Settings, pack_assignment
from .requirements import DataSet, Needs, needs_of
from .wheel import pack_wheel, zip_of

_HERE = Path(__file__).parent / "files"
_PROGRAMS = ("setup.sh", "run_autograder")


@dataclass(frozen=True)
class Autograder:
    """What was packed.

    Attributes
    ----------
    path : Path
        The archive.
    points, by_hand : float
        Points that the autograder gives, and those that a person gives.
    required : list of str
        Packages that are installed beside this one.
    notices : list of str
        What the instructor should know, one sentence each.
    """

    path: Path
    points: float
    by_hand: float
    required: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def write_autograder(
    course: CourseFolder,
    assignment: str,
    path: Path,
    settings: Settings,
    judge: Judge = Judge.AUTO,
    anyway: bool = False,
) -> Autograder:
    """Write the autograder of an assignment.

    The gradebook is not touched, and nothing of it is packed. How the checks are judged is
    found out here, and packed; the reference solution is not.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.
    path : Path
        The zip to write.
    settings : Settings
        Visibility and times; the rest comes from the course.
    judge : Judge, optional
        Whether the reference decides how the checks are judged.
    anyway : bool, optional
        True packs also where the reference fails checks; these stay undecided.

    Returns
    -------
    Autograder
        What was packed.

    Raises
    ------
    GradingError
        When there is no such assignment in ``source/``, it has no checks, the reference
        fails one, or the package cannot be packed.
    """
    template = _from_source(course, assignment)
    points = sum(c.points for notebook in template.notebooks for c in notebook.cells if c.check)
    if not any(cell.check for notebook in template.notebooks for cell in notebook.cells):
        raise GradingError(f"{assignment} has no check that a program can decide.")
    judging = judging_of(
        course, template, judge, anyway=anyway, limits=Limits(settings.cell_seconds)
    )
    template = judging.applied_to(template)
    needs = needs_of(code_of(course, assignment), template.files)
    by_hand = template.max_score - points
    files = _files(template, settings, needs, points, by_hand)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
    unfinished.write_bytes(zip_of(files, _PROGRAMS))
    unfinished.replace(path)
    notices = judging.sentences()
    notices += [
        f"{name} is imported and not installed here; add it to requirements.txt in the archive."
        for name in needs.missing
    ]
    return Autograder(path, points, by_hand, needs.required, notices)


def settings_for(course: CourseFolder, **chosen: Any) -> Settings:
    """Return settings with what the course's configuration says.

    Parameters
    ----------
    course : CourseFolder
        The course.
    **chosen
        The other fields of `Settings`.
    """
    coursedir = course.coursedir
    return Settings(ignore=tuple(coursedir.ignore), max_kilobytes=coursedir.max_file_size, **chosen)


def _from_source(course: CourseFolder, assignment: str) -> Template:
    """Read ``source/`` with a gradebook that is thrown away: exporting changes no marks."""
    if assignment not in course.assignments():
        there = ", ".join(course.assignments()) or "none"
        where = course.path("source", ".", "x").parent
        raise GradingError(
            f"An autograder is made from {where}, which has no assignment {assignment!r}. "
            f"There are: {there}."
        )
    with tempfile.TemporaryDirectory() as folder:
        alone = copy.copy(course)
        alone.db_url = f"sqlite:///{folder}/gradebook.db"
        return load_template(alone, assignment)[0]


def code_of(course: CourseFolder, assignment: str) -> list[str]:
    """Return the texts of the code cells of an assignment, as they stand in ``source/``.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.
    """
    folder = course.path("source", ".", assignment)
    return [
        cell.source
        for path in sorted(folder.glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    ]


def _files(
    template: Template, settings: Settings, needs: Needs, points: float, by_hand: float
) -> dict[str, bytes]:
    texts = {name: (_HERE / name).read_text(encoding="utf-8") for name in _PROGRAMS}
    texts["README.md"] = (
        (_HERE / "README.md")
        .read_text(encoding="utf-8")
        .replace("{assignment}", template.assignment)
        .replace("{points}", number(points))
        .replace("{by_hand}", number(by_hand))
    )
    texts["requirements.txt"] = "".join(f"{line}\n" for line in needs.required)
    texts["environment.sh"] = _environment(needs.packages)
    texts["data.sh"] = "".join(map(_fetching, needs.data))
    texts["constraints.txt"] = "".join(f"{line}\n" for line in needs.tested)
    files = {name: text.encode() for name, text in texts.items()}
    for name, wheel in map(pack_wheel, ("fairmark", *needs.packages)):
        files[f"wheels/{name}"] = wheel
    for inner, data in pack_assignment(template, settings).items():
        files[f"assignment/{inner}"] = data
    return files


def _environment(packages: list[str]) -> str:
    """Return shell that names the folder of the data sets to the course's packages."""
    variables = [course_packages()[name].data_variable for name in packages]
    return "".join(f'export {variable}="$python/data"\n' for variable in variables if variable)


def _fetching(data: DataSet) -> str:
    """Return the line of shell that fetches a data set where the autograder is set up."""
    arguments = course_packages()[data.package].fetch_arguments(data.name)
    return f'fetch {shlex.quote(data.name)} "$python/bin/python" {shlex.join(arguments)}\n'
