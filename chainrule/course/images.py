"""The images of the notebooks that students get: each has its file, and a text in its place."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from nbformat import NotebookNode

from chainrule.course.problems import Problem, place_of


def problems_of(name: str, notebook: NotebookNode, folder: Path) -> list[Problem]:
    """Find images without a file, and images without alt text.

    Parameters
    ----------
    name : str
        Such as ``backprop/graphs.ipynb``.
    notebook : NotebookNode
        As students get it.
    folder : Path
        Where it lies, with its images.
    """
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for source, alt in _images(cell.source):
            place = place_of(name, cell)
            if not _is_there(source, cell, folder):
                remedy = f"Put it into source/{folder.name}/, where students get it from."
                found.append(Problem(place, f"there is no image {source!r}", remedy))
            if not alt.strip():
                cause = f"the image {source[:60]!r} has no alt text"
                found.append(Problem(place, cause, "Say what it shows: ![a text](file)."))
    return found


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            given = dict(attrs)
            self.found.append((given.get("src") or "", given.get("alt") or ""))


def _images(markdown: str) -> Iterator[tuple[str, str]]:
    """Yield address and alt text of each image, of Markdown and of HTML; none of shown code."""
    parser = _Images()
    parser.feed(MarkdownIt("commonmark").render(markdown))
    parser.close()
    yield from parser.found


def _is_there(source: str, cell: NotebookNode, folder: Path) -> bool:
    """Look for an image that is to come with the notebook; one of another site is not asked for."""
    address = urlsplit(source)
    if address.scheme == "attachment":
        return unquote(address.path) in cell.get("attachments", {})
    if address.scheme or address.netloc:
        return True
    path = (folder / unquote(address.path)).resolve()
    return path.is_file() and path.is_relative_to(folder.resolve())
