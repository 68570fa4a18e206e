"""Call a function for many arguments at once.

A gradient check calls a function thousands of times. When the course is graded, the
function may live in another process, where each question takes its time; asked for all
of the calls in one question, the process needs hardly longer than the function itself.
With an ordinary function, nothing here differs from a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


def call_each(
    function: Callable, arguments: Iterable[Sequence], then: Callable | None = None
) -> list:
    """Return ``[then(function(*a)) for a in arguments]``.

    Parameters
    ----------
    function : callable
        Called once for each item, in their order.
    arguments : iterable of sequences
        Positional arguments. Arrays among them may be handed over as copies: do not
        count on seeing what the function changes in them.
    then : callable, optional
        Gets each result before the next call is made. A function may return the same
        array every time, with other numbers in it: copy what you want to keep.

    Returns
    -------
    list
        What the calls returned. Arrays in it may be copies.

    Raises
    ------
    Exception
        What the first failing call raised; those after it were not made.
    """
    rows = [tuple(row) for row in arguments]
    together = getattr(type(function), "__call_each__", None)
    then = then or _unchanged
    if together is None:
        return [then(function(*row)) for row in rows]
    return together(function, rows, then)


def _unchanged(result):
    return result
