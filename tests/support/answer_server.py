"""A process that runs answers, each in a fork of the notebook as it is just above them.

The notebook is run once as it is: then libraries are imported, expected values are worked
out, and it is known which files each cell reads. It is run again down to its first task,
and waits there. For each answer to that task a fork runs the answer and the cells below
that can depend on it. For a later task another fork goes on with the reference solution,
and waits there in turn. So what stands above a task is run once, not once for each answer;
and no answer sees another.

It is a process of its own because only one without threads may be forked safely.
"""

import ast
import contextlib
import gc
import importlib
import io
import json
import linecache
import os
import shutil
import socket
import sys
import tempfile
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat

GRADING = "NBGRADER_EXECUTION"
#: Imported before the first fork; a notebook imports what else it needs. An optimizer
#: imports torch._dynamo when it is first used.
LIBRARIES = (
    "numpy.testing",
    "matplotlib.pyplot",
    "torch._dynamo",
    "chainrule.torchvision_support",
)
#: Calls that change more than names; what is below may depend on them.
FAR_REACHING_METHODS = ("seed", "manual_seed", "chdir")
FAR_REACHING_FUNCTIONS = ("setattr", "exec", "eval", "globals")
#: In the place of a task: the notebook as the instructors wrote it.
REFERENCE = ""
#: In the place of a file's name: all files of the folder.
ALL_FILES = "*"


