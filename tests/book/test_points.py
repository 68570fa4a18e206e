import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from chainrule.course import points


def graded(grade_id, worth, *, grade=True, solution=False, task=False):
    meta = {"grade_id": grade_id, "grade": grade, "solution": solution, "task": task}
    if worth is not None:
        meta["points"] = worth
    make = new_markdown_cell if task else new_code_cell
    return make("text", metadata={"nbgrader": meta})


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "source" / "first"
    folder.mkdir(parents=True)
    cells = [
        new_markdown_cell("# Title\n\n```\n## not a heading (99 points)\n```"),
        new_markdown_cell("## Task 1: `f` and $g$ (3 points)\n\nText."),
        graded("f1", None, grade=False, solution=True),
        graded("f1-forward", 1),
        new_markdown_cell("### A hint"),
        graded("f1-backward", 2),
        new_markdown_cell("## Task 2: a report (2.5 points)"),
        graded("r", 2.5, solution=True),
        graded("f10-drawing", 4, grade=False, task=True),
        new_markdown_cell("## Statement"),
        graded("who", 0, solution=True),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "nb.ipynb")
    return tmp_path


def test_cells_are_grouped_by_the_heading_that_promises_points(course):
    tasks = points.tasks(points.read_course(course))
    assert [(task.title, task.auto, task.hand) for task in tasks] == [
        ("Task 1: `f` and $g$", 3, 0),
        ("Task 2: a report", 0, 6.5),
        ("Statement", 0, 0),
    ]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("", 9.5),
        ("first", 9.5),
        ("first:auto", 3),
        ("first/nb:hand", 6.5),
        ("first/nb/f1", 3),  # and not f10-drawing
        ("first/nb/f1-backward", 2),
        ("first/nb/f1:hand", 0),
    ],
)
def test_a_target_names_points(course, target, expected):
    assert points.total(points.read_course(course), target) == expected


@pytest.mark.parametrize(
    "target", ["frist", "first/bn", "first/nb/f", "first:automatic", "a/b/c/d"]
)
def test_a_wrong_target_is_an_error_and_not_zero(course, target):
    with pytest.raises(points.PointsError):
        points.total(points.read_course(course), target)


def test_without_source_the_release_is_read(course):
    (course / "source").rename(course / "release")
    assert points.total(points.read_course(course)) == 9.5


@pytest.mark.parametrize(("number", "text"), [(3.0, "3"), (2.5, "2.5"), (0, "0")])
def test_numbers_are_written_without_needless_digits(number, text):
    assert points.show(number) == text


def test_the_release_gives_the_same_points_as_the_source(root):
    def summary(cells):
        return [(c.assignment, c.notebook, c.grade_id, c.points, c.by_hand) for c in cells]

    source = points.read_course(root)
    release = [
        cell
        for path in sorted((root / "release").glob("*/*.ipynb"))
        for cell in points.read_notebook(path)
    ]
    assert source
    assert summary(source) == summary(release)


def test_the_first_assignment_gives_what_the_course_promises(root):
    cells = points.read_course(root)
    assert points.total(cells, "backprop") == 25
    promised = {"f1": 3, "f2": 4, "f3": 8, "f4": 10}
    for task, worth in promised.items():
        assert points.total(cells, f"backprop/graphs/{task}") == worth
    assert points.total(cells, "backprop/graphs/f4-drawing") == 5


def test_no_page_types_a_number_of_points_by_hand(root):
    for page in (root / "book").glob("*.md"):
        typed = re.findall(r"\b\d+(?:\.\d+)? points?\b", page.read_text(encoding="utf-8"))
        assert not typed, f"{page.name}: write {{points}}`...` in place of {typed}"
