"""What a check does to the process that it runs in, so that it concerns the student's code.

A check may forbid a function by putting another in its place, or turn warnings into errors
while the solution runs. In a process of its own that is without effect: every answer passes,
right or wrong. The reference cannot show it, because it passes both ways. So the text of a
check is read for such acts, and a check with one is judged beside where the reference passes
it there.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from fairmark.execution.names import plain_python

#: Functions, by the last part of their name, to what they do.
_ACTS = {
    "patch": "replaces something",
    "delattr": "deletes an attribute",
    "setenv": "changes the environment",
    "setrecursionlimit": "changes the limit of recursion",
    "setprofile": "counts calls",
    "settrace": "follows calls",
    "chdir": "changes the folder",
    "setlocale": "changes the locale",
    "localcontext": "changes the context of decimal numbers",
    "setcontext": "changes the context of decimal numbers",
    "set_printoptions": "changes how arrays are shown",
    "printoptions": "changes how arrays are shown",
    "set_option": "changes the options of a library",
    "option_context": "changes the options of a library",
    "set_default_dtype": "changes the default type of tensors",
    "rc_context": "changes the settings of figures",
    "alarm": "sets an alarm",
    "setitimer": "sets an alarm",
}
#: The same, of functions that matter only with one of these words: what would be ignored
#: or shown by them concerns no mark.
_STRICT_ACTS = {
    "simplefilter": "makes errors of warnings",
    "filterwarnings": "makes errors of warnings",
    "errstate": "makes exceptions of floating-point errors",
    "seterr": "makes exceptions of floating-point errors",
    "catch_warnings": "records warnings",
}
_STRICT = ("error", "raise", "call", True)
#: Where the last part alone says too little: the whole name's two last parts.
_LONG_ACTS = {
    "patch.object": "replaces something",
    "patch.dict": "replaces something",
    "patch.multiple": "replaces something",
    "monkeypatch.setattr": "replaces something",
    "monkeypatch.setitem": "replaces something",
    "gc.disable": "stops the garbage collector",
    "logging.disable": "stops log messages",
}
#: Modules under the names that notebooks give them, often in a cell above the check.
_MODULES = frozenset("np plt math os sys builtins random time torch pd".split())


def effects_of(text: str) -> list[str]:
    """Return what a check does to its process, in the words of a sentence about the check.

    Parameters
    ----------
    text : str
        Of the check, with its hidden tests.

    Returns
    -------
    list of str
        Such as "replaces `math.sqrt`"; empty for most checks, and for a text that is no Python.
    """
    try:
        tree = ast.parse(plain_python(text))
    except (SyntaxError, ValueError):
        return []
    modules = _MODULES | set(_imported(tree))
    found = [effect for node in ast.walk(tree) for effect in _effects(node, modules)]
    hidden = (n for n in _bound_at_the_top(tree.body) if hasattr(builtins, n) and n[0] != "_")
    found += [f"hides the builtin `{name}`" for name in hidden]
    return list(dict.fromkeys(found))


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a text gives to modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0]


def _effects(node: ast.AST, modules: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Call):
        yield from _of_call(node, modules)
    elif isinstance(node, (ast.Assign, ast.Delete)):
        for target in node.targets:
            yield from _of_target(target, modules)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        yield from _of_target(node.target, modules)


def _of_call(call: ast.Call, modules: frozenset[str]) -> Iterator[str]:
    name = ast.unparse(call.func)
    parts = name.split(".")
    act = _LONG_ACTS.get(".".join(parts[-2:])) or _ACTS.get(parts[-1])
    if not act and _is_strict(call):
        act = _STRICT_ACTS.get(parts[-1])
    if act:
        yield f"{act} (`{name}`)"
    elif name == "setattr" and call.args and ast.unparse(call.args[0]).split(".")[0] in modules:
        yield f"replaces an attribute of `{ast.unparse(call.args[0])}`"


def _is_strict(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(value, ast.Constant) and value.value in _STRICT for value in given)


def _of_target(target: ast.expr, modules: frozenset[str]) -> Iterator[str]:
    """Look at what is bound or deleted: an attribute or an item of a module."""
    if isinstance(target, (ast.Tuple, ast.List)):
        for inner in target.elts:
            yield from _of_target(inner, modules)
    elif isinstance(target, (ast.Attribute, ast.Subscript)):
        inside = target.value
        while isinstance(inside, (ast.Attribute, ast.Subscript)):
            inside = inside.value
        if isinstance(inside, ast.Name) and inside.id in modules:
            yield f"replaces `{ast.unparse(target)}`"


def _bound_at_the_top(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that a text binds in the notebook by assignment or definition."""
    for node in statements:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
        elif isinstance(node, (ast.With, ast.If, ast.Try, ast.For)):
            yield from _bound_at_the_top(node.body)
