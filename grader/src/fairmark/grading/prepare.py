"""The first step: read what was handed in, repair it, return pure data.

Nothing is executed here and nothing is written. The result holds every notebook
of the assignment, ready to run or with the reason why it cannot be, the other
files of the submission, and a sentence for each repair.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbformat import NotebookNode

from fairmark.cells import grade_id_of
from fairmark.handin_times import TIMESTAMP
from fairmark.model import Prepared, PreparedNotebook, Template, TemplateNotebook

from .reading import Unreadable, file_bytes, read_notebook, read_script
from .restore import restore, untouched_cells

#: A copied file: "Copy of graphs.ipynb", "graphs (1).ipynb", "graphs-Copy1.ipynb".
_COPY = re.compile(r"^(copy[ _]of[ _]+)|([ _]*\(\d+\)|-copy\d*)+$", re.IGNORECASE)

#: More files than that are no homework.
MOST_FILES = 2_000

#: Kernels that need no look at what is installed here.
PYTHON = ("python", "python3")


@dataclass
class Folder:
    """The files of one submission.

    Attributes
    ----------
    root : Path
        The submission's folder.
    ignore : list of str
        File name patterns that do not count.
    max_bytes : int
        The largest file that is read.
    names : dict
        Path inside the folder to the file.
    repairs : list of str
        What was left out, and why.
    """

    root: Path
    ignore: list[str] = field(default_factory=list)
    max_bytes: int = 100_000_000
    names: dict[str, Path] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.root.is_symlink():
            self.repairs.append("The folder of the submission is a link and was left out.")
            return
        home = self.root.resolve()
        found = sorted(_files_below(self.root, self.ignore))
        if len(found) > MOST_FILES:
            # Notebooks first: they are what is graded.
            found.sort(key=lambda name: (not name.lower().endswith(".ipynb"), name))
            self.repairs.append(f"There are {len(found)} files; only {MOST_FILES} were read.")
        for name in found[:MOST_FILES]:
            path = Path(name)
            relative = _readable(path.relative_to(self.root).as_posix())
            if _leads_out(path, home):
                self.repairs.append(f"{relative} is a link out of the folder and was left out.")
            elif path.is_file():
                self.names[relative] = path
            else:
                self.repairs.append(f"{relative} is no ordinary file and was left out.")

    def other_files(self) -> dict[str, bytes]:
        """Read the files that are no notebooks, up to the limits."""
        files, room = {}, self.max_bytes
        for relative, path in self.names.items():
            if relative.endswith(".ipynb"):
                continue
            try:
                data = file_bytes(path, room)
            except Unreadable as error:
                self.repairs.append(f"Left out: {error}.")
                continue
            files[relative] = data
            room -= len(data)
        return files


def _files_below(root: Path, ignore: list[str]) -> Iterator[str]:
    """Name the files of a folder but for those that do not count, nor do folders so named."""
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not _is_ignored(name, ignore)]
        yield from (os.path.join(folder, name) for name in names if not _is_ignored(name, ignore))


def _is_ignored(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _readable(name: str) -> str:
    """Return a file's name without bytes that are no characters and without controls."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)


def _leads_out(path: Path, home: Path) -> bool:
    try:
        return not path.resolve().is_relative_to(home)
    except (OSError, RuntimeError):  # links in a circle
        return True


def prepare(
    student: str, folder: Folder, template: Template, collected: str | None = None
) -> Prepared:
    """Prepare one submission.

    Parameters
    ----------
    student : str
        Whose it is.
    folder : Folder
        What was handed in.
    template : Template
        The instructors' version.
    collected : str or None, optional
        When it was handed in, as the collection step recorded it; an empty text
        where that step knew no time; None when it recorded nothing. Only then
        does ``timestamp.txt`` count, which nbgrader's own collection writes.

    Returns
    -------
    Prepared
        Pure data.
    """
    helpers = frozenset(template.files)
    notebooks = tuple(
        replace(
            _prepare_notebook(folder, notebook),
            helpers=helpers,
            judged=notebook.judged,
            usual=frozenset(notebook.usual),
            drawn={text: drawing.text for text, drawing in notebook.drawn.items()},
        )
        for notebook in template.notebooks
    )
    files = folder.other_files()
    timestamp = _timestamp(folder, files, collected)
    files.update(template.files)
    repairs = tuple(folder.repairs)
    return Prepared(student, template.assignment, notebooks, files, repairs, timestamp)


def _timestamp(folder: Folder, files: dict[str, bytes], collected: str | None) -> str:
    """Return the time of the submission; a time that nobody can trust does not count."""
    inside = files.get(TIMESTAMP)
    text = inside.decode("utf-8", "replace").strip() if inside is not None else ""
    if collected is not None:
        if inside is not None and text != collected:
            files.pop(TIMESTAMP)
            folder.repairs.append(
                f"{TIMESTAMP} in the submission was ignored: the time was recorded at collection."
            )
        return collected
    if not text:
        return ""
    # Imported here: it takes a second, and is needed only for nbgrader's own collection.
    from nbgrader.utils import parse_utc

    try:
        return text if parse_utc(text) else ""
    except (ValueError, OverflowError):
        folder.repairs.append(f"{TIMESTAMP} holds no time and was ignored.")
        return ""


