"""Compare the points that headings promise with the points in the notebooks' metadata."""

from __future__ import annotations

import re

from fairmark.cells import marking
from nbformat import NotebookNode

from chainrule.course.problems import Problem
from chainrule.course.unfinished import points_of

_HEADING = re.compile(r"^##\s+(.*?)(?:\((\d+(?:\.\d+)?) points?\))?\s*$", re.MULTILINE)


def problems_of(name: str, notebook: NotebookNode) -> list[Problem]:
    """Find the headings of a notebook that disagree with its cells.

    Each second-level heading of the form ``## Task (3 points)`` must be followed,
    up to the next such heading, by cells that give just so many points; and no
    points may be given under a heading that promises none.

    Parameters
    ----------
    name : str
        Such as ``backprop/graphs.ipynb``.
    notebook : NotebookNode
        Of ``source/``.
    """
    remedy = "Change the heading, or the points in the cells' metadata."
    return [
        Problem(name, f"“{title}” promises {promised:g}, its cells {given:g}", remedy)
        for title, promised, given in sections(notebook)
        if promised != given
    ]


def sections(notebook: NotebookNode) -> list[tuple[str, float, float]]:
    """Return title, promised points and given points of each section with points."""
    found = [("(before the first heading)", 0.0, 0.0)]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for title, promised in _HEADING.findall(cell.source):
                found.append((title.strip(), float(promised or 0), 0.0))
        title, promised, given = found[-1]
        # Points that are no number are named elsewhere.
        points = (points_of(cell) or 0.0) if marking(cell).graded else 0.0
        found[-1] = (title, promised, given + points)
    return [section for section in found if section[1] or section[2]]
