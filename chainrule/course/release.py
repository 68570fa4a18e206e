"""Turn the instructors' notebooks into what students get.

nbgrader's own converter does the work. Two preprocessors are added to its list:
one writes the set-up cell, one draws the given figures, so that a fresh notebook
and the book show them. After the conversion each notebook gets a Python backup.
``nbgrader_config.py`` uses the same settings, so that plain
``nbgrader generate_assignment`` gives the same files.
"""

from __future__ import annotations

import ast
import glob
import io
import logging
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import jupytext
import nbformat
from fairmark.cells import marking, without_closed_regions
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode
from traitlets.config import Config

from chainrule.course import images, points_in_text, secrecy, unfinished
from chainrule.course.paths import CourseError
from chainrule.course.problems import Broken, Problem, read_sources
from chainrule.course.repository_url import read_address
from chainrule.course.setup_cell import fill_setup_cells, notebook_text

STUB = '# YOUR CODE HERE\nraise NotImplementedError("This task is still open: replace this line.")'
BACKUP_FOLDER = "python_backup"

_BACKUP_NOTE = """\
**This is the Python backup of `{name}.ipynb`**, for you who cannot run Jupyter.

Edit it with any editor, and run it with `python {name}.py`: it stops at the first task that is \
still open. `chainrule check {name}.py` runs all checks and shows a table. \
Hand in this file in place of the notebook. \
Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids."""


