"""What an author forgets in a source notebook: a check for a task, points, a grade id."""

import re
from collections import Counter

from fairmark.cells import SOLUTION, delimiters, grade_id_of, marking, metadata_of
from nbformat import NotebookNode

from chainrule.course.problems import Problem, place_of

_SECTION = re.compile(r"^##\s", re.MULTILINE)


def problems_of(name: str, notebook: NotebookNode) -> list[Problem]:
    """Find what is unfinished in one notebook, beside what `faults_of` names.

    Parameters
    ----------
    name : str
        Such as ``backprop/graphs.ipynb``.
    notebook : NotebookNode
        Of ``source/``.
    """
    return [*_points(name, notebook), *_tasks_without_a_check(name, notebook)]


def faults_of(name: str, notebook: NotebookNode) -> list[Problem]:
    """Find what nbgrader refuses too, without naming the cell.

    Parameters
    ----------
    name : str
        Such as ``backprop/graphs.ipynb``.
    notebook : NotebookNode
        Of ``source/``.
    """
    return [*_grade_ids(name, notebook), *_regions(name, notebook)]


def _grade_ids(name: str, notebook: NotebookNode) -> list[Problem]:
    used = Counter(filter(None, map(grade_id_of, notebook.cells)))
    return [
        Problem(f"{name}, {grade_id}", f"the grade id is used {times} times", "Give each its own.")
        for grade_id, times in used.items()
        if times > 1
    ]


def _regions(name: str, notebook: NotebookNode) -> list[Problem]:
    """Find solutions in cells that students do not write into: nbgrader would leave them there."""
    begin = delimiters([SOLUTION])[0]
    return [
        Problem(
            place_of(name, cell),
            "a solution region stands in a non-solution cell",
            "Make it a manually or an automatically graded answer.",
        )
        for cell in notebook.cells
        if begin in cell.source and not marking(cell).solution
    ]


def points_of(cell: NotebookNode) -> float | None:
    """Return a cell's points as its metadata give them; None where they give no number."""
    points = metadata_of(cell).get("points")
    if isinstance(points, bool) or not isinstance(points, int | float) or points < 0:
        return None
    return float(points)


def _points(name: str, notebook: NotebookNode) -> list[Problem]:
    """Find graded cells whose metadata give no points; 0 is a number that somebody chose."""
    return [
        Problem(
            place_of(name, cell),
            "a check with no points" if marking(cell).check else "a graded cell with no points",
            "Write its points into the cell's metadata, 0 for none.",
        )
        for cell in notebook.cells
        if marking(cell).graded and points_of(cell) is None
    ]


def _tasks_without_a_check(name: str, notebook: NotebookNode) -> list[Problem]:
    """Find code that students write and nobody judges before the next second-level heading."""
    found: list[Problem] = []
    waiting: list[Problem] = []
    for cell in notebook.cells:
        of = marking(cell)
        if of.graded:
            waiting = []
        elif of.solution and cell.cell_type == "code":
            cause = "a task without a check"
            remedy = "Add a check, or an answer that is marked by hand, in the same section."
            waiting.append(Problem(place_of(name, cell), cause, remedy))
        elif cell.cell_type == "markdown" and _SECTION.search(cell.source):
            found, waiting = found + waiting, []
    return found + waiting
