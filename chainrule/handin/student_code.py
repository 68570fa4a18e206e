"""Take functions and classes from a student's own notebook or Python file.

Nothing else of the file runs: no training, no plots, no checks. So a notebook can
be used like a module, and one assignment's notebook can build on another's.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import dis
import linecache
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.handin.notebooks import NotebookError, grade_data, read_cells

#: Cell magics whose cell is still plain Python below the first line.
_TRANSPARENT_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")

_SET_OUTSIDE = "is set by code outside of functions"
_TAKEN = "Only imports, functions, classes and plain constants are taken from a file"


class StudentCodeError(NotebookError):
    """A student's file cannot be used; the message says why and what to do."""


class NotDefined(StudentCodeError, AttributeError):
    """The file does not define a name that is needed."""


class StudentCode(types.ModuleType):
    """The definitions of one file, as attributes.

    Attributes
    ----------
    __file__ : str
        The file they come from.
    """

    __file__: str

    def __getattr__(self, name: str) -> Any:
        """Say in plain words that a name is missing; called only where it is."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotDefined(self.__missing__(name))

    def __missing__(self, name: str) -> str:
        """Return the sentence for a name that is not there."""
        file = Path(self.__file__).name
        reason = self.__dict__.get("__unavailable__", {}).get(name)
        if reason:
            return f"{name} of {file} cannot be used: it {reason}."
        return (
            f"{file} does not define {name}. Is the name spelt so, is the task done, "
            "and is the file saved?"
        )


@dataclass(frozen=True)
class _Piece:
    """One cell, or a whole Python file."""

    where: str
    text: str


def find_code(path: str | Path) -> Path:
    """Return the file that a path means: without a suffix, the notebook or its Python backup.

    Raises
    ------
    StudentCodeError
        When there is no such file; names what was looked for, and where.
    """
    path = Path(path)
    tried = [path] if path.suffix else [path.with_suffix(".ipynb"), path.with_suffix(".py")]
    for candidate in tried:
        if candidate.is_file():
            return candidate
    names = " and no ".join(candidate.name for candidate in tried)
    raise StudentCodeError(
        f"There is no {names} in {tried[0].resolve().parent}. Put the file there, or name its path."
    )


def load_definitions(path: str | Path, needs: Iterable[str] = ()) -> StudentCode:
    """Run the imports, functions and classes of a file, and nothing else of it.

    Names that are set to plain values, such as ``EPSILON = 1e-12``, are taken too.
    Set-up cells and check cells are left out. An import or a definition that fails
    is an error only when something needed uses it.

    Parameters
    ----------
    path : str or Path
        A notebook or a Python file. Without a suffix, ``.ipynb`` is tried before ``.py``.
    needs : iterable of str
        Names that must be there, ready to be used.

    Returns
    -------
    StudentCode
        The definitions as attributes.

    Raises
    ------
    StudentCodeError
        When there is no such file, it cannot be parsed, or a needed name or something
        that it uses is missing. The message names the cell and the line.
    """
    path = find_code(path)
    code = StudentCode(path.stem)
    code.__file__ = str(path)
    code.__dict__["__unavailable__"] = {}
    loader = _Loader(code)
    with _beside(path):
        for piece in _pieces(path):
            loader.take(piece)
    loader.forget_available()
    for name in needs:
        loader.require(name)
    return code


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Let the file import other files of its folder while it is loaded."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _pieces(path: Path) -> list[_Piece]:
    if path.suffix != ".ipynb":
        try:
            return [_Piece(path.name, path.read_text(encoding="utf-8-sig"))]
        except UnicodeDecodeError as error:
            raise StudentCodeError(f"{path.name} is not a text file: {error}") from None
    try:
        cells = read_cells(path)
    except NotebookError as error:
        raise StudentCodeError(str(error)) from None
    return [
        _Piece(f"{path.name}, cell {number}", _without_magics(cell["source"]))
        for number, cell in enumerate(cells, start=1)
        if cell.get("cell_type") == "code" and _may_define(cell)
    ]


def _may_define(cell) -> bool:
    data = grade_data(cell)
    is_check = data.get("grade") and not data.get("solution")
    return not is_check and "setup" not in cell.get("metadata", {}).get("tags", [])


def _without_magics(text: str) -> str:
    """Turn what only a notebook understands into calls or comments; keep the line numbers."""
    stripped = text.lstrip()
    if stripped.startswith("%%"):
        if not stripped.startswith(_TRANSPARENT_MAGICS):
            return ""
        text = text.replace("%%", "# %%", 1)
    if not any(line.lstrip().startswith(("%", "!", "?")) for line in text.splitlines()):
        if "= !" not in text and "= %" not in text and not text.rstrip().endswith("?"):
            return text
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(text)


class _Loader:
    """Runs the definitions of the pieces of one file, one after the other."""

    def __init__(self, code: StudentCode) -> None:
        self.code = code
        self.file = Path(code.__file__).name
        self.uses: dict[str, set[str]] = {}
        self.flags = 0

    @property
    def unavailable(self) -> dict[str, str]:
        return self.code.__dict__["__unavailable__"]

    def take(self, piece: _Piece) -> None:
        """Run what a piece defines."""
        name = _register(piece)
        try:
            tree = ast.parse(piece.text, name)
        except (SyntaxError, ValueError) as error:
            raise StudentCodeError(_syntax_message(piece, error)) from None
        for statement in tree.body:
            self._take_statement(statement, piece, name)

    def _take_statement(self, statement: ast.stmt, piece: _Piece, file: str) -> None:
        place = f"{piece.where}, line {statement.lineno}"
        if not _is_definition(statement):
            for bound in _names_bound(statement):
                self.unavailable[bound] = f"{_SET_OUTSIDE} ({place})"
            return
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                self.flags |= getattr(__future__, alias.name).compiler_flag
            return
        module = ast.Module([statement], type_ignores=[])
        try:
            compiled = compile(module, file, "exec", flags=self.flags, dont_inherit=True)
            for bound in _names_bound(statement):
                self.uses[bound] = _globals_used(compiled)
            exec(compiled, self.code.__dict__)
        except Exception as error:  # noqa: BLE001  (a student's definition may raise anything)
            for bound in _names_bound(statement):
                self.code.__dict__.pop(bound, None)
                self.unavailable[bound] = f"failed ({place}): {type(error).__name__}: {error}"
            return
        for bound in _names_bound(statement):
            self.unavailable.pop(bound, None)

    def forget_available(self) -> None:
        """Drop names that some function sets with ``global``."""
        for used in list(self.uses.values()):
            for name in [n for n in used if n.startswith("global ")]:
                self.unavailable.pop(name.removeprefix("global "), None)

    def require(self, name: str) -> None:
        """Raise unless a name and all that it uses are there."""
        getattr(self.code, name)
        seen, waiting = set(), [name]
        while waiting:
            current = waiting.pop()
            seen.add(current)
            for used in sorted(self.uses.get(current, ())):
                if used in self.unavailable and used not in self.code.__dict__:
                    raise StudentCodeError(self._sentence(current, used))
                if used in self.uses and used not in seen:
                    waiting.append(used)

    def _sentence(self, name: str, used: str) -> str:
        reason = self.unavailable[used]
        text = f"{name} of {self.file} uses `{used}`, which {reason}."
        if reason.startswith(_SET_OUTSIDE):
            text += f" {_TAKEN}: move it into a function, or hand it over as an argument."
        return text


def _register(piece: _Piece) -> str:
    """Let inspect.getsource and tracebacks find a text; return the name that it has for them.

    Another notebook of this name, or this one before it was changed, may have been loaded
    in the same process. Its functions go on showing their own text, so a text that differs
    gets a number of its own.
    """
    lines = piece.text.splitlines(keepends=True)
    name = f"<{piece.where}>"
    number = 1
    while name in linecache.cache and linecache.getlines(name) != lines:
        number += 1
        name = f"<{piece.where}, text {number}>"
    linecache.cache[name] = (len(piece.text), None, lines, name)
    return name


def _is_definition(statement: ast.stmt) -> bool:
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    if isinstance(statement, kinds):
        return True
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = all(isinstance(target, ast.Name) for target in targets)
        return names and statement.value is not None and _is_plain(statement.value)
    if isinstance(statement, ast.Try):  # try: import torch; except ImportError: torch = None
        parts = [statement.body, statement.orelse, statement.finalbody]
        parts += [handler.body for handler in statement.handlers]
        return all(isinstance(s, ast.Pass) or _is_definition(s) for part in parts for s in part)
    return False


def _is_plain(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _names_bound(statement: ast.AST) -> list[str]:
    """Name what a top-level statement sets, without looking into functions and classes."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.split(".")[0] for alias in statement.names]
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, ast.Lambda):
        return []
    names = []
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            names.append(child.id)
        else:
            names += _names_bound(child)
    return names


def _globals_used(compiled: types.CodeType) -> set[str]:
    """Name the globals that a piece of code reads, and as ``global x`` those that it sets."""
    used = set()
    for step in dis.get_instructions(compiled):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            used.add(step.argval)
        elif step.opname == "STORE_GLOBAL":
            used.add(f"global {step.argval}")
    for constant in compiled.co_consts:
        if isinstance(constant, types.CodeType):
            used |= _globals_used(constant)
    return used


def _syntax_message(piece: _Piece, error: Exception) -> str:
    line = getattr(error, "lineno", None)
    place = f"{piece.where}, line {line}" if line else piece.where
    text = (getattr(error, "text", None) or "").strip()
    shown = f": {text}" if text else ""
    reason = getattr(error, "msg", None) or str(error)
    return f"Python cannot read {place}{shown} ({reason}). Correct that cell and save the file."
