"""``chainrule book``."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chainrule.course import book


def command(
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Run all lessons again and build everything anew."),
    ] = False,
    open_: Annotated[
        bool,
        typer.Option("--open", help="Show the book in your browser when it is built."),
    ] = False,
    course: Annotated[
        Path,
        typer.Option("--course", help="The folder of the course.", file_okay=False),
    ] = Path("."),
) -> None:
    """Build the book into _build/html.

    Every warning counts as an error. Lessons are run, and their results kept
    for the next build. If nothing has changed since the last build, nothing is
    done.
    """
    console = Console(highlight=False, soft_wrap=True)
    try:
        with console.status("Building the book") as status:
            site = book.build(
                course,
                fresh=fresh,
                say=lambda line: console.print(line, markup=False),
                progress=lambda what, percent: status.update(f"{percent:3d}%  {what}"),
            )
    except book.BookError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), markup=False)
        raise typer.Exit(1) from None
    _check_leaks(course, site)
    if open_:
        webbrowser.open((site / "index.html").as_uri())


def _check_leaks(course: Path, site: Path) -> None:
    """Search the site for solutions and hidden tests, where the course has them."""
    from chainrule.course import secrecy
    from chainrule.course.paths import CourseError

    if not (course / "source").is_dir():
        return
    try:
        secrecy.check_site(course, site)
    except CourseError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), markup=False)
        raise typer.Exit(1) from None
