"""What came out: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from fairmark.model import Result, Status

_STYLE = {Status.GRADED: "green", Status.PARTLY: "yellow", Status.REVIEW: "red"}
#: The status must not depend on colour alone.
_SIGN = {Status.GRADED: "✓", Status.PARTLY: "◐", Status.REVIEW: "!"}

#: What the table holds of the repairs; all of them stand below it.
_REPAIRS_IN_TABLE = 2
_LONGEST_IN_TABLE = 90


def number(value: float) -> str:
    """Write points without needless decimals.

    Parameters
    ----------
    value : float
        Points.
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def score_text(result: Result) -> str:
    """Write a score, with what still waits for a person: ``15 + 5 by hand / 25``.

    Parameters
    ----------
    result : Result
        One row.
    """
    if result.status is Status.REVIEW and not result.checks:
        return f"- / {number(result.max_score)}"
    waiting = sum(result.by_hand.values())
    by_hand = f" + {number(waiting)} by hand" if waiting else ""
    return f"{number(result.score)}{by_hand} / {number(result.max_score)}"


def needs_a_look(results: Sequence[Result]) -> bool:
    """Tell whether a person has to look at any of the rows.

    Parameters
    ----------
    results : sequence of Result
        All rows.
    """
    return any(result.status is not Status.GRADED for result in results)


def reason_text(result: Result) -> str:
    """Say in short why a row is not plain: the reason, then what was repaired.

    Parameters
    ----------
    result : Result
        One row.
    """
    parts = [printable(result.reason)] if result.reason else []
    if result.repairs:
        told = [_shortened(text) for text in result.repairs[:_REPAIRS_IN_TABLE]]
        more = len(result.repairs) - len(told)
        rest = f" (+{more} more, below)" if more else ""
        parts.append(f"repaired: {'; '.join(told)}{rest}")
    return ". ".join(parts)


def printable(text: str) -> str:
    """Replace what could steer a terminal or cannot be printed.

    Parameters
    ----------
    text : str
        Any text, such as a file name that a student chose.
    """
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)


def _shortened(repair: str) -> str:
    text = printable(repair).rstrip(".")
    return text if len(text) <= _LONGEST_IN_TABLE else text[: _LONGEST_IN_TABLE - 1] + "…"


def table(results: Sequence[Result], assignment: str) -> Table:
    """Return the table of results.

    Parameters
    ----------
    results : sequence of Result
        All rows.
    assignment : str
        For the title.
    """
    view = Table(title=f"Results: {assignment}", title_justify="left")
    view.add_column("student", overflow="fold")
    view.add_column("status", no_wrap=True)
    view.add_column("score", justify="right", no_wrap=True)
    view.add_column("s", justify="right", no_wrap=True)
    view.add_column("reason", overflow="fold", ratio=1)
    for result in results:
        style = _STYLE[result.status]
        view.add_row(
            escape(result.student),
            f"[{style}]{_SIGN[result.status]} {result.status}[/]",
            score_text(result),
            f"{result.seconds:.1f}",
            escape(reason_text(result)),
        )
    return view


def repairs(results: Sequence[Result]) -> list[str]:
    """Return what was put right, one line each, with the student before it.

    Parameters
    ----------
    results : sequence of Result
        All rows.
    """
    return [f"{result.student}: {printable(text)}" for result in results for text in result.repairs]


def summary(results: Sequence[Result]) -> str:
    """Count the rows of each status, in one sentence.

    Parameters
    ----------
    results : sequence of Result
        All rows.
    """
    counts = [(sum(item.status is status for item in results), status) for status in Status]
    return ", ".join(f"{count} {status}" for count, status in counts if count) + "."


def unchanged(results: Sequence[Result]) -> str:
    """Say how many rows were not executed again; empty when all were.

    Parameters
    ----------
    results : sequence of Result
        All rows.
    """
    count = sum(result.unchanged for result in results)
    if not count:
        return ""
    return f"{count} unchanged since they were graded, not run again; --regrade runs them."


def as_dicts(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return the rows as JSON takes them.

    Parameters
    ----------
    results : sequence of Result
        All rows.
    """
    return [{**asdict(result), "status": str(result.status)} for result in results]


def write_json(results: Sequence[Result], path: Path) -> None:
    """Write the rows into a file.

    Parameters
    ----------
    results : sequence of Result
        All rows.
    path : Path
        The file; it is replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_dicts(results), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
