"""The table that the instructor reads."""

from __future__ import annotations

from rich.console import Console

from fairmark.model import Result, Status
from fairmark.reports.table import printable, reason_text, table

KERNEL = "The notebook names the kernel 'nn'; python3 was used."
COPIES = "f1-forward was there 2 times: the identical copies were removed."


def row(reason="", repairs=()):
    return Result("ann", "kite", Status.GRADED, reason, 9, 16, repairs=list(repairs))


def test_the_reason_names_repairs():
    assert reason_text(row(repairs=[KERNEL])) == f"repaired: {KERNEL[:-1]}"
    both = reason_text(row("f2 did not end", [KERNEL, COPIES, "Third."]))
    assert both.startswith("f2 did not end. repaired: The notebook names")
    assert "f1-forward was there 2 times" in both and both.endswith("(+1 more, below)")


def test_long_repairs_are_cut_in_the_table():
    assert len(reason_text(row(repairs=["x" * 500]))) < 120


def test_nothing_in_the_table_steers_the_terminal():
    console = Console(width=100, force_terminal=False, record=True)
    console.print(table([row("\x1b[2Jgone", ["a\u202eb\x07c"])], "kite"))
    text = console.export_text()
    assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
    assert printable("Zoë – ✓") == "Zoë – ✓"
