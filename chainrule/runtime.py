"""Who runs this code (a person, the grader or the book), and calls that suit each of them.

A gradient check calls a function thousands of times. When the course is graded, the
function may live in another process, where each question takes its time; asked for all
of the calls in one question, the process needs hardly longer than the function itself.
`call_each` asks so; with an ordinary function it differs in nothing from a loop.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence


def is_grading() -> bool:
    """Tell whether a notebook is being graded: then nothing is trained again.

    nbgrader sets the variable ``NBGRADER_EXECUTION`` while it runs a notebook.
    """
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def is_live() -> bool:
    """Tell whether a person sits before this notebook, so that sliders make sense.

    JupyterLab, Notebook, VS Code and Colab say with each cell which cell it is; what
    executes a notebook from top to bottom (the book, the grader) does not. The variable
    ``CHAINRULE_LIVE`` overrules this: 1 for yes, 0 for no.
    """
    said = os.environ.get("CHAINRULE_LIVE", "")
    if said:
        return said != "0"
    if is_grading():
        return False
    if "google.colab" in sys.modules:
        return True
    return bool(_cell_of_front_end())


def _cell_of_front_end() -> str:
    """Return the id of the cell that a front end has asked to run; empty without one."""
    if "IPython" not in sys.modules:
        return ""
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return ""
    return str(kernel.get_parent("shell").get("metadata", {}).get("cellId", ""))


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
