"""See whether a backward pass was written by hand."""

from __future__ import annotations

import ast
from collections.abc import Callable

from chainrule.checks.core import fail
from chainrule.checks.inspect_source import definition_of

#: Names that derive for you. None of them belongs in a backward pass written by hand.
DIFFERENTIATORS = frozenset(
    {"torch", "jax", "autograd", "tensorflow", "sympy", "chainrule", "numeric_gradient"}
)


def check_by_hand(name: str, function: Callable) -> None:
    """Fail when a function leaves its gradients to a library.

    Raises
    ------
    CheckFailed
        Names the word in the source that gave it away.
    """
    for node in ast.walk(definition_of(function)):
        words = []
        if isinstance(node, ast.Name):
            words = [node.id]
        elif isinstance(node, ast.Attribute):
            words = [node.attr]
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            words = [alias.name.split(".")[0] for alias in node.names]
            words += [(getattr(node, "module", None) or "").split(".")[0]]
        for word in words:
            if word in DIFFERENTIATORS:
                fail(
                    f"{name} uses `{word}`, which works the derivatives out for you. "
                    "This task asks for the backward pass by hand: one line for each edge."
                )
