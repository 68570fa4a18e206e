"""The command line. Its commands are entry points: this module knows none of them.

Instructors' commands are listed too where only the students' package is installed;
they then say what to install.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points

import typer
from typer.core import TyperGroup

GROUP = "chainrule.commands"
_ORDER = [
    *("check", "pack", "fit", "train", "test", "data", "doctor"),
    *("release", "book", "collect", "grade", "feedback", "export", "address"),
]


class _OnDemand(Mapping):
    """The commands by name; each is imported when it is asked for, and not before."""

    def __init__(self):
        points = sorted(entry_points(group=GROUP), key=_place)
        self._points = {point.name: point for point in points}
        self._loaded: dict = {}

    def __getitem__(self, name: str):
        if name not in self._loaded:
            self._loaded[name] = _load(self._points[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


class _Commands(TyperGroup):
    """Commands that need not wait for what the others import."""

    def __init__(self, **given):
        super().__init__(**given)
        self.commands = _OnDemand()

    def list_commands(self, ctx) -> list[str]:
        """Name the commands, in the order in which they are registered."""
        return list(self.commands)


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
