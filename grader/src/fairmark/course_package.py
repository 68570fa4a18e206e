"""What a course's own package tells the grader of itself.

Notebooks often import a package that the course brings along. Such a package may name a
module (or any object) as an entry point in the group ``fairmark.course``, under the
package's own name::

    [project.entry-points."fairmark.course"]
    mycourse = "mycourse.grader_hints"

The grader looks there for the names below. Each may be missing. The module is imported
by the grader, by the warm server and on the checks' side, so it should import little.

``modules_ahead(libraries)``
    Returns the modules that the notebooks import, to be imported once and not for each
    submission. ``libraries`` names the large libraries that will be there (``torch``).
``ENVIRONMENT``
    A mapping: environment variables of the processes that run notebooks.
``DATA_VARIABLE`` and ``data_folder()``
    A folder with data sets that notebooks may read, and the variable that names it to
    them. An empty text means that there is none.
``PLAIN_MODULES``
    Modules of the package that hold ordinary functions. Where a student's cell imports one
    of them by its own name, a check may use it too.
``CLOSED_MODULES``
    Modules of the package that no check imports because a student's cell does.
``REFERENCE_FILES``
    A folder, relative to the course's, with what the reference solution hands in beside its
    notebooks, such as trained weights; ``{assignment}`` stands for the name of the assignment.
``AHEAD`` and ``open_ahead(names)``
    A mapping, as ``DATA_SETS`` is one, of what takes long to open and is the same for all
    submissions, such as data sets. What the function keeps of them in the package is there
    in all processes that are forked afterwards, the students' too.
``DATA_SETS``
    A mapping: the name of a data set to a regular expression that finds its use in the text
    of notebooks and modules. ``fetch_arguments(name)`` returns the arguments with which Python
    fetches one into the data folder, where an autograder is set up; ``OFFERS_DATA`` names the
    subpackage that offers them, whose own text proves no use.

Functions that the checks call very often may use the protocol of ``__call_each__``: what a
check is handed in place of a student's function has a method of this name, which takes
``(rows, then)`` and calls the function once for each row, all in one message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

GROUP = "fairmark.course"


@dataclass(frozen=True)
class CoursePackage:
    """A package that course notebooks import.

    Attributes
    ----------
    name : str
        Of the package, as it is imported.
    hints : object
        What its entry point names.
    """

    name: str
    hints: Any

    @property
    def folder(self) -> Path:
        """The folder of the package."""
        return Path(str(import_module(self.name).__file__)).resolve().parent

    def modules_ahead(self, libraries: Iterable[str]) -> list[str]:
        """Return the modules that are imported once for all submissions."""
        named = getattr(self.hints, "modules_ahead", None)
        return list(named(tuple(libraries))) if named else []

    @property
    def ahead(self) -> Mapping[str, re.Pattern[str]]:
        """Name of what can be opened once for all to the expression that finds its use."""
        return {n: re.compile(e) for n, e in getattr(self.hints, "AHEAD", {}).items()}

    def open_ahead(self, names: Iterable[str]) -> None:
        """Open some of them."""
        wanted = tuple(name for name in names if name in self.ahead)
        if wanted:
            self.hints.open_ahead(wanted)

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables of the processes that run notebooks."""
        return dict(getattr(self.hints, "ENVIRONMENT", {}))

    def data(self) -> tuple[str, str]:
        """Return the variable and the folder of the data sets; two empty texts for none."""
        folder = self.hints.data_folder() if self.data_variable else ""
        return (self.data_variable, str(folder)) if folder else ("", "")

    @property
    def plain_modules(self) -> frozenset[str]:
        """Modules whose functions a check may take, although a student's cell imports them."""
        return frozenset(getattr(self.hints, "PLAIN_MODULES", ()))

    def opens(self, module: str) -> bool:
        """Tell whether a check may import a module of the package as a student's cell does."""
        closed = getattr(self.hints, "CLOSED_MODULES", ())
        return not any(module == name or module.startswith(f"{name}.") for name in closed)

    @property
    def reference_files(self) -> str:
        """The folder of what the reference hands in beside its notebooks; empty for none."""
        return str(getattr(self.hints, "REFERENCE_FILES", ""))

    @property
    def data_sets(self) -> Mapping[str, re.Pattern[str]]:
        """Name of each data set to the expression that finds its use."""
        return {n: re.compile(e) for n, e in getattr(self.hints, "DATA_SETS", {}).items()}

    @property
    def offers_data(self) -> str:
        """The subpackage that offers the data sets; empty for none."""
        return str(getattr(self.hints, "OFFERS_DATA", ""))

    @property
    def data_variable(self) -> str:
        """The variable that names the folder with data sets; empty for none."""
        return str(getattr(self.hints, "DATA_VARIABLE", ""))

    def fetch_arguments(self, name: str) -> list[str]:
        """Return the arguments with which Python fetches a data set into the data folder."""
        return list(self.hints.fetch_arguments(name))


@cache
def course_packages() -> dict[str, CoursePackage]:
    """Return the packages that are installed here and named as a course's, by name."""
    return {point.name: CoursePackage(point.name, point.load()) for point in _points()}


@cache
def _points() -> tuple[EntryPoint, ...]:
    """Return the entry points whose package can be imported here.

    Metadata may be seen where the code is not, as for an editable installation of another
    environment. No notebook can use such a package either. They are looked for once, in the
    warm server for all that it forks: the search through all that is installed takes 10 ms.
    """
    return tuple(p for p in entry_points(group=GROUP) if find_spec(p.name) is not None)


@cache
def names_of_course_packages() -> tuple[str, ...]:
    """Return their names, without importing any of them."""
    return tuple(sorted(point.name for point in _points()))


def ahead_of(text: str) -> tuple[str, ...]:
    """Return the names of what a text of Python uses and can be opened once for all."""
    packages = course_packages().values()
    return tuple(n for p in packages for n, sign in p.ahead.items() if sign.search(text))


def data_folders() -> dict[str, str]:
    """Return the folders with data sets, by the variable that names each to notebooks."""
    pairs = (package.data() for package in course_packages().values())
    return {variable: folder for variable, folder in pairs if variable}
