"""Figures that the release has drawn are not drawn again; what their cells define is defined."""

from __future__ import annotations

import json

import nbformat
import pytest
from grader_support import course_maker as maker
from nbformat.v4 import new_code_cell, new_output

from fairmark.folder import CourseFolder
from fairmark.grading.engine import grade
from fairmark.grading.template import load_template
from fairmark.limits import Limits

FIGURE = "import math\nside = math.sqrt(9)\n\nprint('drawn', side)"
USES_IT = "def f1(x):\n    return 2 * x * side / 3"
SHOWN = "<svg>the figure of the release</svg>"


@pytest.fixture
def drawn(course):
    """A course whose release has drawn a figure; the source has the same cell."""
    for place, outputs in (("source", []), ("release", [display()])):
        book = maker.source_notebook() if place == "source" else maker.released_notebook()
        book.cells.insert(2, figure_cell(FIGURE, outputs))
        path = course / place / maker.ASSIGNMENT / "kite.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, path)
    return course


def display():
    return new_output("display_data", data={"text/html": SHOWN})


def figure_cell(text, outputs=()):
    return new_code_cell(text, id="figure-1", metadata={"tags": ["figure"]}, outputs=list(outputs))


def handed_in(root, text=FIGURE, tags=("figure",)):
    book = maker.filled(**{**maker.ANSWERS, "f1": USES_IT})
    book.cells.insert(2, figure_cell(text))
    book.cells[2].metadata["tags"] = list(tags)
    maker.hand_in(root, "ann", book)


def graded(root):
    row = grade(root, maker.ASSIGNMENT, limits=Limits(cell_seconds=20))[0]
    book = nbformat.read(root / "autograded/ann/kite/kite.ipynb", 4)
    cell = next(c for c in book.cells if "math.sqrt" in c.source)
    return row, json.dumps(cell.outputs)


@pytest.mark.usefixtures("sandbox")
class TestFigure:
    def test_is_shown_and_not_drawn_again(self, drawn):
        handed_in(drawn)
        row, outputs = graded(drawn)
        assert SHOWN in outputs and "drawn 3" not in outputs
        assert row.checks["f1-forward"] == 3.0  # what the cell defines is there
        assert row.score == 9.0

    def test_the_tag_of_the_student_does_not_matter(self, drawn):
        handed_in(drawn, tags=())
        assert SHOWN in graded(drawn)[1]

    @pytest.mark.parametrize(
        "text", [FIGURE.replace("drawn", "Drawn"), FIGURE + " ", "x=1;" + FIGURE]
    )
    def test_a_cell_that_was_changed_is_run_whole(self, drawn, text):
        handed_in(drawn, text)
        outputs = graded(drawn)[1]
        assert SHOWN not in outputs and "rawn 3" in outputs

    def test_a_cell_that_fails_shows_it(self, drawn):
        """Of a student who has broken the name that it imports."""
        handed_in(drawn)
        path = drawn / "submitted/ann/kite/kite.ipynb"
        book = nbformat.read(path, 4)
        book.cells.insert(2, new_code_cell("import sys\nsys.modules['math'] = None"))
        nbformat.write(book, path)
        outputs = graded(drawn)[1]
        assert SHOWN not in outputs and "Error" in outputs

    def test_a_new_drawing_is_a_change(self, drawn):
        handed_in(drawn)
        graded(drawn)
        path = drawn / "release/kite/kite.ipynb"
        path.write_text(path.read_text().replace("of the release", "of another one"))
        row, outputs = graded(drawn)
        assert "of another one" in outputs and not row.unchanged


@pytest.mark.parametrize(
    "break_it",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text("{"),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text(path.read_text().replace("display_data", "stream")),
        lambda path: path.write_text(path.read_text().replace('"figure"', '"other"')),
        lambda path: path.write_text(path.read_text().replace("print(", "y = str(")),
        lambda path: path.write_text(path.read_text().replace('\\n",\n    "print(', "; print(")),
    ],
)
def test_without_a_drawing_of_the_release_all_is_run(drawn, break_it):
    break_it(drawn / "release/kite/kite.ipynb")
    template, _ = load_template(CourseFolder(drawn), maker.ASSIGNMENT)
    assert template.notebooks[0].drawn.get(FIGURE) is None
    assert not any(d.text == "import math\n" for d in template.notebooks[0].drawn.values())
