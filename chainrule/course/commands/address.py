"""``chainrule address``: where students' notebooks install the package from."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape


def command(
    url: Annotated[
        str | None,
        typer.Argument(help="For example https://github.com/OWNER/REPOSITORY. None: show it."),
    ] = None,
    branch: Annotated[str, typer.Option(help="The branch that students use.")] = "main",
    clear: Annotated[bool, typer.Option("--clear", help="Forget the address.")] = False,
) -> None:
    """Show or set the address of the repository, everywhere at once.

    It is written to _config.yml; set-up cells in source/ and notebooks/ follow, and
    release/ is generated anew. The repository must be one that students may read:
    publish a copy without source/ (see the instructors' guide).
    """
    from chainrule.course.paths import CourseError, assignments, course_root
    from chainrule.course.problems import Broken
    from chainrule.course.release import build_release, publish
    from chainrule.course.repository_url import Address, parse_address, read_address, write_address
    from chainrule.course.setup_cell import rewrite_setup_cells

    console = Console()
    try:
        root = course_root()
        if clear:
            address = Address()
        elif url is not None:
            address = parse_address(url, branch)
        else:
            address = read_address(root)
            console.print(
                f"{address.url} (branch {address.branch})" if address.url else "No address is set.",
                highlight=False,
            )
            return
        write_address(root, address)
        rewrite_setup_cells(root, address)
    except CourseError as error:
        console.print(f"[red]address not set:[/] {error}", highlight=False)
        raise typer.Exit(1) from None
    broken = False
    for name in assignments(root):
        try:
            publish(build_release(root, name), root / "release" / name)
        except Broken as error:
            console.print(f"[red]not released:[/] {escape(str(error))}", highlight=False)
            broken = True
    console.print(
        "The address is forgotten." if clear else f"The address is {address.url}.",
        "Set-up cells and release/ are written; run `chainrule book` for the book.",
        highlight=False,
    )
    if broken:
        raise typer.Exit(1)
