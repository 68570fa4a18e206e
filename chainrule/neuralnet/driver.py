"""What ``chainrule train`` and ``chainrule test`` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.handin.student_code import StudentCodeError, load_definitions

if TYPE_CHECKING:
    from chainrule.neuralnet.training import History

_PLOT_SUFFIXES = (".pdf", ".svg", ".png")


class DriverError(ValueError):
    """A file that was named cannot be used; the message says why."""


def check_files(plot_file: Path | None, checkpoint_file: Path | None) -> None:
    """See before the training whether its results can be written.

    Raises
    ------
    DriverError
        For another kind of plot file, or a folder that is not there.
    """
    if plot_file is not None and plot_file.suffix.lower() not in _PLOT_SUFFIXES:
        raise DriverError(f"{plot_file.name}: a plot ends in {', '.join(_PLOT_SUFFIXES)}")
    if checkpoint_file is not None and checkpoint_file.suffix != ".npz":
        raise DriverError(f"{checkpoint_file.name}: a checkpoint ends in .npz")
    for file in (plot_file, checkpoint_file):
        if file is not None and not file.resolve().parent.is_dir():
            raise DriverError(f"there is no folder {file.resolve().parent}")


def load_network(folder: Path) -> tuple[Callable, Callable]:
    """Take `TwoLayerNet` and `training_step` from a student's notebooks.

    Parameters
    ----------
    folder : Path
        Holds ``layers.ipynb`` and ``cifar.ipynb``, or their Python backups.

    Returns
    -------
    TwoLayerNet, training_step

    Raises
    ------
    DriverError
        If one of them is missing or cannot be read.
    """
    try:
        layers = load_definitions(folder / "layers", needs=("TwoLayerNet",))
        cifar = load_definitions(folder / "cifar")
        # In the notebook, a cell of its own sets this name.
        cifar.__dict__["layers"] = layers
        return layers.TwoLayerNet, cifar.training_step
    except StudentCodeError as error:
        raise DriverError(str(error)) from None


def save_plot(history: History, file: Path) -> None:
    """Draw the curves of a run into a file; its suffix decides the format."""
    from chainrule.neuralnet.figures import training_curves, training_figure

    if file.suffix.lower() == ".svg":
        training_curves(history).save(file)
    else:
        training_figure({"": history}).savefig(file, dpi=150)
