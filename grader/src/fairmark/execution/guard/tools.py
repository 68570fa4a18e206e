"""What the guard is told of the checks: what they use, read and change, by their texts."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..names import plain_python

#: Functions that put something in place of what a dotted name or an attribute is bound to.
_PATCHING = frozenset({"patch", "object", "setattr", "delattr", "setitem", "dict", "multiple"})
#: A tool must be named with at least a module and may go so deep.
_DEEPEST = 6


@dataclass(frozen=True)
class Uses:
    """What the text of a check says.

    Attributes
    ----------
    tools : tuple of str
        Dotted names of what it uses of libraries.
    names : tuple of str
        Names of the notebook that it reads.
    own : tuple of str
        Last parts of the names that it changes itself, as with ``mock.patch``.
    bound : tuple of str
        Names of the notebook that it binds, always by itself.
    kept : tuple of str
        Those of them whose values it only compares: nobody else has them to change.
    own_names : tuple of str
        Those of the bound names that need not stand in the notebook while the check runs.
    defined : tuple of str
        Functions and classes that it defines and calls, as a reference of its own.
    untouched : tuple of str
        Those of its functions that call nothing of the student's.
    """

    tools: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    own_names: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()


def uses_of(text: str, imports: dict[str, set[str]]) -> Uses:
    """Return what a check uses.

    Parameters
    ----------
    text : str
        Of the check, hidden tests included.
    imports : dict
        Name to the dotted names that it may stand for, as `imports_of` finds them.
    """
    tree = _parsed(text)
    if tree is None:
        return Uses()
    known = {name: set(found) for name, found in imports.items()}
    _take_imports(tree, known)
    tools: dict[str, None] = {}
    for chain in _chains(tree):
        for dotted in known.get(chain[0], ()):
            tools[".".join([dotted, *chain[1:]][:_DEEPEST])] = None
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_bound(n)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, _DEFINITIONS)}
    names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in bound]
    outer = _bound_outside_functions(tree)
    return Uses(
        tuple(tools),
        tuple(dict.fromkeys(names)),
        tuple(sorted(set(_changed(tree)))),
        tuple(sorted(outer)),
        tuple(sorted(outer & _only_compared(tree, known))),
        tuple(sorted(outer - _bound_elsewhere(tree) - _in_texts(tree)))
        if _is_plain(tree, text)
        else (),
        tuple(n.name for n in tree.body if isinstance(n, _DEFINITIONS)),
        tuple(sorted(_untouched(tree, known))),
    )


def imports_of(texts: Iterable[str]) -> dict[str, set[str]]:
    """Return what names may stand for by the imports in some texts.

    Parameters
    ----------
    texts : iterable of str
        Cells.
    """
    found: dict[str, set[str]] = {}
    for text in texts:
        tree = _parsed(text)
        if tree is not None:
            _take_imports(tree, found)
    return found


def bound_by(text: str) -> list[str]:
    """Return the names that a cell binds by a definition, an import or an assignment.

    Parameters
    ----------
    text : str
        Of the cell.
    """
    tree = _parsed(text)
    if tree is None:
        return []
    found: dict[str, set[str]] = {}
    _take_imports(tree, found)
    names = [n.name for n in tree.body if isinstance(n, _DEFINITIONS)]
    names += [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_bound(n)]
    return list(dict.fromkeys([*found, *names]))


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(plain_python(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_bound(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _take_imports(tree: ast.AST, found: dict[str, set[str]]) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                found.setdefault(alias.asname or whole, set()).add(whole)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                bound = alias.asname or alias.name
                found.setdefault(bound, set()).add(f"{node.module}.{alias.name}")


def _bound_outside_functions(tree: ast.Module) -> set[str]:
    """Return the names that a check binds by statements of its own level alone."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.Name) and _is_bound(node):
                found.add(node.id)
            elif isinstance(node, _DEFINITIONS):
                found.add(node.name)
            elif not isinstance(node, (ast.Lambda, ast.comprehension)):
                waiting.append(node)
    for node in ast.walk(tree):
        # Bound where no statement ends, or by a function that says so.
        if isinstance(node, ast.Global):
            found -= set(node.names)
        elif isinstance(node, ast.NamedExpr):
            found -= {node.target.id}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found -= {node.name}
    return found


