"""An nbgrader course folder: its configuration, its paths, its submissions."""

from __future__ import annotations

import contextlib
import glob
import logging
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from traitlets.config import Config, PyFileConfigLoader
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader

from fairmark.model import GradingError


@dataclass(frozen=True)
class Submissions:
    """Who handed in what.

    Attributes
    ----------
    students : dict
        Student to the folder of the submission, sorted by student. The folder
        need not exist: then the student has a folder that holds nothing for
        this assignment.
    absent : list of str
        Students who handed in other assignments, but not this one.
    """

    students: dict[str, Path]
    absent: list[str] = field(default_factory=list)


class CourseFolder:
    """A course folder as nbgrader sees it.

    Parameters
    ----------
    root : Path, optional
        The course folder. Without it, the one that the configuration in the
        present folder names, and else the present folder.

    Raises
    ------
    GradingError
        When the folder is missing or its configuration cannot be loaded.
    """

    def __init__(self, root: Path | None = None):
        start = Path(root or Path.cwd()).resolve()
        if not start.is_dir():
            raise GradingError(f"There is no course folder {start}.")
        self.app = NbGrader(config=_load_config(start), log_level=logging.CRITICAL)
        arguments = {} if root is None else {"root": str(start)}
        with working_in(start):
            self.coursedir = CourseDirectory(parent=self.app, **arguments)
            self.root = Path(self.coursedir.root)
            self.db_url = _absolute_url(self.coursedir.db_url, self.root)
            self.coursedir.db_url = self.db_url
        self.autograde = Autograde(coursedir=self.coursedir, parent=self.app)

    @classmethod
    def of_converter(cls, converter: BaseConverter) -> CourseFolder:
        """Return the folder that one of nbgrader's own converters works on.

        Its settings may come from a command line or from formgrader, not only from files.

        Parameters
        ----------
        converter : BaseConverter
            Of nbgrader; not changed.
        """
        folder = cls.__new__(cls)
        folder.app = converter
        folder.coursedir = converter.coursedir
        folder.root = Path(folder.coursedir.root)
        folder.db_url = _absolute_url(folder.coursedir.db_url, folder.root)
        folder.autograde = Autograde(coursedir=folder.coursedir, parent=converter)
        return folder

    def path(self, step: str, student: str, assignment: str) -> Path:
        """Return the folder of a step, such as ``submitted``, for one submission.

        Parameters
        ----------
        step : str
            ``source``, ``submitted``, ``autograded`` or ``feedback``.
        student, assignment : str
            Whose, and of what. The instructors' folders use ``.`` as student.
        """
        name = getattr(self.coursedir, f"{step}_directory")
        return Path(os.path.normpath(self.coursedir.format_path(name, student, assignment)))

    def assignments(self) -> list[str]:
        """Return the names of the assignments in ``source/``."""
        pattern = self.path("source", ".", "*")
        found = (Path(name) for name in glob.glob(str(pattern)))
        return sorted(path.name for path in found if any(path.glob("*.ipynb")))

    def submissions(self, assignment: str) -> Submissions:
        """Find the submissions of an assignment.

        Parameters
        ----------
        assignment : str
            Its name.
        """
        students = dict.fromkeys(self._matching("submitted", assignment))
        known = set(self.assignments())
        absent = []
        for student, handed_in in self._student_folders().items():
            if student in students:
                continue
            if handed_in and handed_in <= known:
                absent.append(student)
            else:
                students[student] = None
        folders = {name: self.path("submitted", name, assignment) for name in sorted(students)}
        return Submissions(folders, sorted(absent))

    def graded_students(self, assignment: str) -> list[str]:
        """Return who has an ``autograded`` folder for the assignment."""
        return sorted(self._matching("autograded", assignment))

    def _matching(self, step: str, assignment: str) -> Iterator[str]:
        name = getattr(self.coursedir, f"{step}_directory")
        pattern = self.coursedir.format_path(name, "*", glob.escape(assignment))
        shape = self.coursedir.format_path(name, "(?P<student>[^/]+)", assignment, escape=True)
        for found in glob.glob(pattern):
            match = re.fullmatch(shape, found)
            if match and os.path.isdir(found):
                yield match["student"]

    def _student_folders(self) -> dict[str, set[str]]:
        """Map each student's folder to the names of the folders in it.

        Only for the usual structure, in which a student's folder holds the
        assignments; another structure has no such folder.
        """
        parts = Path(self.coursedir.directory_structure).parts
        if parts != ("{nbgrader_step}", "{student_id}", "{assignment_id}"):
            return {}
        top = self.root / self.coursedir.submitted_directory
        if not top.is_dir():
            return {}
        folders = [p for p in top.iterdir() if p.is_dir() and not p.name.startswith(".")]
        return {p.name: {q.name for q in p.iterdir() if q.is_dir()} for p in folders}


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Work in a folder for a while, as nbgrader does: its configuration may need it."""
    before, path = Path.cwd(), list(sys.path)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path


def _load_config(root: Path) -> Config:
    """Merge ``nbgrader_config`` of the user, the system and the course, the course last."""
    config = Config()
    with working_in(root):
        for folder in [*reversed(jupyter_config_path()), str(root)]:
            for loader in (JSONFileConfigLoader, PyFileConfigLoader):
                suffix = "json" if loader is JSONFileConfigLoader else "py"
                try:
                    config.merge(loader(f"nbgrader_config.{suffix}", path=folder).load_config())
                except ConfigFileNotFound:
                    continue
                except (SyntaxError, NameError, ImportError, AttributeError, ValueError) as error:
                    name = f"{folder}/nbgrader_config.{suffix}"
                    raise GradingError(f"{name} cannot be loaded: {error}") from error
    return config


def _absolute_url(url: str, root: Path) -> str:
    """Anchor a relative SQLite file in the course folder, where nbgrader is run."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return url
    if parsed.database.startswith("file:"):
        return url
    return str(parsed.set(database=str((root / parsed.database).absolute())))
