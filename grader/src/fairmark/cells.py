"""The one reading of what nbgrader writes into cells: their metadata, and the regions of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The processes that run notebooks read regions too, and have no use for nbformat.
    from nbformat import NotebookNode

#: Where a cell keeps what this package knows of it and nbgrader does not.
OWN_METADATA = "fairmark"
_NBGRADER = "nbgrader"

SOLUTION, HIDDEN_TESTS, MARK_SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
#: The regions that are taken out of what students are given.
CLOSED_REGIONS = (HIDDEN_TESTS, MARK_SCHEME)


class Marking:
    """What nbgrader's metadata say of a cell.

    Attributes
    ----------
    meta : mapping
        The ``nbgrader`` metadata.
    cell_type : str
        ``code`` or ``markdown``.
    """

    meta: Mapping[str, Any]
    cell_type: str

    @property
    def solution(self) -> bool:
        """Whether the student writes into the cell."""
        return bool(self.meta.get("solution"))

    @property
    def task(self) -> bool:
        """Whether it is a task cell: a text whose answer stands in other cells."""
        return bool(self.meta.get("task"))

    @property
    def graded(self) -> bool:
        """Whether the cell carries points."""
        return bool(self.meta.get("grade")) or self.task

    @property
    def check(self) -> bool:
        """Whether it is a check: it gives points, holds no answer and is run for them."""
        return bool(self.meta.get("grade")) and not self.solution and self.cell_type == "code"

    @property
    def by_hand(self) -> bool:
        """Whether a person gives the points."""
        return self.task or (self.graded and not self.check)

    @property
    def locked(self) -> bool:
        """Whether the instructors' text holds, whatever was handed in."""
        if self.solution:
            return False
        return bool(self.meta.get("grade")) or bool(self.meta.get("locked"))

    @property
    def points(self) -> float:
        """The most that the cell can earn."""
        return float(self.meta.get("points") or 0.0) if self.graded else 0.0

    @property
    def flags(self) -> tuple[bool, bool, bool, float | None]:
        """What makes two markings give the same points; None where the points are no number."""
        points: float | None
        try:
            points = self.points
        except (TypeError, ValueError):
            points = None
        return (bool(self.meta.get("grade")), self.solution, self.task, points)


@dataclass(frozen=True)
class _OfCell(Marking):
    meta: Mapping[str, Any]
    cell_type: str


def metadata_of(cell: NotebookNode) -> Mapping[str, Any]:
    """Return nbgrader's metadata of a cell; empty where it has none that can be read.

    Parameters
    ----------
    cell : NotebookNode
        Any cell, also of a notebook that was handed in.
    """
    meta = cell.metadata.get(_NBGRADER)
    return meta if isinstance(meta, dict) else {}


def marking(cell: NotebookNode) -> Marking:
    """Return what nbgrader's metadata say of a cell.

    Parameters
    ----------
    cell : NotebookNode
        Any cell.
    """
    return _OfCell(metadata_of(cell), cell.cell_type)


def grade_id_of(cell: NotebookNode) -> str | None:
    """Return nbgrader's id of a cell, or None when it has none.

    Parameters
    ----------
    cell : NotebookNode
        Any cell.
    """
    grade_id = metadata_of(cell).get("grade_id")
    return grade_id if isinstance(grade_id, str) and grade_id else None


def is_check(cell: NotebookNode) -> bool:
    """Tell whether a cell is a check; see `Marking.check`.

    Parameters
    ----------
    cell : NotebookNode
        Any cell.
    """
    return marking(cell).check


def own_metadata(cell: NotebookNode) -> dict[str, object]:
    """Return what this package knows of a cell, such as the time that a check has.

    Parameters
    ----------
    cell : NotebookNode
        Any cell.
    """
    own = cell.metadata.get(OWN_METADATA)
    return dict(own) if isinstance(own, dict) else {}


def mark_cell(cell: NotebookNode, meta: Mapping[str, object]) -> None:
    """Give a cell nbgrader's metadata.

    Parameters
    ----------
    cell : NotebookNode
        Changed.
    meta : mapping
        In place of those that it has.
    """
    cell.metadata[_NBGRADER] = dict(meta)


def unmark_cell(cell: NotebookNode) -> None:
    """Take nbgrader's metadata from a cell.

    Parameters
    ----------
    cell : NotebookNode
        Changed.
    """
    cell.metadata.pop(_NBGRADER, None)


def set_own_metadata(cell: NotebookNode, own: Mapping[str, object]) -> None:
    """Set what this package knows of a cell, in place of whatever stands there.

    Parameters
    ----------
    cell : NotebookNode
        Changed.
    own : mapping
        Empty for nothing.
    """
    cell.metadata.pop(OWN_METADATA, None)
    if own:
        cell.metadata[OWN_METADATA] = dict(own)


# -- regions ---------------------------------------------------------------------
def delimiters(names: Sequence[str]) -> tuple[str, ...]:
    """Return the words with which regions begin and end.

    Parameters
    ----------
    names : sequence of str
        Of the regions, such as `CLOSED_REGIONS`.
    """
    return tuple(f"{word} {name}" for name in names for word in ("BEGIN", "END"))


_ALL = (SOLUTION, *CLOSED_REGIONS)
_DELIMITER = re.compile("|".join(delimiters(_ALL)))


def _between(names: Sequence[str]) -> re.Pattern[str]:
    """Match whole regions, with the lines of their delimiters."""
    words = "|".join(names)
    return re.compile(rf"^[^\n]*BEGIN ({words})(.*?)END \1[^\n]*\n?", re.DOTALL | re.MULTILINE)


_REGION, _CLOSED = _between(_ALL), _between(CLOSED_REGIONS)


def delimiters_in(text: str) -> list[str]:
    """Return the words with which regions begin and end in a text, in their order.

    Parameters
    ----------
    text : str
        Any text.
    """
    return _DELIMITER.findall(text)


def regions(text: str) -> list[str]:
    """Return the lines inside each region of a text.

    Parameters
    ----------
    text : str
        Of a cell.
    """
    # What is left of the delimiters' own lines is no part of the region.
    return ["\n".join(inside.split("\n")[1:-1]) for _, inside in _REGION.findall(text)]


def without_closed_regions(text: str) -> str:
    """Take hidden tests and marking schemes out of a text.

    Parameters
    ----------
    text : str
        Of a cell.
    """
    return _CLOSED.sub("", text)
