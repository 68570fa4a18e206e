"""``fairmark doctor``: whether this machine can grade, and what to do where it cannot."""

from __future__ import annotations

import platform
from importlib import metadata
from importlib.util import find_spec
from typing import NamedTuple

import typer
from rich.console import Console
from rich.table import Table


class Finding(NamedTuple):
    """Something that grading needs.

    Attributes
    ----------
    what : str
        Its name.
    state : str
        What was found; empty when it is missing.
    needed_for : str
        What does not work without it.
    remedy : str
        What to do where it is missing, as sentences.
    essential : bool
        Whether nothing can be graded without it.
    """

    what: str
    state: str
    needed_for: str
    remedy: str
    essential: bool = False


def command() -> None:
    """Say whether this machine can grade, and what to do where it cannot.

    Looks for the packages, makes a sandbox and tries the filter of system
    calls. Changes nothing. What nothing can be graded without stands first.

    Exit code: 0 when everything that grading needs is there, 1 when something
    is missing.
    """
    console = Console()
    found = sorted(findings(), key=lambda item: not item.essential)
    table = Table(title=f"fairmark on Python {platform.python_version()}")
    for heading in ("what", "found", "needed for"):
        table.add_column(heading, overflow="fold")
    for item in found:
        missing = "[red]missing[/]" if item.essential else "missing"
        table.add_row(item.what, item.state or missing, item.needed_for)
    console.print(table)
    for item in found:
        if not item.state:
            console.print(f"\n{item.what}: {item.remedy}", markup=False, highlight=False)
    if any(item.essential and not item.state for item in found):
        console.print("\n[red]This machine cannot grade yet.[/]")
        raise typer.Exit(1)
    console.print("\nThis machine can grade.")


def findings() -> list[Finding]:
    """Look for everything that grading can use."""
    return [
        _package("nbgrader", "everything", essential=True),
        _sandbox(),
        _filter(),
        _package("distributed", "grading on a cluster", "distributed"),
        _package("psycopg", "a gradebook in PostgreSQL", "psycopg[binary]"),
    ]


def _package(name: str, needed_for: str, source: str = "", essential: bool = False) -> Finding:
    there = metadata.version(name) if find_spec(name) is not None else ""
    remedy = f"Install it with: pip install '{source or name}'"
    return Finding(name, there, needed_for, remedy, essential)


def _sandbox() -> Finding:
    """Make a sandbox, as grading does, and end it."""
    from fairmark.execution.executor import SandboxedExecutor
    from fairmark.model import GradingError

    try:
        SandboxedExecutor().probe()
    except GradingError as error:
        return Finding("sandbox", "", "running students' code safely", str(error), essential=True)
    return Finding("sandbox", "works", "running students' code safely", "")


def _filter() -> Finding:
    """Try the filter of system calls in a process of its own."""
    from fairmark.execution.sandbox import why_no_filter

    why = why_no_filter()
    needed_for = "keeping students' code out of the kernel"
    return Finding("system call filter", "" if why else "works", needed_for, why)
