"""From what a run left behind to points and a status.

A check earns its points when its cell ends without an error. What it writes to stderr,
a warning or a progress bar, costs nothing. A number as its last expression is the mark
itself, as in nbgrader.
"""

from __future__ import annotations

import io
import math
import re
import tokenize
from collections.abc import Sequence

from nbformat import NotebookNode

from fairmark.model import NotebookRun, Status

_NUMBER = re.compile(r"^(?:np|numpy|torch)?\.?(?:float\d*|int\d*|tensor)\(([^(),]+).*\)$")

#: What may stand behind the last word of a cell.
_BLANK = frozenset({tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT})


def overall(runs: Sequence[NotebookRun]) -> tuple[Status, str]:
    """Join the notebooks' statuses: one that cannot be graded leaves the others their marks.

    Parameters
    ----------
    runs : sequence of NotebookRun
        Of one submission.

    Returns
    -------
    status : Status
        Of the submission.
    reason : str
        Why it is not graded in full; empty otherwise.
    """
    several = len(runs) > 1 and len({run.reason for run in runs}) > 1
    reasons = [_with_name(run) if several else run.reason for run in runs if run.reason]
    reason = "; ".join(dict.fromkeys(reasons))
    if all(run.status is Status.GRADED for run in runs):
        return Status.GRADED, reason
    if any(run.noticed for run in runs) or all(run.status is Status.REVIEW for run in runs):
        return Status.REVIEW, reason
    return Status.PARTLY, reason


def _with_name(run: NotebookRun) -> str:
    return run.reason if run.reason.startswith(run.name) else f"{run.name}: {run.reason}"


def points_earned(cell: NotebookNode, most: float) -> tuple[float, str]:
    """Return the points of a check whose cell ended without an error.

    Parameters
    ----------
    cell : NotebookNode
        The executed check.
    most : float
        All its points.

    Returns
    -------
    points : float
        `most`, or the number that the cell ends with, between 0 and `most`.
    remark : str
        Why it is less than `most`; empty otherwise.
    """
    number = last_number(cell)
    if number is None or _ends_quietly(str(cell.source)):
        return most, ""
    if math.isnan(number):
        return 0.0, "The check ended with a mark that is no number."
    points = min(max(number, 0.0), most)
    return points, "" if points >= most else f"Part of the points: {points:g} of {most:g}."


def _ends_quietly(text: str) -> bool:
    """Tell whether a semicolon keeps the last value of a cell from being shown, and a mark."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        # It holds magics: what stands on its last line decides.
        return text.rstrip().endswith(";")
    last = next((token for token in reversed(tokens) if token.type not in _BLANK), None)
    return last is not None and last.string == ";"


def last_number(cell: NotebookNode) -> float | None:
    """Return the number that a cell ends with, as its output shows it; None for none.

    Parameters
    ----------
    cell : NotebookNode
        The executed cell.
    """
    for output in reversed(cell.get("outputs", [])):
        if output.output_type == "execute_result":
            text = str(output.get("data", {}).get("text/plain", "")).strip()
            match = _NUMBER.match(text)
            try:
                return float(match[1] if match else text)
            except ValueError:
                return None
    return None