@dataclass(frozen=True)
class _Candidate:
    """A notebook that may be the one to grade, restored once for all that is asked of it.

    Attributes
    ----------
    place : str
        Its file.
    notebook : NotebookNode
        As `restore` returns it.
    repairs : list of str
        What was put right.
    untouched : frozenset of str
        Grade ids of the solution cells that hold no answer.
    answers : dict
        Grade id to text of the solution cells.
    """

    place: str
    notebook: NotebookNode
    repairs: list[str]
    untouched: frozenset[str]
    answers: dict[str, str]

    @property
    def filled_in(self) -> bool:
        """Whether it holds an answer."""
        return not self.untouched.issuperset(self.answers)


def _candidate(place: str, notebook: NotebookNode, template: TemplateNotebook) -> _Candidate:
    restored, repairs = restore(notebook, template)
    solutions = {cell.grade_id for cell in template.cells if cell.solution}
    answers = {
        grade_id: cell.source.strip()
        for cell in restored.cells
        if (grade_id := grade_id_of(cell)) in solutions
    }
    return _Candidate(place, restored, repairs, untouched_cells(restored, template), answers)


def _prepare_notebook(folder: Folder, template: TemplateNotebook) -> PreparedNotebook:
    repairs: list[str] = []
    found, problem = _read(folder, template, repairs)
    backup = _backup_with_work(folder, template)
    if backup is not None:
        found = _choose(found, problem, backup, f"{template.name}.ipynb", repairs)
    if found is None:
        return PreparedNotebook(template.name, None, problem, repairs=tuple(repairs))
    repairs += found.repairs
    _use_installed_kernel(found.notebook, repairs)
    return PreparedNotebook(template.name, found.notebook, "", found.untouched, tuple(repairs))


def _read(
    folder: Folder, template: TemplateNotebook, repairs: list[str]
) -> tuple[_Candidate | None, str]:
    """Read the notebook; return it, or why there is none."""
    place = _locate(folder, template.name)
    if place is None:
        return None, _not_there(folder, template)
    if place != f"{template.name}.ipynb":
        repairs.append(f"{place} was graded as {template.name}.ipynb.")
    try:
        data = file_bytes(folder.names[place], folder.max_bytes)
        notebook, more = read_notebook(data, Path(place).name)
    except Unreadable as error:
        return None, str(error)
    repairs.extend(more)
    return _candidate(place, notebook, template), ""


def _locate(folder: Folder, name: str) -> str | None:
    """Find a notebook at its place, else under a copy's name or one folder deeper."""
    exact = f"{name}.ipynb"
    if exact in folder.names:
        return exact
    candidates = [
        place
        for place in folder.names
        if place.lower().endswith(".ipynb") and _bare(Path(place).stem) == _bare(name)
    ]
    return min(candidates, key=lambda place: (place.count("/"), len(place)), default=None)


def _bare(stem: str) -> str:
    before = None
    while before != stem:
        before, stem = stem, _COPY.sub("", stem).strip()
    return stem.lower().replace(" ", "_")


def _not_there(folder: Folder, template: TemplateNotebook) -> str:
    there = sorted(folder.names)
    if not there:
        return "nothing was handed in: the folder is empty"
    listed = ", ".join(there[:5]) + (", ..." if len(there) > 5 else "")
    return f"{template.name}.ipynb is missing; there is: {listed}"


def _scripts(folder: Folder, name: str) -> Iterator[str]:
    for place in (f"{name}.py", f"python_backup/{name}.py"):
        if place in folder.names:
            yield place


def _backup_with_work(folder: Folder, template: TemplateNotebook) -> _Candidate | None:
    """Return the Python backup that holds answers, if one does."""
    for place in _scripts(folder, template.name):
        try:
            data = file_bytes(folder.names[place], folder.max_bytes)
            notebook = read_script(data, place)
        except Unreadable as error:
            folder.repairs.append(f"{error}.")
            continue
        backup = _candidate(place, notebook, template)
        if backup.filled_in:
            return backup
    return None


def _choose(
    found: _Candidate | None, problem: str, backup: _Candidate, name: str, repairs: list[str]
) -> _Candidate:
    """Choose between the notebook and a Python backup with work in it."""
    if found is None:
        repairs.append(f"{backup.place} was graded, because {problem}.")
        return backup
    if not found.filled_in:
        repairs.append(f"{backup.place} was graded, because {name} holds no answer.")
        return backup
    if found.answers != backup.answers:
        repairs.append(f"{name} was graded; {backup.place} holds other answers, look at both.")
    return found


def _use_installed_kernel(notebook: NotebookNode, repairs: list[str]) -> None:
    """Fall back on python3 where even the instructors' kernel is not installed."""
    name = notebook.metadata["kernelspec"].get("name", "python3")
    if name in PYTHON:
        return
    from jupyter_client.kernelspec import KernelSpecManager  # for other languages only

    if name not in KernelSpecManager().find_kernel_specs():
        repairs.append(f"The kernel {name!r} is not installed here; python3 was used.")
        notebook.metadata["kernelspec"] = NotebookNode(
            name="python3", display_name="Python 3", language="python"
        )


def submission_folder(path: Path, ignore: list[str], max_kilobytes: int) -> Folder:
    """Look into the folder of a submission.

    Parameters
    ----------
    path : Path
        The folder; it need not exist.
    ignore : list of str
        nbgrader's patterns of files that do not count.
    max_kilobytes : int
        nbgrader's largest size of a file.
    """
    return Folder(Path(os.path.normpath(path)), list(ignore), max_kilobytes * 1000)
