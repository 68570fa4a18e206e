"""``chainrule check``: run a notebook from top to bottom and list its checks."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


def command(
    notebook: Annotated[Path, typer.Argument(help="Your notebook, or its Python backup.")],
    task: Annotated[
        list[str] | None,
        typer.Option(help="Only the checks of this task, for example f1; can be repeated."),
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Only checks whose id ends so: forward or backward.")
    ] = None,
    timeout: Annotated[int, typer.Option(help="Seconds for one cell at most.")] = 600,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what passing checks print.")
    ] = False,
) -> None:
    """Run your notebook in a fresh kernel and show which checks pass.

    The file is not changed. The checks are those that you can see in the notebook;
    your marks come from these and from some more on other inputs.
    """
    from chainrule.handin.notebooks import NotebookError, run_checks

    console = Console()
    try:
        with console.status(f"running {notebook.name} in a fresh kernel"):
            results = run_checks(notebook, timeout=timeout)
    except NotebookError as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise typer.Exit(2) from None
    chosen = [r for r in results if _wanted(r.grade_id, task, only)]
    if not chosen:
        ids = ", ".join(r.grade_id for r in results) or "none"
        console.print(f"[red]No check of that name.[/] The notebook has: {ids}.")
        raise typer.Exit(2)
    console.print(_table(chosen, verbose))
    failed = sum(not r.passed for r in chosen)
    console.print(f"{len(chosen) - failed} passed, {failed} failed", highlight=False)
    raise typer.Exit(1 if failed else 0)


def _wanted(grade_id: str, tasks: list[str] | None, only: str | None) -> bool:
    if tasks and not any(grade_id == t or grade_id.startswith(f"{t}-") for t in tasks):
        return False
    return only is None or grade_id.endswith(f"-{only}")


def _table(results: list, verbose: bool) -> Table:
    from rich.text import Text

    table = Table(show_lines=True)
    table.add_column("check", no_wrap=True)
    table.add_column("result", no_wrap=True)
    table.add_column("what it says")
    for result in results:
        mark = Text("passed", style="green") if result.passed else Text("failed", style="bold red")
        text = result.message if verbose or not result.passed else ""
        table.add_row(result.grade_id, mark, Text(text))
    return table
