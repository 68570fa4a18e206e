"""``chainrule grade``: grade the submissions of an assignment."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


def command(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, such as backprop.")],
    course: Annotated[
        Path | None,
        typer.Option("--course", help="nbgrader course folder [default: the present folder]."),
    ] = None,
    student: Annotated[
        list[str] | None,
        typer.Option("--student", help="Grade only this student; may be given several times."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the results into this file as JSON.")
    ] = None,
    cell_seconds: Annotated[
        float, typer.Option("--cell-seconds", min=1, help="Time for one cell, in seconds.")
    ] = 30.0,
    notebook_seconds: Annotated[
        float, typer.Option("--notebook-seconds", min=1, help="Time for one notebook, in seconds.")
    ] = 300.0,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback when the grader itself fails.")
    ] = False,
) -> None:
    """Grade the submissions of an assignment and print a table of results.

    Works in any nbgrader course folder: reads submitted/STUDENT/ASSIGNMENT, writes
    the gradebook and autograded/STUDENT/ASSIGNMENT, so that formgrader and
    nbgrader's own commands go on from there. Every submission ends as graded,
    partly graded or needs review, with the reason in the table.

    The code of the students runs as you, without a sandbox: grade only people
    whom you trust that far.

    Exit code: 0 when all are graded, 1 when a person has to look at something,
    2 when nothing could be graded.
    """
    # Imported here so that `chainrule --help` stays quick.
    from chainrule.course.grading.engine import plan, run
    from chainrule.course.grading.folder import CourseFolder
    from chainrule.course.grading.model import GradingError, Limits
    from chainrule.course.grading.results import (
        needs_a_look,
        repairs,
        summary,
        table,
        write_json,
    )

    console, errors = Console(), Console(stderr=True)
    logging.getLogger("chainrule").setLevel(logging.ERROR if debug else logging.CRITICAL)
    try:
        job = plan(CourseFolder(course), assignment, student or ())
        for notice in job.notices:
            errors.print(f"Note: {notice}", style="yellow", markup=False)
        results = []
        with _progress(errors) as progress:
            bar = progress.add_task("grading", total=len(job.submissions))
            for result in run(job, Limits(cell_seconds, notebook_seconds)):
                results.append(result)
                progress.update(bar, advance=1, description=result.student)
    except GradingError as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    console.print(table(results, assignment))
    for line in repairs(results):
        console.print(f"repaired  {line}", markup=False, highlight=False)
    console.print(summary(results))
    if job.absent:
        console.print(f"Nothing handed in: {', '.join(job.absent)}.", markup=False)
    if json_file is not None:
        write_json(results, json_file)
    raise typer.Exit(1 if needs_a_look(results) else 0)


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
