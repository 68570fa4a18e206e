"""The command line. Its commands are entry points: this module knows none of them.

Instructors' commands are listed too where only the students' package is installed;
they then say what to install.
"""

import sys
from importlib.metadata import EntryPoint, EntryPoints, entry_points

import typer
from typer.core import TyperGroup

GROUP = "chainrule.commands"
_ORDER = [
    *("check", "pack", "fit", "train", "test", "data", "doctor"),
    *("release", "book", "collect", "grade", "feedback", "export", "address"),
]


class _Commands(TyperGroup):
    """Import a command only when it is wanted: what one needs, the others need not wait for."""

    def __init__(self, **given):
        super().__init__(**given)
        self._points = {point.name: point for point in sorted(_entry_points(), key=_place)}
        # The names stand here for the list of commands and for "Did you mean ...?".
        self.commands = dict.fromkeys(self._points)

    def get_command(self, ctx, cmd_name: str):
        """Return a command, imported; None when there is none of that name."""
        if cmd_name in self._points and self.commands[cmd_name] is None:
            self.commands[cmd_name] = _load(self._points[cmd_name])
        return self.commands.get(cmd_name)


def _entry_points() -> EntryPoints:
    return entry_points(group=GROUP)


def _place(point: EntryPoint) -> tuple:
    return (_ORDER.index(point.name) if point.name in _ORDER else len(_ORDER), point.name)


def _load(point: EntryPoint):
    instructors = point.value.startswith("chainrule.course.")
    panel = "For instructors" if instructors else "For students"
    command = point.load()
    holder = typer.Typer(add_completion=False)
    if isinstance(command, typer.Typer):
        holder.add_typer(command, name=point.name, rich_help_panel=panel)
    else:
        holder.command(name=point.name, rich_help_panel=panel)(command)
    return typer.main.get_group(holder).commands[point.name]


app = typer.Typer(
    cls=_Commands,
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
