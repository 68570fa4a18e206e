"""The command line. Its commands are entry points: this module knows none of them.

Instructors' commands are listed too where only the students' package is installed;
they then say what to install.
"""

import sys
from importlib.metadata import entry_points

import typer
from typer.core import TyperGroup

GROUP = "chainrule.commands"
_ORDER = [
    *("check", "pack", "fit", "train", "test", "data", "doctor"),
    *("release", "book", "collect", "grade", "feedback", "export", "address"),
]


class _Ordered(TyperGroup):
    """Keep the commands in the order in which they are registered."""

    def list_commands(self, ctx) -> list[str]:
        """Name the commands in that order."""
        return list(self.commands)


app = typer.Typer(
    cls=_Ordered,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Neural networks from the first scalar graph to a pretrained ConvNet.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from chainrule import __version__

        typer.echo(f"chainrule {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    pass


def _place(point) -> tuple:
    return (_ORDER.index(point.name) if point.name in _ORDER else len(_ORDER), point.name)


def _register() -> None:
    for point in sorted(entry_points(group=GROUP), key=_place):
        instructors = point.value.startswith("chainrule.course.")
        panel = "For instructors" if instructors else "For students"
        command = point.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=point.name, rich_help_panel=panel)
        else:
            app.command(name=point.name, rich_help_panel=panel)(command)


_register()


def main() -> None:
    """Run the command line; a missing package is named together with the way to get it."""
    try:
        app()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("chainrule"):
            raise
        typer.echo(
            f"This command needs the package {error.name}, which is not installed.\n"
            "For students' commands:    pip install jupyterlab\n"
            "For instructors' commands: pip install 'chainrule[course]', or make course",
            err=True,
        )
        sys.exit(2)
