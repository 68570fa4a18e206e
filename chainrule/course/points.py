"""Points, read from the notebooks' nbgrader metadata.

No number of points is typed by hand anywhere else: the book's tables and the
numbers in its sentences come from here, and so can every other check of prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from fairmark.cells import delimiters_in, grade_id_of, marking

PROMISE = re.compile(r"\s*\(\s*([0-9]+(?:\.[0-9]+)?)\s+points?\b[^)]*\)\s*$")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
FENCE = re.compile(r"^\s*(```|~~~)")


class PointsError(ValueError):
    """The metadata do not say what was asked for."""


@dataclass(frozen=True)
class GradedCell:
    """A cell that carries points.

    Parameters
    ----------
    assignment, notebook : str
        Names, without folder and suffix.
    grade_id : str
        nbgrader's id of the cell.
    points : float
        Points of the cell. May be 0.
    by_hand : bool
        Whether a person gives the points (a report) or a check.
    task : str
        Text of the heading that the cell stands under, without its promise of points.
    promised : float or None
        Points that this heading promises, None where it promises none.
    """

    assignment: str
    notebook: str
    grade_id: str
    points: float
    by_hand: bool
    task: str
    promised: float | None


@dataclass(frozen=True)
class Task:
    """The graded cells under one heading."""

    assignment: str
    notebook: str
    title: str
    cells: tuple[GradedCell, ...]

    @property
    def auto(self) -> float:
        """Points that checks give."""
        return sum(cell.points for cell in self.cells if not cell.by_hand)

    @property
    def hand(self) -> float:
        """Points that a person gives."""
        return sum(cell.points for cell in self.cells if cell.by_hand)

    @property
    def points(self) -> float:
        """All points of the task."""
        return self.auto + self.hand


def show(points: float) -> str:
    """Write a number of points: ``3`` for 3.0, ``2.5`` for 2.5.

    Parameters
    ----------
    points : float

    Returns
    -------
    str
    """
    return f"{points:g}"


def notebook_folder(root: Path) -> Path:
    """Return the folder whose notebooks are read.

    That is ``source/``. A public copy of the course has no ``source/``; there
    ``release/`` carries the same metadata.

    Parameters
    ----------
    root : Path
        The course folder.

    Returns
    -------
    Path
    """
    source = root / "source"
    return source if any(source.glob("*/*.ipynb")) else root / "release"


def notebooks(root: Path, assignment: str | None = None) -> list[Path]:
    """List the assignments' notebooks, sorted by path.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str, optional
        Only this assignment.

    Returns
    -------
    list of Path
    """
    pattern = f"{assignment or '*'}/*.ipynb"
    found = notebook_folder(root).glob(pattern)
    return sorted(path for path in found if not path.name.startswith("."))


def read_notebook(path: Path) -> list[GradedCell]:
    """Read the graded cells of one notebook, in their order.

    A cell belongs to the nearest heading above it that promises points. Where
    none does, it belongs to the nearest heading.

    Parameters
    ----------
    path : Path
        ``.../<assignment>/<notebook>.ipynb``.

    Returns
    -------
    list of GradedCell
    """
    nb = nbformat.read(path, as_version=4)
    task, promised, level = path.stem, None, 7
    cells = []
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            for depth, text, points in _headings(cell.source):
                # A deeper heading without a promise stays inside the task above it.
                if points is None and promised is not None and depth > level:
                    continue
                task, promised, level = text, points, depth
        said = marking(cell)
        if not said.graded:
            continue
        cells.append(
            GradedCell(
                assignment=path.parent.name,
                notebook=path.stem,
                grade_id=grade_id_of(cell) or "",
                points=said.points,
                by_hand=said.by_hand,
                task=task,
                promised=promised,
            )
        )
    return cells


def _headings(source: str) -> Iterable[tuple[int, str, float | None]]:
    """Yield depth, text and promised points of the headings in a Markdown cell."""
    fenced = False
    for line in source.splitlines():
        if FENCE.match(line):
            fenced = not fenced
        # nbgrader's delimiters (### BEGIN MARK SCHEME) look like headings and are none.
        match = None if fenced or delimiters_in(line) else HEADING.match(line)
        if not match:
            continue
        text = match[2]
        promise = PROMISE.search(text)
        points = float(promise[1]) if promise else None
        yield len(match[1]), PROMISE.sub("", text), points


def read_course(root: Path) -> list[GradedCell]:
    """Read the graded cells of all notebooks of a course.

    Parameters
    ----------
    root : Path
        The course folder.

    Returns
    -------
    list of GradedCell
    """
    return [cell for path in notebooks(root) for cell in read_notebook(path)]


def tasks(cells: Iterable[GradedCell]) -> list[Task]:
    """Group cells by assignment, notebook and heading, in their order.

    Parameters
    ----------
    cells : iterable of GradedCell

    Returns
    -------
    list of Task
    """
    groups: dict[tuple[str, str, str], list[GradedCell]] = {}
    for cell in cells:
        groups.setdefault((cell.assignment, cell.notebook, cell.task), []).append(cell)
    return [Task(*key, cells=tuple(group)) for key, group in groups.items()]


def select(cells: Iterable[GradedCell], target: str) -> list[GradedCell]:
    """Pick the cells that a target names.

    Parameters
    ----------
    cells : iterable of GradedCell
    target : str
        ``assignment``, ``assignment/notebook`` or ``assignment/notebook/id``,
        each with ``:auto`` or ``:hand`` behind it if only these points count.
        An id stands for the cell of that name and for all whose names go on
        with a hyphen: ``f1`` stands for ``f1-forward`` too. An empty target
        names all cells.

    Returns
    -------
    list of GradedCell

    Raises
    ------
    PointsError
        If the target names nothing, so that a wrong name is never shown as 0.
    """
    path, _, kind = target.strip().partition(":")
    if kind not in ("", "auto", "hand"):
        raise PointsError(f"'{target}': after the colon stands 'auto' or 'hand', not '{kind}'.")
    parts = [part for part in path.split("/") if part]
    if len(parts) > 3:
        raise PointsError(f"'{target}' has too many parts: assignment/notebook/id.")
    named = [cell for cell in cells if _matches(cell, parts)]
    if not named:
        raise PointsError(f"No graded cell is called '{path}'.")
    if kind:
        named = [cell for cell in named if cell.by_hand == (kind == "hand")]
    return named


def _matches(cell: GradedCell, parts: list[str]) -> bool:
    names = (cell.assignment, cell.notebook)
    if any(part != name for part, name in zip(parts[:2], names, strict=False)):
        return False
    if len(parts) < 3:
        return True
    return cell.grade_id == parts[2] or cell.grade_id.startswith(parts[2] + "-")


def total(cells: Iterable[GradedCell], target: str = "") -> float:
    """Add up the points that a target names.

    Parameters
    ----------
    cells : iterable of GradedCell
    target : str
        See `select`.

    Returns
    -------
    float

    Raises
    ------
    PointsError
        If the target names nothing.
    """
    return sum(cell.points for cell in select(cells, target))
