"""Reading the student's cells for what only serves to look at checks, or to tamper with them.

The guard hears what is done; this says it of what is written, also where it was not reached.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..names import plain_python
from .tools import Uses, imports_of

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
#: Calls that take the name of what they get.
_GETTING = frozenset(
    {
        "getattr",
        "setattr",
        "hasattr",
        "attrgetter",
        "__import__",
        "import_module",
        "__getattribute__",
    }
)
_SETTING = frozenset({"setattr", "delattr"})


def looks(cells: Iterable[tuple[str, str]]) -> list[str]:
    """Return what is found, one sentence for each kind and cell.

    Parameters
    ----------
    cells : iterable of tuple
        What to call a cell of the student's, and its text.
    """
    pairs = list(cells)
    modules = {name for name in imports_of(text for _, text in pairs)} | {
        "builtins",
        "__builtins__",
    }
    found: list[str] = []
    for title, text in pairs:
        tree = _parsed(text)
        if tree is None:
            continue
        found += [f"{title} {what}" for what in dict.fromkeys(_in_tree(tree, modules))]
    return found


def borrowed(cells: Iterable[tuple[str, str]], uses: Mapping[str, Uses]) -> list[str]:
    """Return which functions read what checks compare with, or call what they define.

    Parameters
    ----------
    cells : iterable of tuple
        What to call a cell of the student's, and its text.
    uses : mapping
        Grade id of each check that is judged beside to what it uses.
    """
    found = []
    for title, text in cells:
        tree = _parsed(text)
        read = set(_read_in_functions(tree)) if tree is not None else set()
        for check, used in uses.items():
            for name in sorted(read & {*used.kept, *used.defined}):
                if not hasattr(builtins, name):
                    found.append(f"a function of {title} reads {name}, which {check} binds")
    return found


def read_in_functions(texts: Iterable[str]) -> set[str]:
    """Return the names of the notebook that functions in some texts read or bind.

    Parameters
    ----------
    texts : iterable of str
        Cells; of one that is no Python, every word counts.
    """
    found: set[str] = set()
    for text in texts:
        tree = _parsed(text)
        if tree is None:
            found.update(re.findall(r"\w+", text))
        else:
            found.update(_read_in_functions(tree), _declared(tree))
    return found


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(plain_python(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]


def _read_in_functions(tree: ast.AST) -> Iterator[str]:
    """Yield names that functions read from the notebook, also as texts in ``globals()``."""
    for function in ast.walk(tree):
        if not isinstance(function, _LATER):
            continue
        own = set(_bound(function)) - _declared(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                if node.id not in own:
                    yield node.id
            elif isinstance(node, (ast.Subscript, ast.Call)):
                yield from _asked_for(node)


#: What runs when it is called or asked for a value, and not in its cell.
_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


def _declared(function: ast.AST) -> set[str]:
    return {n for node in ast.walk(function) if isinstance(node, ast.Global) for n in node.names}


def _asked_for(node: ast.Subscript | ast.Call) -> Iterator[str]:
    owner = node.value if isinstance(node, ast.Subscript) else node.func
    inner = [node.slice] if isinstance(node, ast.Subscript) else node.args
    if _is_namespace(owner):
        for part in inner:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def _is_namespace(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return _is_namespace(node.value)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("globals", "vars", "locals", "eval", "getattr")
    )


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
    shell: list[str] = []
    if isinstance(node, ast.Attribute):
        names = shell = [node.attr]
    elif isinstance(node, ast.Name):
        names = [node.id]
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        module = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names = [*module, *(alias.name for alias in node.names)]
    elif isinstance(node, ast.Call) and _chain(node.func).rpartition(".")[2] in _GETTING:
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        names = shell = [part for text in texts if type(text) is str for part in text.split(".")]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value.startswith(_FILES):
            yield f"names {node.value}"
    for name in names:
        if name in _LOOKING:
            yield f"uses {name}, which leads to whoever calls it or to their code"
    for name in shell:
        if name in _SHELL:
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
