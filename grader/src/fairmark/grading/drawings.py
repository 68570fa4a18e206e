"""Figures that the release has drawn: they are not drawn again for each student.

A course may run cells of its own when it releases an assignment, those with the tag
``figure``, and keep what they draw in the notebooks in ``release/``. It does so without a
line of any student's, so the drawing is the same in all submissions. In such a cell all but
the last expression is run, which is the figure; what it showed at the release takes its
place. A cell whose text is another one by a single sign is run whole.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from fairmark.cells import marking, without_closed_regions
from fairmark.folder import CourseFolder
from fairmark.model import Drawing, Template

TAG = "figure"


def with_drawings(course: CourseFolder, template: Template) -> Template:
    """Add to an instructors' version what its release has drawn.

    Parameters
    ----------
    course : CourseFolder
        The course; without ``release/`` nothing is added.
    template : Template
        The instructors' version.
    """
    folder = course.path("release", ".", template.assignment)
    notebooks = [
        replace(notebook, drawn=_drawings(folder / f"{notebook.name}.ipynb"))
        for notebook in template.notebooks
    ]
    return replace(template, notebooks=tuple(notebooks))


def _drawings(path: Path) -> dict[str, Drawing]:
    """Return the drawings of a released notebook by the texts of their cells."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found = {text: _drawing(text, cell) for cell in cells if (text := _figure_text(cell))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # There is no release, or it is no notebook: the figures are drawn for each student.
        return {}
    return {text: drawing for text, drawing in found.items() if drawing is not None}


def _figure_text(cell: Mapping[str, Any]) -> str:
    """Return the text of a cell that has drawn a figure; an empty one for any other."""
    if cell["cell_type"] != "code" or TAG not in cell["metadata"].get("tags", ()):
        return ""
    kinds = [output["output_type"] for output in cell["outputs"]]
    return "".join(cell["source"]) if kinds == ["display_data"] else ""


def _drawing(text: str, cell: Mapping[str, Any]) -> Drawing | None:
    """Return what is run of a figure cell and what it has shown; None if it ends otherwise."""
    try:
        lines = ast.parse(text).body
    except SyntaxError:
        return None
    if not lines or not isinstance(lines[-1], ast.Expr):
        return None
    last = lines[-1]
    kept = text.splitlines(keepends=True)[: last.lineno - 1]
    if len(lines) > 1 and (lines[-2].end_lineno or 0) >= last.lineno:
        return None  # two statements in one line
    return Drawing("".join(kept), tuple(cell["outputs"]))


def draw_in(notebook: NotebookNode, drawn: Mapping[str, Drawing]) -> NotebookNode:
    """Return an executed notebook in which cells show what the release has drawn.

    Parameters
    ----------
    notebook : NotebookNode
        Not changed.
    drawn : mapping
        As `TemplateNotebook.drawn`.
    """
    if not drawn:
        return notebook
    notebook = NotebookNode(notebook)
    notebook.cells = [_shown(cell, drawn) for cell in notebook.cells]
    return notebook


def _shown(cell: NotebookNode, drawn: Mapping[str, Drawing]) -> NotebookNode:
    if cell.cell_type != "code" or cell.execution_count is None or marking(cell).graded:
        return cell
    drawing = drawn.get(without_closed_regions(cell.source))
    if drawing is None or any(out.output_type == "error" for out in cell.outputs):
        return cell
    cell = NotebookNode(cell)
    shown = [NotebookNode(out) for out in copy.deepcopy(drawing.outputs)]
    for output in shown:
        output.data = {kind: "".join(text) for kind, text in output.data.items()}
    cell.outputs = [*cell.outputs, *shown]
    return cell
