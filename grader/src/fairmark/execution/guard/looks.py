"""Reading the student's cells for what only serves to look at checks, or to tamper with them.

The guard hears what is done; this says it of what is written, also where it was not reached.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from ..names import plain_python
from .tools import imports_of

#: Names that lead to whoever calls, to code, or to every object.
_LOOKING = frozenset(
    {
        "_getframe", "currentframe", "_current_frames", "f_back", "f_locals", "f_code", "tb_frame",
        "gi_frame", "cr_frame", "ag_frame", "co_consts", "co_code", "__code__", "get_objects",
        "get_referrers", "get_referents", "linecache", "ctypes", "settrace", "setprofile",
        "addaudithook", "getouterframes", "getinnerframes", "extract_stack", "format_stack",
        "print_stack", "walk_stack", "walk_tb", "call_tracing", "faulthandler",
    }
)  # fmt: skip
#: Names with which the shell is made to run cells in another way.
_SHELL = frozenset(
    {
        "ast_transformers", "input_transformers_post", "input_transformers_cleanup",
        "input_transformer_manager", "set_custom_exc", "run_cell", "run_code", "run_ast_nodes",
        "user_ns", "showtraceback", "_showtraceback",
    }
)  # fmt: skip
_FILES = ("/proc/", "/dev/fd")
#: Calls that reach into files which are open already.
_NUMBERS = frozenset({"dup2", "dup", "closerange", "sendmsg", "recvmsg", "recv_fds", "send_fds"})
#: What belongs to a module and is meant to be set.
_SETTINGS = frozenset({"stdout", "stderr", "stdin", "path", "argv", "rcParams", "options"})
_SETTING = frozenset({"setattr", "delattr"})


def looks(cells: Iterable[tuple[str, str]]) -> list[str]:
    """Return what is found, one sentence for each kind and cell.

    Parameters
    ----------
    cells : iterable of tuple
        What to call a cell of the student's, and its text.
    """
    pairs = list(cells)
    modules = {name for name in imports_of(text for _, text in pairs)} | {"builtins", "__builtins__"}
    found: list[str] = []
    for title, text in pairs:
        try:
            tree = ast.parse(plain_python(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found += [f"{title} {what}" for what in dict.fromkeys(_in_tree(tree, modules))]
    return found


def _in_tree(tree: ast.AST, modules: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        yield from _named(node)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
            targets: Sequence[ast.expr] = getattr(node, "targets", None) or [node.target]  # type: ignore[union-attr]
            value = getattr(node, "value", None)
            for target in targets:
                yield from _set(target, value, modules)
        elif isinstance(node, ast.Call):
            yield from _called(node, modules)


def _named(node: ast.AST) -> Iterator[str]:
    names: list[str] = []
    if isinstance(node, ast.Attribute):
        names = [node.attr]
    elif isinstance(node, ast.Name):
        names = [node.id]
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        module = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names = [*module, *(alias.name for alias in node.names)]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        names = [node.value]
        if node.value.startswith(_FILES):
            yield f"names {node.value}"
    for name in names:
        if name in _LOOKING:
            yield f"uses {name}, which leads to whoever calls it or to their code"
        elif isinstance(node, (ast.Attribute, ast.Constant)) and name in _SHELL:
            yield f"uses {name}, with which the shell is made to run cells in another way"


def _set(target: ast.expr, value: ast.expr | None, modules: set[str]) -> Iterator[str]:
    """Tell of a target that belongs to a library."""
    text = _chain(target)
    if not text:
        return
    root, _, rest = text.partition(".")
    if isinstance(target, ast.Subscript):
        if text == "sys.modules":
            yield "exchanges a module in sys.modules"
        elif (root in modules and "__dict__" in rest) or root == "__builtins__":
            yield f"exchanges a name in {text}"
    elif rest and root in modules and not isinstance(value, ast.Constant):
        if rest.split(".")[0] not in _SETTINGS:
            yield f"exchanges {text}"


def _called(node: ast.Call, modules: set[str]) -> Iterator[str]:
    function = _chain(node.func)
    name = function.rpartition(".")[2]
    first = _chain(node.args[0]) if node.args else ""
    if name in _SETTING and first.partition(".")[0] in modules:
        yield f"exchanges a name in {first}"
    elif function.endswith("__dict__.update") and function.partition(".")[0] in modules:
        yield f"exchanges a name in {function.removesuffix('.update')}"
    elif function.startswith("os.") and name in _NUMBERS:
        yield f"calls {function}, which reaches into open files"
    elif function in ("os.write", "os.read", "os.close") and not _is_usual_file(node):
        yield f"calls {function} on a file that it has not named"
    elif any(keyword.arg == "fileno" for keyword in node.keywords) and name == "socket":
        yield "makes a socket of an open file's number"


def _is_usual_file(node: ast.Call) -> bool:
    first = node.args[0] if node.args else None
    return isinstance(first, ast.Constant) and first.value in (1, 2)


def _chain(node: ast.expr) -> str:
    """Return a dotted name; what is called on the way, such as ``vars(np)``, is its argument."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _chain(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    if isinstance(node, ast.Subscript):
        return _chain(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars":
        inner = _chain(node.args[0]) if node.args else ""
        return f"{inner}.__dict__" if inner else ""
    return ""
