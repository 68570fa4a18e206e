"""``fairmark feedback``: write the pages that students get back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def command(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, such as backprop.")],
    course: Annotated[
        Path | None,
        typer.Option("--course", help="nbgrader course folder (default: the present folder)."),
    ] = None,
    student: Annotated[
        list[str] | None,
        typer.Option("--student", help="Only this student; may be given several times."),
    ] = None,
) -> None:
    """Write the feedback pages of a graded assignment.

    One page for each notebook, feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html: the
    student's work, the points and what each failed check says. A page holds no
    hidden test and no marking scheme, runs no script and loads nothing.
    """
    # Imported here so that `fairmark --help` stays quick.
    from fairmark.folder import CourseFolder
    from fairmark.model import GradingError
    from fairmark.nbgrader_plugin import feedback_notice
    from fairmark.reports.feedback import write_feedback

    errors = Console(stderr=True)
    try:
        folder = CourseFolder(course)
        pages = write_feedback(folder, assignment, student or ())
    except GradingError as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    notice = feedback_notice(folder)
    if notice:
        errors.print(f"Note: {notice}", style="yellow", markup=False, soft_wrap=True)
    place = folder.root / folder.coursedir.feedback_directory
    count = f"{len(pages)} page" + ("" if len(pages) == 1 else "s")
    Console().print(f"{count} written into {place}.", markup=False, soft_wrap=True)
