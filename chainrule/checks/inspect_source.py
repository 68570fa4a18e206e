"""Read the source of a student's function, to count operators and to see what it uses."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Callable

from chainrule.checks.core import fail


def source_of(function: Callable) -> str:
    """Return the source text of a function.

    A stand-in for a function that lives in another process offers its source as
    the attribute ``__source__``.

    Raises
    ------
    CheckFailed
        When the source cannot be found.
    """
    text = getattr(function, "__source__", None)
    if isinstance(text, str):
        return textwrap.dedent(text)
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        fail(
            "The source of your function cannot be read. Define it with `def` in a cell of this "
            "notebook, run that cell, and run this check again."
        )


def source_with_helpers(function: Callable) -> str:
    """Return the source of a function and of the helper functions that it calls.

    Only helpers that the student defined beside it count: functions written in Python
    that live in the same namespace and whose source can be read.
    """
    if isinstance(getattr(function, "__source__", None), str):
        return source_of(function)
    found: dict[str, str] = {}
    waiting = [function]
    while waiting:
        current = waiting.pop()
        text = source_of(current)
        found[current.__name__] = text
        for name in _names_called(text):
            helper = current.__globals__.get(name)
            if isinstance(helper, types.FunctionType) and name not in found:
                if helper.__globals__ is current.__globals__:
                    waiting.append(helper)
    return "\n".join(found.values())


def _names_called(text: str) -> list[str]:
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return [call.func.id for call in calls if isinstance(call.func, ast.Name)]


def definition_of(function: Callable) -> ast.FunctionDef:
    """Parse a function's source and return its definition.

    Raises
    ------
    CheckFailed
        When the source holds no ``def``, for example for a lambda.
    """
    try:
        tree = ast.parse(source_of(function))
    except SyntaxError:
        fail("The source of your function cannot be read on its own. Define it with `def`.")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            return node
    fail("Define your function with `def`, not as a lambda, so that its operators can be counted.")


def input_names(function: Callable) -> list[str]:
    """Return the names of a function's inputs.

    Raises
    ------
    CheckFailed
        For ``*args`` and ``**kwargs``, where the number of inputs is not known, and for none.
    """
    arguments = definition_of(function).args
    if arguments.vararg or arguments.kwarg:
        fail("Give your function named inputs instead of *args or **kwargs: f4(x, y, z).")
    names = [a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
    if not names:
        fail("Your function has no inputs. Give it at least one.")
    return names