class FillSetupCell(NbGraderPreprocessor):
    """Write the set-up cell with the address that ``_config.yml`` names."""

    root = Unicode(".", help="The course folder.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Write the set-up cell of one notebook."""
        fill_setup_cells(nb, read_address(Path(self.root)))
        return nb, resources


class DrawFigures(NbGraderPreprocessor):
    """Run the cells tagged ``figure`` and keep what they draw."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Fill in the outputs of one notebook's figure cells."""
        names: dict = {}
        for cell in nb.cells:
            if cell.cell_type == "code" and "figure" in cell.metadata.get("tags", []):
                bundle = _run_figure(cell.source, names)
                cell.outputs = [nbformat.v4.new_output("display_data", data=bundle)]
        return nb, resources


def _run_figure(source: str, names: dict) -> dict:
    """Run a figure cell of our own and return the MIME bundle of its last expression."""
    tree = ast.parse(source)
    end = tree.body.pop() if tree.body else None
    if not isinstance(end, ast.Expr):
        raise CourseError(f"A cell tagged `figure` must end with the figure:\n{source}")
    last = ast.Expression(end.value)
    exec(compile(tree, "<figure>", "exec"), names)
    figure = eval(compile(last, "<figure>", "eval"), names)  # noqa: S307  (our own source)
    return dict(figure._repr_mimebundle_())


def configure_release(config: Config, root: Path, release_directory: str = "release") -> None:
    """Set nbgrader up to release this course; called by ``nbgrader_config.py`` too."""
    stock = list(GenerateAssignment.preprocessors.default_args[0])
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.release_directory = release_directory
    config.GenerateAssignment.preprocessors = [FillSetupCell, *stock, DrawFigures]
    config.GenerateAssignment.post_convert_hook = _Finish(root / release_directory)
    config.FillSetupCell.root = str(root)
    config.ClearSolutions.code_stub = {"python": STUB}


class _Finish:
    """Normalise the released notebooks and write their Python backups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, assignment: str, student: str, notebooks: list[str]) -> None:
        for path in sorted((self.folder / assignment).glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            path.write_text(notebook_text(notebook), encoding="utf-8")
            write_backup(notebook, path)

    def __deepcopy__(self, memo: dict) -> _Finish:
        return self


def write_backup(notebook: NotebookNode, path: Path) -> Path:
    """Write the Python backup of a released notebook into ``python_backup/`` beside it."""
    note = nbformat.v4.new_markdown_cell(_BACKUP_NOTE.format(name=path.stem), id="python-backup")
    copy = nbformat.from_dict({**notebook, "cells": [note, *notebook.cells]})
    copy.metadata["jupytext"] = {
        "cell_metadata_filter": "nbgrader,tags",
        "notebook_metadata_filter": "kernelspec,chainrule,-jupytext",
    }
    target = path.parent / BACKUP_FOLDER / f"{path.stem}.py"
    target.parent.mkdir(exist_ok=True)
    target.write_text(jupytext.writes(copy, fmt="py:percent"), encoding="utf-8")
    return target


def build_release(root: Path, assignment: str) -> Path:
    """Generate one assignment into ``_build/release/`` and check the result.

    Raises
    ------
    Broken
        Lists all that is wrong with the assignment.
    """
    problems = examine(root, assignment)
    if problems:
        raise Broken(assignment, problems)
    return built_folder(root, assignment)


def built_folder(root: Path, assignment: str) -> Path:
    """Return where an assignment is generated before it is published."""
    return root / "_build" / "release" / assignment


def examine(root: Path, assignment: str) -> list[Problem]:
    """Generate one assignment into ``_build/release/`` and find all that is wrong with it.

    Source notebooks and the result are looked at, and nothing of it is run but the figures
    that students are given; `chainrule.course.reference` runs the solutions.
    """
    notebooks, problems = read_sources(root / "source" / assignment)
    refused = _generate(root, assignment, notebooks)
    for name, notebook in notebooks.items():
        faults = unfinished.faults_of(name, notebook)
        problems += faults
        if name in refused and not faults:
            problems.append(Problem(name, f"nbgrader refuses it: {refused[name]}"))
        problems += unfinished.problems_of(name, notebook)
        problems += points_in_text.problems_of(name, notebook)
        problems += secrecy.problems_of(name, notebook)
    problems += secrecy.shared_canaries(root, assignment)
    built = built_folder(root, assignment)
    if refused or len(notebooks) < len(list((root / "source" / assignment).glob("*.ipynb"))):
        for name, notebook in notebooks.items():
            text = _without_solutions(notebook)
            problems += images.problems_of(name, text, root / "source" / assignment)
        return problems
    for name, notebook in read_sources(built)[0].items():
        problems += images.problems_of(name, notebook, built)
    leaks = secrecy.find(root, secrecy.files_of(built), of=assignment)
    problems += [Problem(leak.place, leak.what) for leak in leaks]
    if not (root / "release" / assignment).is_dir():
        for leak in secrecy.already_shown(root, assignment):
            cause = f"release/{leak.place} shows “{leak.secret.text[:60]}” already"
            problems.append(Problem(leak.secret.origin, cause, "Change one of the two."))
    return problems


def _without_solutions(notebook: NotebookNode) -> NotebookNode:
    """Return about what students would read of a notebook that nbgrader does not convert."""
    cells = [
        {**cell, "source": without_closed_regions(cell.source)}
        for cell in notebook.cells
        if not marking(cell).solution
    ]
    return nbformat.from_dict({**notebook, "cells": cells})


def _generate(root: Path, assignment: str, notebooks: Iterable[str]) -> dict[str, str]:
    """Let nbgrader generate an assignment; return what it refuses, notebook to reason."""
    try:
        _convert(root, assignment)
    except NbgraderRefuses:
        refused = {}
        for name in notebooks:  # it stops at the first that it refuses: ask for each
            try:
                _convert(root, assignment, Path(name).stem)
            except NbgraderRefuses as error:
                refused[name] = str(error)
        return refused
    return {}


def check_package(root: Path) -> None:
    """Search the package that students install for solutions and hidden tests.

    Raises
    ------
    CourseError
        Lists what was found, and where.
    """
    secrecy.check_folder(root, root / "chainrule")


class NbgraderRefuses(CourseError):
    """nbgrader's converter has failed; the message is what it said."""


def _convert(root: Path, assignment: str, notebook: str = "*") -> None:
    """Run nbgrader's converter; its log is shown only when it fails."""
    config = Config()
    configure_release(config, root, str(built_folder(root, assignment).parent.relative_to(root)))
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.notebook_id = glob.escape(notebook) if notebook != "*" else notebook
    config.GenerateAssignment.force = True
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    log = logging.getLogger("traitlets")
    said = io.StringIO()
    handler, before, level = logging.StreamHandler(said), log.handlers, log.level
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.ERROR)
    try:
        converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
        converter.start()
    except NbGraderException:
        errors = re.findall(r"^[\w.]*Error: .+", said.getvalue(), re.MULTILINE)
        raise NbgraderRefuses("\n".join(dict.fromkeys(errors)) or said.getvalue()) from None
    finally:
        log.handlers, log.propagate = before, True
        log.setLevel(level)


def differences(new: Path, old: Path) -> list[str]:
    """Name the files that differ between two folders, relative to them."""
    names = {p.relative_to(f) for f in (new, old) for p in f.rglob("*") if p.is_file()}
    return sorted(str(n) for n in names if _content(new / n) != _content(old / n))


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def publish(built: Path, target: Path) -> None:
    """Put a checked release in place of the old one."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(built, target)
