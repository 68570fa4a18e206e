"""The command line. Its commands are entry points: this module knows none of them.

Commands for publishing the course are listed too where only the students' package is
installed; they then say what to install. The commands of the grader are listed where it
is installed.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

#: Our own commands, and those of the grader. Of two with one name the first counts.
GROUPS = ("chainrule.commands", "fairmark.commands")
_GRADER = ("collect", "grade", "feedback", "export")
_ORDER = [
    *("check", "pack", "fit", "train", "test", "data", "doctor"),
    *("release", "book", "collect", "grade", "feedback", "export", "address"),
]


class _OnDemand(Mapping[str, Any]):
    """The commands by name; each is imported when it is asked for, and not before."""

    def __init__(self) -> None:
        found: dict[str, EntryPoint] = {}
        for group in GROUPS:
            for point in entry_points(group=group):
                found.setdefault(point.name, point)
        self._points = dict(sorted(found.items(), key=_place))
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _load(self._points[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


class _Commands(TyperGroup):
    """Commands that need not wait for what the others import."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        # typer could add to its own mapping; of this one it only reads.
        self.commands = _OnDemand()  # type: ignore[assignment]

    def list_commands(self, ctx: object) -> list[str]:
        """Name the commands, in the order in which they are registered."""
        return list(self.commands)


def _place(item: tuple[str, EntryPoint]) -> tuple[int, str]:
    name = item[0]
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _load(point: EntryPoint) -> Any:
    instructors = point.group != GROUPS[0] or point.value.startswith("chainrule.course.")
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


_NO_GRADER = """\
`chainrule {}` is a command of the grader, fairmark, which is not installed here.
In a copy of the course: pip install ./grader"""


def main() -> None:
    """Run the command line; a missing package is named together with the way to get it."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted in _GRADER and not entry_points(group=GROUPS[1], name=wanted):
        typer.echo(_NO_GRADER.format(wanted), err=True)
        sys.exit(2)
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
