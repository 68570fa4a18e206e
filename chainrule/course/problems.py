"""What is wrong with an assignment that is to be handed out: all of it, each with its place."""

import json
from dataclasses import dataclass
from pathlib import Path

import nbformat
from fairmark.cells import grade_id_of
from nbformat import NotebookNode

from chainrule.course.paths import CourseError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    place : str
        The notebook, and the cell by its grade id; see `place_of`.
    cause : str
        What is wrong there.
    remedy : str
        What to do about it.
    """

    place: str
    cause: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.cause}." + (f" {self.remedy}" if self.remedy else "")


class Broken(CourseError):
    """An assignment cannot be handed out; the message lists everything that is wrong with it."""

    def __init__(self, assignment: str, problems: list[Problem]) -> None:
        listing = "\n- ".join(str(problem) for problem in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{assignment} has {count}:\n- {listing}")
        self.problems = problems


def place_of(notebook: str, cell: NotebookNode) -> str:
    """Name a cell: by its grade id, or by its id and first line where it has none.

    Parameters
    ----------
    notebook : str
        Where it stands, such as ``backprop/graphs.ipynb``.
    cell : NotebookNode
        The cell.
    """
    grade_id = grade_id_of(cell)
    if grade_id:
        return f"{notebook}, {grade_id}"
    first = cell.source.strip().split("\n")[0][:50]
    return f"{notebook}, cell {cell.get('id', 'without an id')} (“{first}”)"


def read_source(path: Path) -> NotebookNode:
    """Read a notebook that an instructor wrote.

    Raises
    ------
    CourseError
        When it is no notebook of format 4, as a file with marks of a merge.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text)
        if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
            raise ValueError("it has no list of cells")
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        reason = str(error).split("\n")[0]
        raise CourseError(f"{name} cannot be read as a notebook: {reason}") from error
    return notebook


def read_sources(folder: Path) -> tuple[dict[str, nbformat.NotebookNode], list[Problem]]:
    """Read the notebooks of an assignment's folder.

    Returns
    -------
    notebooks : dict
        ``ASSIGNMENT/NOTEBOOK.ipynb`` to the notebook, those that can be read.
    problems : list of Problem
        The others.
    """
    notebooks, problems = {}, []
    for path in sorted(folder.glob("*.ipynb")):
        name = f"{folder.name}/{path.name}"
        try:
            notebooks[name] = read_source(path)
        except CourseError as error:
            cause = str(error).removeprefix(f"{name} ")
            problems.append(Problem(name, cause, "Open it in JupyterLab and save it."))
    return notebooks, problems
