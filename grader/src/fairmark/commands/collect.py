"""``fairmark collect``: lay a download of submissions into the course folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def command(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, such as backprop.")],
    archive: Annotated[
        Path, typer.Argument(help="The downloaded zip, or a folder with zips or students' folders.")
    ],
    course: Annotated[
        Path | None,
        typer.Option("--course", help="nbgrader course folder (default: the present folder)."),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--form", help="canvas, gradescope or zips (default: found out)."),
    ] = None,
) -> None:
    """Lay the submissions of a Canvas or Gradescope download into submitted/.

    Zips named STUDENT.zip and folders named STUDENT
    work too. Archives are not trusted: links, paths that lead out and files that
    are too large are left out, and named. The time of each submission is recorded
    here, where the archive says it; a time inside a submission does not count.

    What is in submitted/ already is replaced where it has changed.
    """
    # Imported here so that `fairmark --help` stays quick.
    from fairmark.collect.collect import Form, collect
    from fairmark.folder import CourseFolder
    from fairmark.model import GradingError
    from fairmark.reports.table import printable

    console, errors = Console(), Console(stderr=True)
    try:
        if form is not None and form not in [str(item) for item in Form]:
            raise GradingError(f"There is no form {form!r}. There are: {', '.join(Form)}.")
        found = collect(CourseFolder(course), assignment, archive, Form(form) if form else None)
    except GradingError as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    view = Table(title=f"Collected: {assignment} ({found.form})", title_justify="left")
    for name in ("student", "outcome", "files", "handed in", "remarks"):
        view.add_column(name, overflow="fold")
    for row in found.rows:
        late = ["late, says Canvas"] if row.late else []
        remarks = printable("; ".join([*late, *row.notices]))
        time = row.time or "not known"
        view.add_row(row.student, row.outcome, str(row.files), time, escape(remarks))
    console.print(view)
    for notice in found.notices:
        console.print(f"left out  {printable(notice)}", markup=False, highlight=False)
    if any(row.late and not row.time for row in found.rows):
        console.print("Canvas tells who was late, but not when: no penalty will be taken.")
