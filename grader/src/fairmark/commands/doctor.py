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
        How to get it.
    essential : bool
        Whether nothing can be graded without it.
    """

    what: str
    state: str
    needed_for: str
    remedy: str
    essential: bool = False


def command() -> None:
    """Say whether this machine can grade, and what to do where it cannot. Changes nothing.

    Exit code: 0 when everything that grading needs is there, 1 when something is missing.
    """
    console = Console()
    found = findings()
    table = Table(title=f"fairmark on Python {platform.python_version()}")
    for heading in ("what", "found", "needed for", "what to do"):
        table.add_column(heading, overflow="fold")
    for item in found:
        state = item.state or "[red]missing[/]" if item.essential else item.state or "missing"
        table.add_row(item.what, state, item.needed_for, "" if item.state else item.remedy)
    console.print(table)
    if any(item.essential and not item.state for item in found):
        raise typer.Exit(1)


def findings() -> list[Finding]:
    """Look for everything that grading can use."""
    return [
        _package("nbgrader", "everything", essential=True),
        _sandbox(),
        _filter(),
        _package("distributed", "grading on a cluster", "pip install 'fairmark[cluster]'"),
        _package("psycopg", "a gradebook in PostgreSQL", "pip install 'fairmark[postgresql]'"),
    ]


def _package(name: str, needed_for: str, remedy: str = "", essential: bool = False) -> Finding:
    there = metadata.version(name) if find_spec(name) is not None else ""
    return Finding(name, there, needed_for, remedy or f"pip install {name}", essential)


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
    needed_for = "keeping students' code from what the kernel offers beyond its needs"
    return Finding("system call filter", "" if why else "works", needed_for, why)
