"""Why a check cannot be judged in a process of its own, in words an instructor can act on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from fairmark.execution.names import names_used, plain_python
from fairmark.execution.names_left import bound_in
from fairmark.model import NotebookRun, TemplateCell

_SEEDS = {
    "np.random.seed": "NumPy's generator",
    "numpy.random.seed": "NumPy's generator",
    "np.random.set_state": "NumPy's generator",
    "random.seed": "Python's generator",
    "torch.manual_seed": "PyTorch's generator",
    "torch.set_rng_state": "PyTorch's generator",
}
_FIGURES = ("gca", "gcf", "get_fignums", "get_figlabels")
_SOURCES = ("getsource", "getsourcelines", "getsourcefile")
_PATCHES = ("patch", "monkeypatch", "MagicMock", "setattr", "patch.object")
_LONGEST = 200
_MISSING_NAME = re.compile(r"NameError: name '(\w+)' is not defined")


def free_names(text: str) -> set[str]:
    """Return the names that a check reads and does not bind itself.

    Parameters
    ----------
    text : str
        Of the check.
    """
    return set(names_used(text)) - bound_in(text)


def why_not_apart(
    check: TemplateCell,
    failure: str,
    run: NotebookRun,
    checks: Sequence[TemplateCell],
    beside: AbstractSet[str],
) -> str:
    """Say why a check is judged beside the student's code.

    Parameters
    ----------
    check : TemplateCell
        The check.
    failure : str
        What it says of the reference in a process of its own; empty where it passes there.
    run : NotebookRun
        That run.
    checks : sequence of TemplateCell
        All of the notebook, in their order.
    beside : set of str
        Which of them are judged beside.
    """
    if not failure:
        return _through_others(check, checks, beside)
    causes = list(dict.fromkeys([*_missing_name(failure, checks), *_seen_in(check.source)]))
    said = failure.splitlines()[0][:_LONGEST].rstrip(".")
    hindered = run.hindrances.get(check.grade_id, [])
    causes += [text.rstrip(".") for text in hindered[:-1][:1] if not causes]
    if not causes:
        causes = ["what it needs does not cross between two processes"]
    return f"{', and '.join(causes)} (in a process of its own it says of the reference: {said})"


def _through_others(
    check: TemplateCell, checks: Sequence[TemplateCell], beside: AbstractSet[str]
) -> str:
    """Name what a check takes from, or leaves to, others that are judged beside."""
    reads = free_names(check.source)
    for other in checks:
        if other.grade_id == check.grade_id:
            break
        shared = reads & bound_in(other.source)
        if other.grade_id in beside and shared:
            return f"it reads `{min(shared)}`, which {other.grade_id} defines, judged beside too"
    return "checks below it, judged beside, may need what it does"


def _missing_name(failure: str, checks: Sequence[TemplateCell]) -> Iterator[str]:
    match = _MISSING_NAME.search(failure)
    if match:
        for check in checks:
            if match[1] in bound_in(check.source):
                yield f"the solution reads `{match[1]}`, which {check.grade_id} defines"
                return


def _seen_in(text: str) -> Iterator[str]:
    """Yield what in the text of a check has another meaning in two processes."""
    try:
        tree = ast.parse(plain_python(text))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(ast.unparse(node.func))
        elif isinstance(node, (ast.Assign, ast.Delete)):
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    yield f"the check replaces `{ast.unparse(target)}` in another process"
        elif isinstance(node, ast.ClassDef) and node.bases:
            bases = ", ".join(f"`{ast.unparse(base)}`" for base in node.bases)
            yield f"the check derives a class from {bases}"
        elif isinstance(node, ast.ExceptHandler) and node.type is not None:
            yield f"the check catches `{ast.unparse(node.type)}`"


def _of_call(name: str) -> Iterator[str]:
    last = name.rpartition(".")[2]
    if name in _SEEDS:
        yield f"the check seeds {_SEEDS[name]} in another process"
    elif last in _FIGURES:
        yield "the check reads the figure that the solution draws in another process"
    elif last in _SOURCES:
        yield "the check reads the source of the student's code"
    elif name in _PATCHES or last in _PATCHES:
        yield f"the check replaces something (`{name}`) in another process"
    elif last in ("isinstance", "issubclass", "type"):
        yield "the check asks for the class of the student's object"
    elif last in ("repr", "hash", "dir", "vars", "deepcopy", "dumps", "eval", "exec", "globals"):
        yield f"the check calls `{name}` on what lies in another process"
