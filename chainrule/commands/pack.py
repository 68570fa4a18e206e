"""``chainrule pack``: look through an assignment, say what is missing, make the zip."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def command(
    assignment: Annotated[
        str | None, typer.Argument(help="The assignment; taken from the notebook when left out.")
    ] = None,
    student: Annotated[
        str | None, typer.Option(help="Your student id; it names the zip and its folder.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where your notebook lies.")] = Path("."),
    output: Annotated[
        Path | None, typer.Option(help="The zip to write; ID.zip beside the notebook by default.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is missing.")] = False,
) -> None:
    """Make the zip that you hand in, and say what is missing in it.

    The zip is made even if something is missing: an unfinished submission is better
    than none. The exit code is 1 then. Nothing in your folder is changed, and an
    older zip of the same name is replaced.
    """
    from chainrule.handin.notebooks import NotebookError
    from chainrule.handin.submission import pack, review

    console = Console(highlight=False)
    try:
        result = review(folder)
        if assignment and assignment != result.assignment:
            raise NotebookError(
                f"The notebook here belongs to {result.assignment}, not to {assignment}."
            )
        for sentence in result.missing:
            console.print(f"[yellow]missing:[/] {sentence}")
        if dry_run:
            console.print(f"{result.assignment}: {len(result.missing)} things are missing.")
        else:
            if not student:
                raise NotebookError("Give your student id: chainrule pack --student YOUR-ID")
            target = output or folder / f"{student}.zip"
            names = pack(result, folder, student, target)
            console.print(f"{target} holds:", *names, sep="\n  ")
            console.print("Hand in this file." if not result.missing else "See above first.")
    except NotebookError as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None
    raise typer.Exit(1 if result.missing else 0)