def grade_id(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_check(cell) -> bool:
    return bool(cell.metadata["nbgrader"].get("grade"))


def cells_to_run(path: Path) -> list:
    """The code cells that nbgrader knows, without the set-up cell."""
    cells = nbformat.read(path, as_version=4).cells
    return [
        cell
        for cell in cells
        if cell.cell_type == "code"
        and cell.metadata.get("nbgrader")
        and "setup" not in cell.metadata.get("tags", [])
    ]


# -- running cells --------------------------------------------------------------
def run(source: str, name: str, namespace: dict) -> None:
    # inspect.getsource finds the text of a cell through linecache, as in a notebook.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)


class Notebook:
    """A notebook that has been run down to a place."""

    def __init__(self, cells: list):
        self.cells = cells
        self.namespace: dict = {"__name__": "__main__"}
        self.failed: dict[str, str] = {}
        #: Cell to the files that it opened.
        self.reads: dict[str, set[str]] = {}
        self.place = 0

    @property
    def task(self) -> str:
        """The task at this place; none at the end."""
        return grade_id(self.cells[self.place]) if self.place < len(self.cells) else ""

    def run_cell(self, cell, source: str | None = None) -> None:
        """Run a cell; remember a check that fails."""
        name = f"<{grade_id(cell)}>"
        source = cell.source if source is None else source
        with contextlib.redirect_stdout(io.StringIO()):
            if not is_check(cell):
                run(source, name, self.namespace)
                return
            try:
                run(source, name, self.namespace)
            except Exception as error:  # noqa: BLE001  (any error fails a check)
                self.failed[grade_id(cell)] = f"{type(error).__name__}: {error}"

    def go_on(self) -> None:
        """Run the cell at this place as the instructors wrote it."""
        cell = self.cells[self.place]
        with files_opened() as found:
            self.run_cell(cell)
        self.reads[grade_id(cell)] = found
        self.place += 1

    def go_to_task(self) -> None:
        """Run down to the next cell that a student writes in."""
        while self.task and not self.cells[self.place].metadata["nbgrader"].get("solution"):
            self.go_on()

    def run_answer(self, source: str, reads: dict[str, set[str]]) -> None:
        """Run an answer at this place, and below it what can depend on it."""
        cell = self.cells[self.place]
        changes = Changes()
        self.run_cell(cell, source)
        changes.look()
        changes.everything |= reaches_far(source)
        changes.names |= names_set(cell.source, {}) | names_set(source, self.namespace)
        for below in self.cells[self.place + 1 :]:
            depends = changes.concern(below, reads[grade_id(below)])
            if not is_check(below) or depends:
                self.run_cell(below)
            if depends:
                changes.look()
                if not is_check(below):
                    changes.names |= names_set(below.source, self.namespace)


class Changes:
    """What is different from the notebook with the reference solution."""

    def __init__(self):
        self.names: set[str] = set()
        self.files: set[str] = set()
        self.everything = False
        self.folder, self.settings = files_here(), settings_of_libraries()

    def look(self) -> None:
        """Look for files and settings that are not as they were."""
        now = files_here()
        self.files |= {name for name, state in self.folder.items() if now.get(name) != state}
        # What would have been read, had it been there, is not known.
        self.everything |= not now.keys() <= self.folder.keys()
        self.everything |= settings_of_libraries() != self.settings

    def concern(self, cell, reads: set[str]) -> bool:
        """Whether a cell can depend on them."""
        files = bool(self.files) and (ALL_FILES in reads or bool(self.files & reads))
        return self.everything or files or bool(self.names & names_in(cell.source))


def files_here() -> dict[str, tuple]:
    """The files of the working folder, with what changes when they are written."""
    found = (path for path in Path().rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


def settings_of_libraries() -> tuple:
    import numpy as np
    import torch

    return (
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        str(np.geterr()),
        str(np.get_printoptions()),
        os.getcwd(),
        str(dict(os.environ)),
    )


_opened: set[str] | None = None


def note_opened(event: str, arguments: tuple) -> None:
    """Note which files of the working folder are opened; Python calls this."""
    if _opened is None:
        return
    if event in ("os.listdir", "os.scandir"):
        _opened.add(ALL_FILES)
    elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path = Path(os.path.abspath(os.fsdecode(arguments[0])))
        if path.is_relative_to(Path.cwd()):
            _opened.add(str(path.relative_to(Path.cwd())))


@contextlib.contextmanager
def files_opened() -> Iterator[set[str]]:
    global _opened
    _opened = set()
    try:
        yield _opened
    finally:
        _opened = None


class _WithoutTraining(ast.NodeTransformer):
    """Takes out what is not run while grading."""

    def visit_If(self, node: ast.If) -> ast.If:
        if ast.unparse(node.test).startswith("not is_grading()"):
            node.body = [ast.Pass()]
        return self.generic_visit(node)


def parsed(source: str) -> ast.AST:
    tree = ast.parse(source)
    return _WithoutTraining().visit(tree) if os.environ.get(GRADING) else tree


def names_in(source: str) -> set[str]:
    return {node.id for node in ast.walk(parsed(source)) if isinstance(node, ast.Name)}


def names_set(source: str, namespace: dict) -> set[str]:
    """Names that a cell may have given another value: those bound, and those at hand.

    A name that a cell uses outside of functions may be an object that it changes; modules,
    functions and classes are not changed that way. Imports give a name what it had.
    """
    fixed = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)
    found, tree = set(), parsed(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Global):
            found |= set(node.names)
    for node in outside_of_functions(tree):
        if isinstance(node, ast.Name) and (
            isinstance(node.ctx, ast.Store) or not isinstance(namespace.get(node.id, len), fixed)
        ):
            found.add(node.id)
    return found


def outside_of_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from outside_of_functions(child)


def reaches_far(source: str) -> bool:
    """Whether an answer may change more than names of the notebook, such as a library."""
    tree = ast.parse(source)
    modules = {
        alias.asname or alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if getattr(node.func, "attr", "") in FAR_REACHING_METHODS:
                return True
            if getattr(node.func, "id", "") in FAR_REACHING_FUNCTIONS:
                return True
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            base = node.value
            while isinstance(base, ast.Attribute):
                base = base.value
            if isinstance(base, ast.Name) and base.id in modules:
                return True
    return False


# -- processes --------------------------------------------------------------------
class Child:
    """A forked process and the line to it."""

    #: The lines of this process. A fork closes them: one that stays open anywhere never ends.
    lines: set = set()

    def __init__(self, serve: Callable[[io.TextIOWrapper], None]):
        mine, theirs = socket.socketpair()
        folder = tempfile.mkdtemp(dir=Path.cwd().parent)
        shutil.copytree(Path.cwd(), folder, dirs_exist_ok=True)
        self.pid = os.fork()
        if self.pid == 0:
            mine.close()
            for line in Child.lines:
                line.close()
            Child.lines.clear()
            os.chdir(folder)
            with theirs.makefile("rw") as line:
                serve(line)
            os._exit(0)  # nothing of the parent's is tidied up here
        theirs.close()
        self.folder, self.line = folder, mine.makefile("rw")
        Child.lines.add(self.line)
        mine.close()

    def ask(self, request: dict) -> dict:
        try:
            print(json.dumps(request), file=self.line, flush=True)
            answer = self.line.readline()
        except OSError:
            answer = ""
        return json.loads(answer) if answer else {"crash": "the process ended"}

    def end(self) -> None:
        Child.lines.discard(self.line)
        self.line.close()
        os.waitpid(self.pid, 0)
        shutil.rmtree(self.folder)


def begin_notebook(line: io.TextIOWrapper, request: dict) -> None:
    """Work in a folder that holds what a student hands in, as while grading."""
    path = Path(request["notebook"])
    for book in path.parent.glob("*.ipynb"):
        shutil.copy(book, ".")
    os.environ.pop(GRADING, None)
    for result in Path(request["results"]).glob("*"):
        shutil.copy(result, ".")
        os.environ[GRADING] = "autograde"  # trained results are there: nothing is trained
    cells = cells_to_run(path)
    with crashes_told(line):
        ahead = look_ahead(cells)
        serve_notebook(line, Notebook(cells), ahead)


def look_ahead(cells: list) -> Notebook:
    """Run the whole notebook once, in a copy of the folder."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(dir=here.parent) as folder:
        shutil.copytree(here, folder, dirs_exist_ok=True)
        os.chdir(folder)
        ahead = Notebook(cells)
        while ahead.task:
            ahead.go_on()
        os.chdir(here)
    return ahead


def serve_notebook(line: io.TextIOWrapper, notebook: Notebook, ahead: Notebook) -> None:
    """Run down to the next task; answer for it, and have a fork answer for what is below."""
    notebook.go_to_task()
    gc.collect()
    gc.freeze()
    below = None
    for text in line:
        request = json.loads(text)
        if request["task"] == REFERENCE:
            reply = {"failed": ahead.failed}
        elif request["task"] == notebook.task:
            reply = one_answer(notebook, ahead, request)
        else:
            if below is None:
                below = Child(lambda other: serve_below(other, notebook, ahead))
            reply = below.ask(request)
        print(json.dumps(reply), file=line, flush=True)
    if below is not None:
        below.end()


def serve_below(line: io.TextIOWrapper, notebook: Notebook, ahead: Notebook) -> None:
    with crashes_told(line):
        notebook.go_on()
        serve_notebook(line, notebook, ahead)


def one_answer(notebook: Notebook, ahead: Notebook, request: dict) -> dict:
    """Run an answer in a fork."""

    def serve(line: io.TextIOWrapper) -> None:
        with crashes_told(line):
            notebook.run_answer(request["source"], ahead.reads)
            tell(line, {"failed": notebook.failed})

    child = Child(serve)
    reply = child.ask(request)
    child.end()
    return reply


@contextlib.contextmanager
def crashes_told(line: io.TextIOWrapper) -> Iterator[None]:
    """Tell an error outside of the checks as the reply to every request."""
    try:
        yield
    except Exception:  # noqa: BLE001  (the tests show it)
        tell(line, {"crash": traceback.format_exc()})


def tell(line: io.TextIOWrapper, reply: dict) -> None:
    """Give the same reply to every request."""
    for _ in line:
        print(json.dumps(reply), file=line, flush=True)


def main(number: str, folder: str) -> None:
    os.chdir(folder)
    for name in LIBRARIES:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    sys.addaudithook(note_opened)
    gc.collect()
    gc.freeze()
    notebooks: dict[str, Child] = {}
    with socket.socket(fileno=int(number)).makefile("rw") as line:
        for text in line:
            request = json.loads(text)
            path = request["notebook"]
            if path not in notebooks:
                notebooks[path] = Child(lambda other, first=request: begin_notebook(other, first))
            print(json.dumps(notebooks[path].ask(request)), file=line, flush=True)
    for child in notebooks.values():
        child.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
