"""``fairmark export``: write the marks of an assignment into a table, or its autograder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairmark.judged import Judge
from fairmark.limits import Limits


def command(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, such as backprop.")],
    archive: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE.zip",
            help="The zip of --gradescope-autograder (default: ASSIGNMENT-autograder.zip).",
            show_default=False,
        ),
    ] = None,
    course: Annotated[
        Path | None,
        typer.Option("--course", help="nbgrader course folder (default: the present folder)."),
    ] = None,
    form: Annotated[
        str, typer.Option("--form", help="csv (everything), canvas or gradescope.")
    ] = "csv",
    to: Annotated[
        Path | None, typer.Option("--to", help="Write into this file (default: print).")
    ] = None,
    autograder: Annotated[
        bool,
        typer.Option(
            "--gradescope-autograder",
            help="Write no marks, but the zip with which Gradescope grades by itself.",
        ),
    ] = False,
    visibility: Annotated[
        str,
        typer.Option(
            "--visibility",
            help="Autograder: when students see the tests: visible, after_due_date, "
            "after_published or hidden.",
        ),
    ] = "visible",
    cell_seconds: Annotated[
        float, typer.Option("--cell-seconds", min=1, help="Autograder: time for one cell.")
    ] = Limits.cell_seconds,
    notebook_seconds: Annotated[
        float,
        typer.Option("--notebook-seconds", min=1, help="Autograder: time for one notebook."),
    ] = Limits.notebook_seconds,
    judge: Annotated[
        Judge,
        typer.Option(
            "--judge",
            help="Autograder: where checks run, apart from the student's code, beside it, or as "
            "the reference solution decides.",
        ),
    ] = Judge.AUTO,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway", help="Autograder: make it also where the reference solution fails checks."
        ),
    ] = False,
) -> None:
    """Write the marks of an assignment as CSV, with the status of each.

    The forms of Canvas and Gradescope hold only settled marks. Others are empty,
    and a column of notes says why.

    A student without a mark has an empty score and a status that says why, never
    a bare 0. Penalties for handing in late are already taken off.

    With --gradescope-autograder it writes a zip instead, which you upload to
    Gradescope as the autograder of this one assignment. The zip is for instructors
    only, because it holds hidden tests. The reference solution in source/ is run first,
    unless nothing has changed since: it decides how the checks are judged.
    """
    # Imported here so that `fairmark --help` stays quick.
    from fairmark.model import GradingError

    try:
        if autograder:
            _write_autograder(
                course,
                assignment,
                archive or to,
                (visibility, cell_seconds, notebook_seconds),
                (judge, anyway),
            )
        elif archive is not None:
            raise GradingError(f"To write marks into {archive}, say --to {archive}.")
        else:
            _write_marks(course, assignment, form, to)
    except GradingError as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error


def _write_marks(course: Path | None, assignment: str, form: str, to: Path | None) -> None:
    from fairmark.folder import CourseFolder
    from fairmark.model import GradingError
    from fairmark.reports.exports import FORMS, marks

    if form not in FORMS:
        raise GradingError(f"There is no form {form!r}. There are: {', '.join(FORMS)}.")
    rows = marks(CourseFolder(course), assignment)
    if to is None:
        FORMS[form](rows, sys.stdout)
        return
    with to.open("w", encoding="utf-8", newline="") as file:
        FORMS[form](rows, file)
    Console(stderr=True).print(f"{len(rows)} marks written into {to}.", markup=False)


def _write_autograder(
    course: Path | None,
    assignment: str,
    path: Path | None,
    chosen: tuple[str, float, float],
    judging: tuple[Judge, bool],
) -> None:
    from fairmark.folder import CourseFolder
    from fairmark.gradescope.archive import settings_for, write_autograder
    from fairmark.gradescope.packed import VISIBILITIES
    from fairmark.model import GradingError
    from fairmark.reports.table import number

    visibility, cell_seconds, notebook_seconds = chosen
    if visibility not in VISIBILITIES:
        raise GradingError(
            f"There is no visibility {visibility!r}. There are: {', '.join(VISIBILITIES)}."
        )
    folder = CourseFolder(course)
    settings = settings_for(
        folder,
        visibility=visibility,
        cell_seconds=cell_seconds,
        notebook_seconds=notebook_seconds,
    )
    target = path or Path(f"{assignment}-autograder.zip")
    try:
        made = write_autograder(folder, assignment, target, settings, *judging)
    except OSError as error:
        raise GradingError(f"{target} cannot be written: {error.strerror}.") from error
    console = Console(stderr=True)
    for notice in made.notices:
        console.print(f"Note: {notice}", style="yellow", markup=False)
    console.print(
        f"{made.path}: {number(made.points)} points by program, "
        f"{number(made.by_hand)} by hand. It holds hidden tests; do not give it to students.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
