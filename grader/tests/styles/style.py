"""What a style is: a small notebook of a course that is not ours, with answers to it."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Cell:
    """One cell of the instructors' notebook.

    Attributes
    ----------
    kind : str
        ``given`` (locked), ``free`` (anybody may edit it), ``answer`` or ``check``.
    name : str
        Its grade id; empty for a free cell.
    text : str
        As the instructors wrote it, with the solution and the hidden tests.
    points : float
        Of a check.
    """

    kind: str
    name: str
    text: str
    points: float = 0.0


def given(text: str, name: str = "given") -> Cell:
    return Cell("given", name, _plain(text))


def free(text: str) -> Cell:
    return Cell("free", "", _plain(text))


def answer(text: str, name: str = "answer") -> Cell:
    """The student's cell; where no region is marked in it, the whole of it is the solution."""
    text = _plain(text)
    return Cell("answer", name, text if BEGIN in text else f"{BEGIN}\n{text}\n{END}")


def check(text: str, name: str = "t1", points: float = 2.0) -> Cell:
    return Cell("check", name, _plain(text), points)


@dataclass(frozen=True)
class Answer:
    """What a student hands in.

    Attributes
    ----------
    texts : mapping
        Name of the answer's cell to its text; where one is missing, the solution stands there.
    marks : mapping
        Points of the checks that do not get what the kind of the answer says: all for a right
        one, nothing for a wrong one.
    """

    texts: Mapping[str, str]
    marks: Mapping[str, float] = field(default_factory=dict)


def of(text: str, cell: str = "answer", **marks: float) -> Answer:
    """An answer to one cell, with the points of the checks that do not fail through it."""
    return Answer({cell: _plain(text)}, marks)


@dataclass(frozen=True)
class Style:
    """A style of check cells.

    Attributes
    ----------
    name : str
        In words.
    kind : str
        What of Python or of a library the check relies on, in a word or two.
    cells : tuple of Cell
        The instructors' notebook.
    wrong, right : tuple of Answer
        Mistakes that students make, and unusual right answers.
    files : mapping
        The instructors' files beside the notebook.
    needs : tuple of str
        Libraries that it cannot do without.
    """

    name: str
    kind: str
    cells: tuple[Cell, ...]
    wrong: tuple[Answer, ...]
    right: tuple[Answer, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    @property
    def most(self) -> dict[str, float]:
        """Every check with all its points."""
        return {cell.name: cell.points for cell in self.cells if cell.kind == "check"}

    def missing(self) -> list[str]:
        """The libraries that are not installed here."""
        return [name for name in self.needs if importlib.util.find_spec(name) is None]

    def source(self) -> NotebookNode:
        """The instructors' notebook."""
        notebook = new_notebook(cells=[_node(cell) for cell in self.cells])
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell-{number}"
        notebook.metadata.kernelspec = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        return notebook

    def released(self) -> NotebookNode:
        """The notebook that students get."""
        notebook = self.source()
        for preprocessor in (ClearSolutions(), ClearHiddenTests()):
            notebook, _ = preprocessor.preprocess(notebook, {})
        return notebook

    def reference(self) -> Answer:
        """The instructors' own solution."""
        return Answer({})

    def untouched(self) -> Answer:
        """What a student hands in who has done nothing."""
        texts = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in self.released().cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        return Answer(texts)

    def handed_in(self, chosen: Answer, *, tests: bool) -> NotebookNode:
        """The notebook with an answer; with hidden tests, as grading runs it, or without."""
        notebook = self.source()
        if not tests:
            notebook, _ = ClearHiddenTests().preprocess(notebook, {})
        for cell in notebook.cells:
            text = chosen.texts.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if text is not None:
                cell.source = text
        return notebook

    def answers(self) -> dict[str, tuple[Answer, dict[str, float]]]:
        """Every answer by a name, with the marks that it deserves."""
        nothing = dict.fromkeys(self.most, 0.0)
        found = {
            "reference": (self.reference(), self.most),
            "untouched": (self.untouched(), nothing),
        }
        for number, one in enumerate(self.wrong, 1):
            found[f"wrong-{number}"] = (one, {**nothing, **one.marks})
        for number, one in enumerate(self.right, 1):
            found[f"right-{number}"] = (one, {**self.most, **one.marks})
        return found


def style(
    name: str,
    kind: str,
    *cells: Cell,
    wrong: tuple[str | Answer, ...],
    right: str | Answer | tuple[str | Answer, ...],
    files: Mapping[str, str] | None = None,
    needs: str = "",
) -> Style:
    """A style, with an answer to its only answer's cell given as its text."""
    unusual = right if isinstance(right, tuple) else (right,)
    return Style(
        name,
        kind,
        cells,
        tuple(one if isinstance(one, Answer) else of(one) for one in wrong),
        tuple(one if isinstance(one, Answer) else of(one) for one in unusual),
        {path: f"{_plain(text)}\n".encode() for path, text in (files or {}).items()},
        tuple(needs.split()),
    )


def _plain(text: str) -> str:
    return dedent(text).strip("\n")


def _node(cell: Cell) -> NotebookNode:
    if cell.kind == "free":
        return new_code_cell(cell.text)
    meta = {
        "schema_version": 3,
        "grade_id": cell.name,
        "grade": cell.kind == "check",
        "solution": cell.kind == "answer",
        "locked": cell.kind != "answer",
        "task": False,
    }
    if cell.kind == "check":
        meta["points"] = cell.points
    return new_code_cell(cell.text, metadata={"nbgrader": meta})