def _is_plain(tree: ast.Module, text: str) -> bool:
    """Tell whether a check asks for no namespace as a whole."""
    asked = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    asked |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return not asked & _NAMESPACES and plain_python(text) == text


#: What leads to the notebook's namespace.
_NAMESPACES = frozenset(
    {
        "locals", "globals", "vars", "dir", "eval", "exec", "get_ipython", "f_locals", "__main__",
        "f_globals", "__globals__", "user_ns", "modules", "getclosurevars", "testmod", "timeit",
        # What looks for a name by its text.
        "pickle", "joblib", "dill", "cloudpickle", "multiprocessing", "jit", "njit", "script",
        "query", "get_type_hints", "main", "loadTestsFromModule", "loadTestsFromName",
        "loadTestsFromNames", "discover", "import_module", "dumps", "loads", "getsource",
    }
)  # fmt: skip


def _in_texts(tree: ast.Module) -> set[str]:
    """Return the words of all texts in a check: a library may look for a name of them."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(re.findall(r"\w+", node.value))
    return found


def _untouched(tree: ast.Module, imports: Mapping[str, set[str]]) -> set[str]:
    """Return the functions of a check that call nothing of the student's.

    Their values need not pass: what they are given has passed, and what they give will.
    """
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = set(functions)
    while True:
        kept = {n for n in found if _calls_only(functions[n], found, imports)}
        if kept == found:
            return found
        found = kept


def _calls_only(function: ast.FunctionDef, own: set[str], imports: Mapping[str, set[str]]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in _OF_CONTAINERS:
                continue
            if isinstance(called, ast.Name) and called.id in own:
                continue
            if not _is_tool(called, imports):
                return False
        elif isinstance(node, (ast.Await, ast.With, ast.AsyncWith)):
            return False
    return True


#: Methods of lists, dicts, sets and texts, which a function may call on what it has.
_OF_CONTAINERS = frozenset(
    name for kind in (list, dict, set, str) for name in vars(kind) if name[0] != "_"
)


def _bound_elsewhere(tree: ast.Module) -> set[str]:
    """Return the names that are also bound inside functions, changed in place or deleted."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (*_DEFINITIONS, ast.Lambda, ast.comprehension)):
            for inner in ast.iter_child_nodes(node):
                found |= {n.id for n in ast.walk(inner) if isinstance(n, ast.Name) and _is_bound(n)}
                found |= {n.name for n in ast.walk(inner) if isinstance(n, _DEFINITIONS)}
    return found


def _only_compared(tree: ast.AST, imports: dict[str, set[str]]) -> set[str]:
    """Return the names whose values go into comparisons and a library's functions alone."""
    compared: set[str] = set()
    others: set[str] = set()
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load):
                harmless = isinstance(node, ast.Compare) or (
                    isinstance(node, ast.Call)
                    and child is not node.func
                    and _is_tool(node.func, imports)
                )
                (compared if harmless else others).add(child.id)
    return compared - others


def _is_tool(function: ast.expr, imports: Mapping[str, set[str]]) -> bool:
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and (
        function.id in imports or hasattr(builtins, function.id)
    )


def _chains(tree: ast.AST) -> Iterator[list[str]]:
    """Yield each name with the attributes behind it, the longest alone."""
    for node in ast.iter_child_nodes(tree):
        chain: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            chain.insert(0, inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield [inner.id, *chain]
        else:
            yield from _chains(inner)


def _changed(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield node.attr
        elif isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            if name in _PATCHING:
                for inner in [*node.args[:2], *[k.value for k in node.keywords]]:
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                        yield inner.value.rpartition(".")[2]
