"""What a failed check says to the student, in a line or two.

A traceback holds the text of hidden tests, so none of it is shown. Kept are the
message of the exception and, where the exception comes from the student's own
code, the line there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbformat import NotebookNode

from fairmark.cells import is_check

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FRAME = re.compile(r"(?:Cell In|In|Input In) ?\[(\d+)\],? (?:line (\d+)|in )")
_LONGEST = 2000
#: Exceptions whose message was written for the student. An output names only
#: the class, not its bases; a course's own checks may raise a ``CheckFailed``.
_SPOKEN = ("AssertionError", "CheckFailed")
#: The machine that grades lacks something that the check needs; no answer is to blame.
_NOT_DECIDED = ("WeightsUnavailable", "DataUnavailable")


def plain(text: str) -> str:
    """Take the colours of a terminal out of a text.

    Parameters
    ----------
    text : str
        Any output.
    """
    return _ANSI.sub("", text)


def error_of(cell: NotebookNode) -> NotebookNode | None:
    """Return the last error output of a cell, or None.

    Parameters
    ----------
    cell : NotebookNode
        An executed code cell.
    """
    errors = [out for out in cell.get("outputs", []) if out.get("output_type") == "error"]
    return errors[-1] if errors else None


def not_decided(cell: NotebookNode) -> str:
    """Say why a check could not be made on this machine.

    Parameters
    ----------
    cell : NotebookNode
        The check, executed.

    Returns
    -------
    str
        Empty when it could be made.
    """
    error = error_of(cell)
    if error is None or error.get("ename") not in _NOT_DECIDED:
        return ""
    return plain(str(error.get("evalue", ""))).strip()[:_LONGEST]


def diagnosis(cell: NotebookNode, cells: Sequence[NotebookNode]) -> str:
    """Say why a check failed.

    Parameters
    ----------
    cell : NotebookNode
        The check, executed.
    cells : sequence of NotebookNode
        All cells of the notebook, to look up the student's line.

    Returns
    -------
    str
        Empty when the cell shows no error.
    """
    error = error_of(cell)
    if error is None:
        return ""
    text = plain(str(error.get("evalue", ""))).strip()[:_LONGEST]
    name = str(error.get("ename", "Error"))
    if name in _SPOKEN:
        return text or "The check failed (it gives no message)."
    if name == "NotImplementedError":
        text = text or "the answer is not filled in yet"
    where = _students_line(error, cells)
    return f"{name}: {text}{where}" if text else f"{name}{where}"


def _students_line(error: NotebookNode, cells: Sequence[NotebookNode]) -> str:
    """Find the innermost line of the student's own code in a traceback."""
    own = {
        cell.execution_count: cell
        for cell in cells
        if cell.cell_type == "code" and cell.get("execution_count") and not is_check(cell)
    }
    found = ""
    for count, line in _FRAME.findall(plain("\n".join(map(str, error.get("traceback", []))))):
        cell = own.get(int(count))
        lines = cell.source.splitlines() if cell is not None else []
        # IPython leaves empty lines at the beginning of a cell out before it counts.
        number = int(line) + _empty_lines_before(lines) if line else 0
        if 0 < number <= len(lines):
            found = f"\n(in your code, line {number} of its cell: {lines[number - 1].strip()})"
    return found


def _empty_lines_before(lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines) if line.strip()), 0)
