"""Compare the points that headings promise with the points in the notebooks' metadata."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from fairmark.cells import marking
from nbformat import NotebookNode

from chainrule.course.paths import CourseError

_HEADING = re.compile(r"^##\s+(.*?)(?:\((\d+(?:\.\d+)?) points?\))?\s*$", re.MULTILINE)


def check(folder: Path) -> None:
    """Check every notebook of one assignment's source folder.

    Each second-level heading of the form ``## Task (3 points)`` must be followed,
    up to the next such heading, by cells that give just so many points; and no
    points may be given under a heading that promises none.

    Raises
    ------
    CourseError
        Lists every heading that disagrees.
    """
    wrong = []
    for path in sorted(folder.glob("*.ipynb")):
        for title, promised, given in sections(nbformat.read(path, as_version=4)):
            if promised != given:
                wrong.append(f"{path.name}: “{title}” promises {promised:g}, its cells {given:g}")
    if wrong:
        raise CourseError("Points in the text differ from the metadata:\n- " + "\n- ".join(wrong))


def sections(notebook: NotebookNode) -> list[tuple[str, float, float]]:
    """Return title, promised points and given points of each section with points."""
    found = [("(before the first heading)", 0.0, 0.0)]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for title, promised in _HEADING.findall(cell.source):
                found.append((title.strip(), float(promised or 0), 0.0))
        title, promised, given = found[-1]
        found[-1] = (title, promised, given + marking(cell).points)
    return [section for section in found if section[1] or section[2]]
