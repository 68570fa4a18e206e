"""The command line. Its commands are entry points, each imported when it is called.

Another program can offer the same commands: they stand in the group
``fairmark.commands``.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

GROUP = "fairmark.commands"
_ORDER = ("collect", "grade", "feedback", "export", "doctor")


class _OnDemand(Mapping[str, Any]):
    """The commands by name; each is imported when it is asked for, and not before."""

    def __init__(self) -> None:
        points = sorted(entry_points(group=GROUP), key=lambda point: _ORDER.index(point.name))
        self._points = {point.name: point for point in points}
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
        """Name the commands, in the order in which they are used."""
        return list(self.commands)


def _load(point: EntryPoint) -> Any:
    holder = typer.Typer(add_completion=False)
    holder.command(name=point.name)(point.load())
    holder.callback()(lambda: None)
    return typer.main.get_group(holder).commands[point.name]


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Grade the submissions of any nbgrader course: in a sandbox, and each with a reason.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from fairmark import __version__

        typer.echo(f"fairmark {__version__}")
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
        if (error.name or "").startswith("fairmark"):
            raise
        typer.echo(
            f"This command needs the package {error.name}, which is not installed: "
            f"pip install {error.name}",
            err=True,
        )
        sys.exit(2)
