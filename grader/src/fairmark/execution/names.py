"""What the text of a notebook says about its names: sources, imports, signatures.

The checks' side reads the text of the prepared notebook. It does not ask the student's
process, which could answer anything.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import types
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

from fairmark.course_package import course_packages, names_of_course_packages

#: Libraries whose import in any cell also holds for the checks.
_LIBRARIES = frozenset(
    """cmath collections copy functools itertools json math matplotlib nose numpy os pandas
    random re scipy sklearn statistics string sys time torch torchvision typing""".split()
)
#: Of these, functions and classes too, under their own names. A check that calls any
#: other function calls the student's: it could be one that does what a text tells it.
_PLAIN = frozenset(
    """cmath collections copy functools itertools
    json math numpy numpy.linalg numpy.random numpy.testing random re statistics string
    typing""".split()
)


@dataclass(frozen=True)
class Import:
    """One import of a notebook, as a statement that can be made elsewhere.

    Attributes
    ----------
    text : str
        The statement.
    locked : bool
        Whether it stands in a cell of the instructors' own.
    plain : bool
        Whether what it brings may be a function, although the student could have written it.
    """

    text: str
    locked: bool
    plain: bool

    def may_bring(self, value: object) -> bool:
        """Tell whether the checks may take what the statement brought."""
        return self.locked or self.plain or isinstance(value, types.ModuleType)


@dataclass
class Sources:
    """The cells that ran on the student's side, in their order."""

    _definitions: dict[str, str] = field(default_factory=dict)
    _functions: dict[str, str] = field(default_factory=dict)
    _imports: dict[str, Import] = field(default_factory=dict)
    #: Each class to whether the student's own cells alone define it.
    _classes: dict[str, bool] = field(default_factory=dict)

    def add(self, text: str, locked: bool) -> None:
        """Take in the text of one cell.

        Parameters
        ----------
        text : str
            As it was run.
        locked : bool
            Whether it is the instructors' own.
        """
        text = plain_python(text)
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        lines = text.splitlines(keepends=True)
        for statement in _statements(tree.body):
            self._take(statement, lines, locked)

    def _take(self, statement: ast.stmt, lines: list[str], locked: bool) -> None:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            text = _text_of(statement, lines)
            self._definitions[statement.name] = text
            known = self._imports.get(statement.name)
            # What the instructors import in a locked cell, nobody takes from the checks.
            if known is not None and (locked or not known.locked):
                del self._imports[statement.name]
            if isinstance(statement, ast.ClassDef):
                self._classes[statement.name] = (
                    self._classes.get(statement.name, True) and not locked
                )
                for inner in statement.body:
                    if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        path = f"{statement.name}.{inner.name}"
                        self._definitions[path] = _text_of(inner, lines)
            else:
                self._functions[statement.name] = text
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            self._take_import(statement, locked)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    self._take_assignment(target.id, statement, lines)

    def _take_assignment(self, name: str, statement: ast.Assign, lines: list[str]) -> None:
        value = statement.value
        if isinstance(value, ast.Name) and value.id in self._definitions:
            self._definitions[name] = self._definitions[value.id]
        else:
            self._definitions[name] = _text_of(statement, lines)
            self._functions.pop(name, None)

    def _take_import(self, statement: ast.Import | ast.ImportFrom, locked: bool) -> None:
        if isinstance(statement, ast.ImportFrom) and (statement.level or not statement.module):
            return
        for alias in statement.names:
            module = getattr(statement, "module", None) or alias.name
            if alias.name == "*" or not (locked or _is_library(module)):
                continue
            bound = alias.asname or alias.name.partition(".")[0]
            known = self._imports.get(bound)
            if known is not None and known.locked and not locked:
                continue
            if isinstance(statement, ast.ImportFrom):
                text = f"from {module} import {alias.name} as {bound}"
            else:
                text = f"import {alias.name}" + (f" as {bound}" if alias.asname else "")
            self._imports[bound] = Import(text, locked, _is_plain(module, alias.name, bound))

    def import_of(self, name: str) -> Import | None:
        """Return what imports a name, where the checks may import it too."""
        return self._imports.get(name)

    def tasks(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of the names that stand for classes which the student has to write.

        Only the student's own cells define them, and they are written like classes: a
        function that a student makes a class of is still judged as a function.
        """
        return frozenset(n for n in names if n[:1].isupper() and self._classes.get(n, False))

    def source_of(self, path: str) -> str | None:
        """Return the source of a function or class, with its helper functions.

        Parameters
        ----------
        path : str
            ``name`` or ``Class.method``.
        """
        text = self._definitions.get(path)
        if text is None or path not in self._functions:
            return text
        found, waiting = {path: text}, [text]
        while waiting:
            for name in _names_called(waiting.pop()):
                helper = self._functions.get(name)
                if helper is not None and name not in found and helper != text:
                    found[name] = helper
                    waiting.append(helper)
        return "\n".join(found.values())


def _is_library(module: str) -> bool:
    root = module.partition(".")[0]
    if root in names_of_course_packages():
        return course_packages()[root].opens(module)
    return root in _LIBRARIES


def _is_plain(module: str, name: str, bound: str) -> bool:
    tests = module == "numpy.testing" and not name.startswith("assert")
    return (module in _PLAIN or _is_plain_of_course(module)) and name == bound and not tests


def _is_plain_of_course(module: str) -> bool:
    root = module.partition(".")[0]
    return root in names_of_course_packages() and module in course_packages()[root].plain_modules


def plain_python(text: str) -> str:
    """Turn magics into calls, as IPython does; keep the line numbers."""
    if text.lstrip().startswith("%%"):
        text = text.replace("%%", "# %%", 1)
    if any(sign in text for sign in "%!?"):
        try:
            return TransformerManager().transform_cell(text)
        except SyntaxError:
            return text
    return text


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Go through the statements of a module, those in its ifs, loops and trys included."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list):
                yield from _statements(inner)
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _text_of(statement: ast.stmt, lines: list[str]) -> str:
    first = min([statement.lineno] + [d.lineno for d in getattr(statement, "decorator_list", [])])
    return "".join(lines[first - 1 : statement.end_lineno])


def _names_called(text: str) -> list[str]:
    try:
        tree = ast.parse(inspect.cleandoc(text) if text[:1].isspace() else text)
    except SyntaxError:
        return []
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call.func.id for call in calls if isinstance(call.func, ast.Name)]


def names_used(text: str) -> list[str]:
    """Return the names that a check cell reads and Python itself does not define."""
    try:
        tree = ast.parse(plain_python(text))
    except (SyntaxError, ValueError):
        return []
    found = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    # A name that is changed in place (total += 1) is read too.
    found |= {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    return sorted(name for name in found if not hasattr(builtins, name))


class Follower(ast.NodeTransformer):
    """Lets a check cell tell when it deletes or binds a name of the student's.

    Attributes
    ----------
    names : set of str
        The student's names in the cell.
    """

    #: The function that is called with the name.
    CALLED = "__fairmark_follow__"

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        """Add a call for each name that is deleted."""
        return self._with_calls(node, node.targets)

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        """Add a call for each name that is bound."""
        return self._with_calls(node, node.targets)

    def visit_FunctionDef(self, node: ast.stmt) -> ast.stmt:
        """Leave functions as they are: their names are their own."""
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def _with_calls(self, node: ast.stmt, targets: Sequence[ast.expr]) -> list[ast.stmt]:
        found: list[ast.stmt] = [node]
        for target in targets:
            if isinstance(target, ast.Name) and target.id in self.names:
                name = ast.Name(self.CALLED, ast.Load())
                call = ast.Expr(ast.Call(name, [ast.Constant(target.id)], []))
                found.append(ast.fix_missing_locations(ast.copy_location(call, node)))
        return found


def signature_of(source: str) -> inspect.Signature | None:
    """Return the signature of a function by its text; defaults only where they are plain."""
    try:
        tree = ast.parse(inspect.cleandoc(source) if source[:1].isspace() else source)
    except SyntaxError:
        return None
    if not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    given = tree.body[0].args
    kinds = inspect.Parameter
    positional = [
        *((a, kinds.POSITIONAL_ONLY) for a in given.posonlyargs),
        *((a, kinds.POSITIONAL_OR_KEYWORD) for a in given.args),
    ]
    defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
    found = [
        kinds(a.arg, kind, default=_default(d))
        for (a, kind), d in zip(positional, defaults, strict=True)
    ]
    if given.vararg:
        found.append(kinds(given.vararg.arg, kinds.VAR_POSITIONAL))
    for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        found.append(kinds(a.arg, kinds.KEYWORD_ONLY, default=_default(d)))
    if given.kwarg:
        found.append(kinds(given.kwarg.arg, kinds.VAR_KEYWORD))
    try:
        return inspect.Signature(found)
    except ValueError:
        return None


def _default(node: ast.expr | None) -> object:
    if node is None:
        return inspect.Parameter.empty
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ...
