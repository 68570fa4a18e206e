"""``chainrule release``: source/ to release/, with Python backups and a leak check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from chainrule.course.problems import Problem


def command(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Assignments to release; all when none is named.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing, run nothing; fail when release/ is stale."),
    ] = False,
    run: Annotated[
        bool,
        typer.Option("--run/--no-run", help="Run the solutions: each check has to pass them."),
    ] = True,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway", help="Release also where the solution fails checks, and name these."
        ),
    ] = False,
) -> None:
    """Generate release/ from source/: no solutions, no hidden tests, and a proof of that.

    The solutions are run with all checks, unless nothing has changed since they passed.
    That shows too which checks cannot run in a process of their own, and it is said.
    An assignment with a problem is not released, all its problems are listed, and what
    was released of it before stays; the others are released.

    Exit code: 0 when all is released, 1 when something is not.
    """
    from chainrule.course.paths import CourseError, choose_assignments, course_root
    from chainrule.course.release import check_package, differences, publish
    from chainrule.course.repository_url import read_address
    from chainrule.course.setup_cell import rewrite_setup_cells

    console = Console(highlight=False, soft_wrap=True)
    stale = []
    failed = False
    try:
        root = course_root()
        chosen = choose_assignments(root, assignments)
        if not check:
            rewrite_setup_cells(root, read_address(root))
        for name in chosen:
            built, problems, said = _examine(root, name, run and not check, anyway)
            if problems:
                _list(console, name, problems)
                failed = True
                continue
            changed = differences(built, root / "release" / name)
            if check:
                stale += [f"release/{name}/{file}" for file in changed]
            elif changed:
                publish(built, root / "release" / name)
            what = "up to date" if not changed else ("stale" if check else "written")
            console.print(f"{name}: {what}, no leak found{said}", markup=False)
        if (root / "chainrule").is_dir():
            check_package(root)
        if not assignments:
            stale += _orphans(root, chosen)
    except CourseError as error:
        console.print(f"[red]release failed:[/] {escape(str(error))}")
        raise typer.Exit(1) from None
    if not run:
        console.print("The solutions were not run (--no-run): nobody knows whether they pass.")
    if stale:
        console.print(
            "[red]release/ is not what source/ gives.[/] Run `chainrule release`, look at the "
            "change, and commit it. Stale: " + escape(", ".join(stale))
        )
    if stale or failed:
        raise typer.Exit(1)


def _examine(root: Path, name: str, run: bool, anyway: bool) -> tuple[Path, list[Problem], str]:
    """Generate an assignment and look at all of it; say what the run of its solutions gave."""
    from chainrule.course import reference
    from chainrule.course.release import built_folder, examine

    problems, said = examine(root, name), ""
    if run:
        outcome = reference.examine(root, name, anyway=anyway)
        problems += outcome.problems
        said = ", the solutions pass" if outcome.passes else ", the solutions fail checks"
        said += " (kept from an earlier run)" if outcome.kept else ""
        said += "".join(f"\n  but {note}" for note in outcome.notes)
    return built_folder(root, name), problems, said


def _list(console: Console, name: str, problems: list[Problem]) -> None:
    from chainrule.course.problems import Broken

    console.print(f"[red]not released:[/] {escape(str(Broken(name, problems)))}")


def _orphans(root: Path, chosen: list[str]) -> list[str]:
    """Name folders in release/ that no source gives any more."""
    folders = [p for p in (root / "release").glob("*") if p.is_dir()]
    return [f"release/{p.name} (no source)" for p in folders if p.name not in chosen]
