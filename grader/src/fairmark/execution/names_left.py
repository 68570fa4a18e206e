"""What a check leaves to the cells below it, as it would in one process.

In a notebook the cells below a check can use what it imports, defines and binds. Where a
check runs in a process of its own, that is brought to the student's side afterwards: only
what stands outside hidden tests, and only what a text below names.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairmark.cells import regions, without_closed_regions

from .names import plain_python

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Left:
    """What a check leaves.

    Attributes
    ----------
    text : str
        Its open imports, and those of its open definitions that are used below.
    names : tuple of str
        Other names that it binds and that are used below.
    """

    text: str = ""
    names: tuple[str, ...] = ()


def left_by(text: str, below: Iterable[str]) -> Left:
    """Return what a check leaves to the cells below it.

    A name that the hidden tests bind too stays where it is: its value may tell what is expected.

    Parameters
    ----------
    text : str
        Of the check, with hidden tests.
    below : iterable of str
        Texts that are run on the student's side afterwards.
    """
    tree = _parsed(without_closed_regions(text))
    if tree is None:
        return Left()
    imports = [ast.unparse(s) for s in tree.body if isinstance(s, (ast.Import, ast.ImportFrom))]
    bound = set(_bound(tree.body))
    for hidden in regions(text) if bound else ():
        inner = _parsed(textwrap.dedent(hidden))
        # What cannot be read might bind anything.
        bound -= set(_bound(inner.body)) if inner is not None else bound
    wanted = _named(bound, "\n".join(below)) if bound else set()
    kept = {s.name: s for s in tree.body if isinstance(s, _Definition) and s.name in bound}
    while more := _named(
        bound - wanted, "\n".join(ast.unparse(kept[n]) for n in wanted & set(kept))
    ):
        # What a definition uses comes with it.
        wanted |= more
    definitions = [ast.unparse(node) for name, node in kept.items() if name in wanted]
    return Left("\n".join([*imports, *definitions]), tuple(sorted(wanted - set(kept))))


def bound_in(text: str) -> set[str]:
    """Return the names that a check binds in the notebook, with its hidden tests and imports.

    Parameters
    ----------
    text : str
        Of the check.
    """
    tree = _parsed(text)
    if tree is None:
        return set()
    imports = (node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)))
    names = {(a.asname or a.name).partition(".")[0] for node in imports for a in node.names}
    return names | set(_bound(tree.body))


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(plain_python(text))
    except (SyntaxError, ValueError):
        return None


def _named(names: set[str], text: str) -> set[str]:
    """Return the names that a text holds, as words: a few too many do no harm."""
    return {name for name in names if re.search(rf"\b{re.escape(name)}\b", text)}


def _bound(statements: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that statements bind in the notebook itself, imports left out."""
    for node in statements:
        if isinstance(node, _Definition):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, (ast.Lambda, ast.comprehension, ast.Import, ast.ImportFrom)):
            yield from _bound(ast.iter_child_nodes(node))
