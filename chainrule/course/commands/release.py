"""``chainrule release``: source/ to release/, with Python backups and a leak check."""

from typing import Annotated

import typer
from rich.console import Console


def command(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Assignments to release; all when none is named.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when release/ is stale.")
    ] = False,
) -> None:
    """Generate release/ from source/: no solutions, no hidden tests, and a proof of that."""
    from chainrule.course.paths import CourseError, choose_assignments, course_root
    from chainrule.course.release import build_release, check_package, differences, publish
    from chainrule.course.repository_url import read_address
    from chainrule.course.setup_cell import rewrite_setup_cells

    console = Console()
    stale = []
    try:
        root = course_root()
        chosen = choose_assignments(root, assignments)
        if not check:
            rewrite_setup_cells(root, read_address(root))
        for name in chosen:
            built = build_release(root, name)
            changed = differences(built, root / "release" / name)
            if check:
                stale += [f"release/{name}/{file}" for file in changed]
            elif changed:
                publish(built, root / "release" / name)
            _say(console, name, changed, check)
        if (root / "chainrule").is_dir():
            check_package(root)
        if not assignments:
            gone = _orphans(root, chosen)
            stale += gone
    except CourseError as error:
        console.print(f"[red]release failed:[/] {error}", highlight=False)
        raise typer.Exit(1) from None
    if stale:
        console.print(
            "[red]release/ is not what source/ gives.[/] Run `chainrule release`, look at the "
            "change, and commit it. Stale: " + ", ".join(stale),
            highlight=False,
        )
        raise typer.Exit(1)


def _say(console: Console, name: str, changed: list[str], check: bool) -> None:
    what = "up to date" if not changed else ("stale" if check else "written")
    console.print(f"{name}: {what}, no leak found", highlight=False)


def _orphans(root, chosen: list[str]) -> list[str]:
    """Name folders in release/ that no source gives any more."""
    folders = [p for p in (root / "release").glob("*") if p.is_dir()]
    return [f"release/{p.name} (no source)" for p in folders if p.name not in chosen]
