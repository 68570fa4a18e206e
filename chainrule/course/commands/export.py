"""``chainrule export``: write the marks of an assignment into a table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def command(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, such as backprop.")],
    course: Annotated[
        Path | None,
        typer.Option("--course", help="nbgrader course folder [default: the present folder]."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write into this file [default: print].")
    ] = None,
) -> None:
    """Write the marks of an assignment as CSV, with the status of each.

    A student without a mark has an empty score and a status that says why, never
    a bare 0. Penalties for handing in late are already taken off.
    """
    # Imported here so that `chainrule --help` stays quick.
    from chainrule.course.grading.folder import CourseFolder
    from chainrule.course.grading.marks import marks, write_csv
    from chainrule.course.grading.model import GradingError

    try:
        rows = marks(CourseFolder(course), assignment)
    except GradingError as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    if to is None:
        write_csv(rows, sys.stdout)
        return
    with to.open("w", encoding="utf-8", newline="") as file:
        write_csv(rows, file)
    Console(stderr=True).print(f"{len(rows)} marks written into {to}.", markup=False)
