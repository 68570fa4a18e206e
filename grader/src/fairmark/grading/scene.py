"""What a check sets up in its process for the code that it calls.

A check may hide ``sum``, patch a function that must not be used, make warnings errors or
lower the recursion limit. In a process of its own nothing of it reaches the student's code:
a solution that keeps to what is asked passes all the same, and so does one that does not.
The run of the reference cannot tell this, so that the text of the check is looked at.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from fairmark.execution.names import plain_python

#: Settings of an interpreter, by the last name of the call that changes them.
_SETTINGS = {
    "setrecursionlimit": "Python's recursion limit",
    "setprofile": "Python's profile function",
    "settrace": "Python's trace function",
    "chdir": "the working folder",
    "getcontext": "the context of decimal numbers",
    "setcontext": "the context of decimal numbers",
    "localcontext": "the context of decimal numbers",
    "setlocale": "the locale",
    "set_default_dtype": "PyTorch's type of numbers",
    "set_printoptions": "how NumPy shows numbers",
    "printoptions": "how NumPy shows numbers",
    "set_option": "options of pandas",
    "option_context": "options of pandas",
    "rc_context": "the settings of figures",
    "setitimer": "an alarm",
    "alarm": "an alarm",
}
#: Where NumPy is told what to do with a division by zero, and warnings what to become.
_ERRORS = ("errstate", "seterr", "simplefilter", "filterwarnings")
_FATAL = ("raise", "error", "call")
#: What is printed on the student's side crosses, so that these may be replaced.
_CROSSES = ("sys.stdout", "sys.stderr")
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


def scene_of(text: str, others: Iterable[str] = ()) -> list[str]:
    """Say what a check sets up for the code that it calls; nothing where it does not.

    Parameters
    ----------
    text : str
        Of the check.
    others : iterable of str
        Texts of the notebook's other cells, for what they import.

    Returns
    -------
    list of str
        A clause for each thing, such as ``the check hides `sum```.
    """
    tree = _parsed(text)
    if tree is None:
        return []
    modules = _modules(tree).union(*(_modules(found) for t in others if (found := _parsed(t))))
    return list(dict.fromkeys([*_hidden(tree), *_replaced(tree, modules), *_settings(tree)]))


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(plain_python(text))
    except (SyntaxError, ValueError):
        return None


def _modules(tree: ast.Module) -> set[str]:
    """Return the names that are bound to modules by imports."""
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def _hidden(tree: ast.Module) -> Iterator[str]:
    """Yield the builtin functions that the check gives another meaning in the notebook."""
    for name in _taken(tree.body):
        if name in _BUILTINS:
            yield f"the check hides `{name}`"


def _taken(statements: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that get a function or a class in the notebook, not a plain value."""
    for node in statements:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign) and _is_function(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif not isinstance(node, ast.expr):
            yield from _taken(ast.iter_child_nodes(node))


def _is_function(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).endswith("Mock")
    return isinstance(value, ast.Lambda) or (
        isinstance(value, ast.Constant) and value.value is None
    )


def _replaced(tree: ast.Module, modules: set[str]) -> Iterator[str]:
    """Yield what is set, deleted or patched in modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _replaced_by_call(node, modules)
        elif isinstance(node, (ast.Assign, ast.Delete)):
            for target in node.targets:
                name = ast.unparse(target)
                if (
                    isinstance(target, (ast.Attribute, ast.Subscript))
                    and name.partition(".")[0] in modules
                    and name not in _CROSSES
                ):
                    yield f"the check replaces `{name}`"


def _replaced_by_call(node: ast.Call, modules: set[str]) -> Iterator[str]:
    parts = ast.unparse(node.func).split(".")
    first = ast.unparse(node.args[0]) if node.args else ""
    patches = parts[-1] == "patch" or (
        parts[-2:-1] == ["patch"] and parts[-1] in ("object", "dict", "multiple")
    )
    sets = parts[-1] in ("setattr", "delattr", "setitem", "delitem", "setenv", "delenv")
    if patches or (sets and ("monkeypatch" in parts or first in modules)):
        name = first
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            name = f"{first}.{node.args[1].value!s}"
        yield f"the check replaces `{name.strip(chr(39))}`"


def _settings(tree: ast.Module) -> Iterator[str]:
    """Yield the settings of the interpreter and of NumPy that the check changes."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        last = ast.unparse(node.func).rpartition(".")[2]
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        values = [value.value for value in given if isinstance(value, ast.Constant)]
        if last in _SETTINGS:
            yield f"the check sets {_SETTINGS[last]}"
        elif last in _ERRORS and any(value in _FATAL for value in values):
            yield "the check makes warnings errors"
        elif last == "catch_warnings" and any(k.arg == "record" for k in node.keywords):
            yield "the check looks at the warnings"
        elif last == "assertNoLogs":
            yield "the check looks at the log"
