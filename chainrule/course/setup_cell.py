"""The set-up cell: the first code cell of every notebook that students open."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from chainrule.course.problems import read_sources
from chainrule.course.repository_url import Address

TAG = "setup"

_TEMPLATE = """\
# Set-up: run this cell first. It installs chainrule where it is missing.
import importlib
import importlib.util
import pathlib
import subprocess
import sys

REPOSITORY = "{repository}"  # the instructor sets this: chainrule address URL

if importlib.util.find_spec("chainrule") is None:
    here = pathlib.Path.cwd()
    copies = [f for f in (here, *here.parents) if (f / "chainrule" / "__init__.py").is_file()]
    if copies:  # a copy of the course around this notebook: nothing to download
        sys.path.insert(0, str(copies[0]))
        print("Using chainrule from the folder", copies[0])
    elif REPOSITORY:
        print("Installing chainrule from", REPOSITORY, "...")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "git+" + REPOSITORY]
        done = subprocess.run(pip)
        if done.returncode != 0:
            raise RuntimeError(
                "chainrule could not be installed from " + REPOSITORY + ". pip says why above. "
                "Are you online? If so, send pip's message to your instructor."
            )
        importlib.invalidate_caches()
    else:
        raise ModuleNotFoundError(
            "chainrule is not installed here, and this notebook names no address to install it "
            "from. Ask your instructor for it. (For the instructor: run `chainrule address URL` "
            "in the course folder, and hand out the new release.)"
        )

import chainrule  # prepares some libraries for the cells below
"""


def setup_source(address: Address) -> str:
    """Return the text of the set-up cell for one repository address."""
    repository = f"{address.url}@{address.branch}" if address.url else ""
    return _TEMPLATE.format(repository=repository).rstrip("\n")


def is_setup(cell: NotebookNode) -> bool:
    """Tell whether a cell is the set-up cell."""
    return TAG in cell.get("metadata", {}).get("tags", [])


def fill_setup_cells(notebook: NotebookNode, address: Address) -> bool:
    """Write the set-up cell of a notebook; returns whether that changed it."""
    changed = False
    for cell in notebook.cells:
        if is_setup(cell) and cell.source != setup_source(address):
            cell.source = setup_source(address)
            changed = True
    return changed


def rewrite_setup_cells(root: Path, address: Address) -> list[Path]:
    """Write the set-up cells of all sources and lessons; returns the notebooks that changed.

    A notebook of ``source/`` that cannot be read is left as it is: the release names it.
    """
    changed = []
    notebooks = {path: nbformat.read(path, as_version=4) for path in root.glob("notebooks/*.ipynb")}
    for folder in (root / "source").glob("*/"):
        readable, _ = read_sources(folder)
        notebooks |= {folder.parent / name: notebook for name, notebook in readable.items()}
    for path, notebook in sorted(notebooks.items()):
        if fill_setup_cells(notebook, address):
            write_notebook(notebook, path)
            changed.append(path)
    return changed


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook in the one form that the repository uses, so that diffs stay small."""
    path.write_text(notebook_text(notebook), encoding="utf-8")


def notebook_text(notebook: NotebookNode) -> str:
    """Return a notebook as JSON: sorted keys, one space of indent, a newline at the end."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT, indent=1, sort_keys=True)
    return text.rstrip("\n") + "\n"
