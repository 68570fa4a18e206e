"""``fairmark grade``: grade the submissions of an assignment."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

from fairmark.judged import Judge
from fairmark.limits import Allowance, Limits

if TYPE_CHECKING:
    from fairmark.execution.executor import SandboxedExecutor
    from fairmark.execution.forkserver import SharedServer
    from fairmark.model import Result


def command(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, such as backprop.")],
    course: Annotated[
        Path | None,
        typer.Option("--course", help="nbgrader course folder (default: the present folder)."),
    ] = None,
    student: Annotated[
        list[str] | None,
        typer.Option("--student", help="Grade only this student; may be given several times."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the results into this file as JSON.")
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option(
            "--html",
            help="Write the summary page here (default: .fairmark/results/ASSIGNMENT.html).",
        ),
    ] = None,
    cell_seconds: Annotated[
        float, typer.Option("--cell-seconds", min=1, help="Time for one cell, in seconds.")
    ] = Limits.cell_seconds,
    notebook_seconds: Annotated[
        float, typer.Option("--notebook-seconds", min=1, help="Time for one notebook, in seconds.")
    ] = Limits.notebook_seconds,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            help="Number of processes; 0 grades in this one (default: one per processor).",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="Grade on the Dask cluster with this address."),
    ] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Run everything again, also what is unchanged.")
    ] = False,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Run only what is not graded yet, again.")
    ] = False,
    judge: Annotated[
        Judge,
        typer.Option(
            "--judge",
            help="Where checks run: apart in a process of their own, beside the student's code, "
            "or as the reference solution decides.",
        ),
    ] = Judge.AUTO,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway",
            help="Grade also where the reference solution fails checks; these stay undecided.",
        ),
    ] = False,
    memory_mb: Annotated[
        int, typer.Option("--memory-mb", min=64, help="Memory for one notebook, in megabytes.")
    ] = Allowance.memory_mb,
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox",
            help="Run students' code without the sandbox; only for students whom you trust.",
        ),
    ] = False,
    wait_seconds: Annotated[
        float,
        typer.Option("--wait-seconds", min=0, help="How long to wait for a locked gradebook."),
    ] = 60.0,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug",
            help="Show the traceback when the grader itself fails (.fairmark/grade.log keeps it).",
        ),
    ] = False,
) -> None:
    """Grade the submissions of an assignment and print a table of results.

    Works in any nbgrader course folder: reads submitted/STUDENT/ASSIGNMENT, writes
    the gradebook and autograded/STUDENT/ASSIGNMENT, so that formgrader and
    nbgrader's own commands go on from there. Every submission ends as graded,
    partly graded or needs review, with the reason in the table.

    You may stop it at any moment and call it again: it goes on where it was. What
    was graded and has not changed since is not run again.

    The code of the students runs in a sandbox: no network, none of your files, limits
    on time, memory and disk. Where this machine cannot make the sandbox, grading stops
    and says why.

    The checks run in a process of their own. Before a class is graded, the reference
    solution in source/ is run: a check that it passes only in one process with the
    solution is judged there, guarded, and that is said. A check that it fails both ways
    stops the grading.

    Exit code: 0 when all are graded, 1 when a person has to look at something,
    2 when nothing could be graded.
    """
    # The server that imports the libraries for students' code begins first: it does so
    # while the grader itself is still being imported, here so that --help stays quick.
    shared = None if scheduler else _warm_server(course, assignment, no_sandbox)
    if shared is not None and workers != 0:
        from fairmark.grading import worker_start as worker_process

        worker_process.begin()
    from fairmark.execution.memory_use import kept_for_good

    with kept_for_good():
        from fairmark.execution.executor import SandboxedExecutor
        from fairmark.folder import CourseFolder
        from fairmark.grade_log import grade_log, shown_on_terminal
        from fairmark.grading import engine
        from fairmark.model import GradingError

    console, errors = Console(), Console(stderr=True)
    terminal = shown_on_terminal() if debug else nullcontext()
    try:
        folder = CourseFolder(course)
        job = engine.plan(
            folder,
            assignment,
            student or (),
            regrade=regrade,
            only_failed=only_failed,
            patience=wait_seconds,
        )
        for notice in job.notices:
            errors.print(f"Note: {notice}", style="yellow", markup=False)
        if no_sandbox:
            errors.print(
                "Note: without the sandbox, students' code can use the network and read what "
                "you can read.",
                style="yellow",
            )
        executor = SandboxedExecutor(no_sandbox, memory_mb)
        if shared is not None:
            executor.warm = (shared.address, shared.libraries)
        limits = Limits(cell_seconds, notebook_seconds)
        with grade_log(folder.root):
            job = engine.calibrated(job, limits, executor, judge=judge, anyway=anyway)
        for sentence in job.calibration.sentences() if job.calibration else ():
            errors.print(f"Judging: {sentence}", style="yellow", markup=False, soft_wrap=True)
        rows = engine.run(
            job,
            limits,
            executor,
            workers=engine.default_workers() if workers is None else workers,
            scheduler=scheduler,
            patience=wait_seconds,
            # A cluster's workers are asked on their own machines.
            before=None if shared is None else lambda: _try_sandbox(executor, errors),
        )
        with terminal:
            results = _show_progress(rows, len(job.submissions), errors)
    except GradingError as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    finally:
        if shared is not None:
            shared.close()
    # What shows the results is imported while nobody waits for a first submission.
    from fairmark.nbgrader_plugin import feedback_notice
    from fairmark.reports.summary import report_path, write_report
    from fairmark.reports.table import needs_a_look, repairs, summary, table, unchanged, write_json

    console.print(table(results, assignment))
    for line in repairs(results):
        console.print(f"repaired  {line}", markup=False, highlight=False)
    console.print(summary(results))
    if unchanged(results):
        console.print(unchanged(results), markup=False)
    if job.absent:
        console.print(f"Nothing handed in: {', '.join(job.absent)}.", markup=False)
    if html_file is not None or not (student or only_failed):
        # A page about a few would take the place of the page about all.
        page = write_report(
            html_file or report_path(folder.root, assignment),
            results,
            job.template,
            lambda name: folder.path("autograded", name, assignment),
            job.calibration,
        )
        console.print(f"Summary: {page}", markup=False, soft_wrap=True, highlight=False)
    if json_file is not None:
        write_json(results, json_file)
    notice = feedback_notice(folder)
    if notice:
        errors.print(f"Note: {notice}", style="yellow", markup=False, soft_wrap=True)
    raise typer.Exit(1 if needs_a_look(results) else 0)


def _warm_server(course: Path | None, assignment: str, no_sandbox: bool) -> SharedServer:
    from fairmark.course_package import ahead_of
    from fairmark.execution.forkserver import SharedServer, large_libraries

    notebooks = (course or Path()).glob(f"source/{glob.escape(assignment)}/*.ipynb")
    text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in notebooks)
    return SharedServer(large_libraries(text), not no_sandbox, ahead_of(text))


def _try_sandbox(executor: SandboxedExecutor, errors: Console) -> None:
    missing = executor.probe()
    if missing:
        errors.print(f"Note: {missing}", style="yellow", markup=False)


def _show_progress(rows: Iterator[Result], total: int, console: Console) -> list[Result]:
    """Collect the rows while a line shows how far they are; return them by student."""
    from fairmark.reports.table import needs_a_look

    results = []
    with _progress(console) as progress:
        bar = progress.add_task("", total=total, look=0, last="")
        look = 0
        for result in rows:
            results.append(result)
            look += needs_a_look([result])
            last = f"{result.student}: {result.seconds:.1f} s, {result.peak_mb:.0f} MB"
            progress.update(bar, advance=1, look=look, last=last)
    return sorted(results, key=lambda row: row.student)


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("done, {task.fields[look]} need a look,"),
        TimeElapsedColumn(),
        TextColumn("so far,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        TextColumn("{task.fields[last]}", markup=False),
        console=console,
        transient=True,
    )
