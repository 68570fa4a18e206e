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
    form: Annotated[
        str, typer.Option("--form", help="csv (everything), canvas or gradescope.")
    ] = "csv",
    to: Annotated[
        Path | None, typer.Option("--to", help="Write into this file [default: print].")
    ] = None,
) -> None:
    """Write the marks of an assignment as CSV, with the status of each.

    The forms of Canvas and Gradescope hold only settled marks. Others are empty,
    and a column of notes says why.

    A student without a mark has an empty score and a status that says why, never
    a bare 0. Penalties for handing in late are already taken off.
    """
    # Imported here so that `chainrule --help` stays quick.
    from chainrule.course.grading.folder import CourseFolder
    from chainrule.course.grading.marks import FORMS, marks
    from chainrule.course.grading.model import GradingError

    try:
        if form not in FORMS:
            raise GradingError(f"There is no form {form!r}. There are: {', '.join(FORMS)}.")
        rows = marks(CourseFolder(course), assignment)
    except GradingError as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    if to is None:
        FORMS[form](rows, sys.stdout)
        return
    with to.open("w", encoding="utf-8", newline="") as file:
        FORMS[form](rows, file)
    Console(stderr=True).print(f"{len(rows)} marks written into {to}.", markup=False)
