"""Figures of the assignment ``neuralnet``: layers as boxes, and what training shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from chainrule.data import CIFAR10
from chainrule.data.cifar10 import CLASSES
from chainrule.figures import plots
from chainrule.figures.sheet import examples_of_classes

if TYPE_CHECKING:
    from chainrule.neuralnet.training import History

#: Losses of this many iterations are averaged for the thick line.
_WINDOW = 25


def layer() -> plots.Plot:
    """Draw one layer: what goes in and out of its forward and backward function."""
    with plots.style():
        figure, axes = _canvas(7.2, 2.7)
        _box(axes, 4.0, 2.05, 2.4, 0.8, "layer_forward", plots.BLUE)
        _box(axes, 4.0, 0.55, 2.4, 0.8, "layer_backward", plots.ORANGE)
        _arrow(axes, (0.9, 2.05), (2.8, 2.05), "x, parameters", plots.BLUE)
        _arrow(axes, (5.2, 2.05), (7.1, 2.05), "out", plots.BLUE)
        _arrow(axes, (7.1, 0.55), (5.2, 0.55), "grad_out", plots.ORANGE)
        _arrow(axes, (2.8, 0.55), (0.9, 0.55), "grad_x, gradients\nof parameters", plots.ORANGE)
        _arrow(axes, (4.0, 1.65), (4.0, 0.95), "", plots.QUIET, dashed=True)
        axes.text(4.15, 1.3, "cache", color=plots.QUIET, va="center")
        return plots.Plot(
            figure,
            alt=(
                "Two boxes, one above the other. Above, layer_forward takes x and parameters from "
                "the left and gives out to the right. Below, layer_backward takes grad_out from "
                "the right and gives grad_x and the gradients of the parameters to the left. A "
                "dashed arrow called cache leads from the upper box down to the lower one."
            ),
        )


def two_layer_network() -> plots.Plot:
    """Draw the two-layer network as a row of layers, with the shapes between them."""
    with plots.style():
        figure, axes = _canvas(8.4, 2.3, width=11.2)
        names = ("fully\nconnected", "ReLU", "fully\nconnected", "softmax\nloss")
        edges = ("X\n(N, D)", "(N, H)", "(N, H)", "scores\n(N, C)", "loss")
        for number, name in enumerate(names):
            last = number == 3
            _box(axes, 2.2 + 2.4 * number, 1.5, 1.3, 1.0, name, plots.QUIET if last else plots.BLUE)
        for number, edge in enumerate(edges):
            start = 0.4 + 2.4 * number + (0.0 if number == 0 else 0.1)
            end = 1.55 + 2.4 * number
            if number == 4:
                start, end = 10.05, 11.1
            _arrow(axes, (start, 1.7), (end, 1.7), edge, plots.BLUE)
            _arrow(axes, (end, 1.3), (start, 1.3), "", plots.ORANGE)
        axes.text(2.2, 0.45, "w, b of the first layer", ha="center", color=plots.INK)
        axes.text(7.0, 0.45, "w, b of the second layer", ha="center", color=plots.INK)
        return plots.Plot(
            figure,
            alt=(
                "Four boxes in a row: fully connected, ReLU, fully connected, softmax loss. Blue "
                "arrows lead to the right: X of shape (N, D), then (N, H), (N, H), the scores of "
                "shape (N, C), and the loss. Orange arrows lead the same way back to the left. The "
                "first and the third box have parameters w and b. The scores leave the network; "
                "the softmax loss is no part of it."
            ),
        )


def training_curves(history: History | Mapping, title: str = "") -> plots.Plot:
    """Draw the loss of every iteration, and both accuracies after every epoch.

    Parameters
    ----------
    history : History or mapping
        Has ``losses``, ``train_accuracy``, ``val_accuracy`` and ``batches``.
    title : str
        Stands above the curves.

    Raises
    ------
    ValueError
        If there is no loss in it.
    """
    return training_comparison({"": history}, title)


def training_comparison(histories: Mapping[str, object], title: str = "") -> plots.Plot:
    """Draw the curves of one or several training runs.

    Parameters
    ----------
    histories : dict of str to History
        At most four, by the names that the legend shows.
    title : str
        Stands above the curves.

    Raises
    ------
    ValueError
        If there is nothing to draw, or more than four runs.
    """
    figure, alt = _curves(histories, title)
    return plots.Plot(figure, alt=alt)


def _curves(histories: Mapping[str, object], title: str) -> tuple[Figure, str]:
    if not 1 <= len(histories) <= len(plots.SERIES):
        raise ValueError(f"{len(histories)} runs; 1 to {len(plots.SERIES)} can be drawn")
    with plots.style():
        figure = Figure(figsize=(8.4, 3.3))
        left, right = figure.subplots(1, 2)
        told = []
        for colour, (name, run) in zip(plots.SERIES, histories.items(), strict=False):
            losses = np.asarray(_of(run, "losses"), float)
            if not len(losses):
                raise ValueError("the history is empty: was anything trained?")
            told.append(_draw_run(left, right, name, run, losses, colour, len(histories) == 1))
        left.set(xlabel="iteration", ylabel="loss", title="Training loss")
        right.set(xlabel="epoch", ylabel="accuracy in percent", title="Accuracy")
        left.set_ylim(0, 1.08 * left.get_ylim()[1])  # a loss that does not move should look so
        right.set_ylim(0, max(50, right.get_ylim()[1]))
        right.xaxis.set_major_locator(MaxNLocator(integer=True))
        right.legend()
        if len(histories) > 1:
            left.legend()
        if title:
            figure.suptitle(title, color=plots.INK)
        return figure, " ".join([title and f"{title}.", *told]).strip()


def _draw_run(left, right, name, run, losses, colour, alone) -> str:
    iterations = np.arange(1, len(losses) + 1)
    if alone:
        left.plot(iterations, losses, color=plots.LINE, linewidth=1.0, rasterized=len(losses) > 800)
    window = min(_WINDOW, len(losses))
    smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
    left.plot(iterations[window - 1 :], smooth, color=colour, label=name or None)
    train = 100 * np.asarray(_of(run, "train_accuracy"), float)
    val = 100 * np.asarray(_of(run, "val_accuracy"), float)
    epochs = np.arange(1, len(train) + 1)
    before = f"{name}: " if name else ""
    other = plots.ORANGE if alone else colour
    right.plot(epochs, train, "o-", color=colour, label=f"{before}training", markersize=4)
    right.plot(epochs, val, "s--", color=other, label=f"{before}validation", markersize=4)
    ends = ""
    if len(train):
        ends = (
            f" After epoch {len(train)} the training accuracy is {train[-1]:.0f} percent, "
            f"the validation accuracy {val[-1]:.0f} percent."
        )
    return (
        f"{name or 'The training loss'} goes from {losses[0]:.2f} to {smooth[-1]:.2f} in "
        f"{len(losses)} iterations.{ends}"
    )


def default_run() -> plots.Plot:
    """Draw the run with the default settings, which train badly on purpose.

    The curves were measured by ``tools/train_neuralnet.py default``.
    """
    stored = resources.files("chainrule.neuralnet") / "measured" / "default_run.json"
    history = json.loads(stored.read_text(encoding="utf-8"))
    return training_curves(history, "The default settings")


def _of(run, key: str) -> Sequence[float]:
    return run[key] if isinstance(run, Mapping) else getattr(run, key)


def _canvas(inches: float, height: float, width: float = 8.0):
    figure = Figure(figsize=(inches, height))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, 2.6)
    return figure, axes


def _box(axes, x: float, y: float, width: float, height: float, text: str, colour: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height,
            boxstyle="round,pad=0,rounding_size=0.12", facecolor=plots.GROUND, edgecolor=colour,
            linewidth=1.8,
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", color=plots.INK)


def _arrow(axes, start, end, text: str, colour: str, dashed: bool = False) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=13, color=colour, linewidth=1.6,
            linestyle="--" if dashed else "-", shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip
    if text:
        middle = (start[0] + end[0]) / 2
        axes.text(middle, start[1] + 0.12, text, ha="center", va="bottom", color=plots.INK)


def cifar_examples(rows: int = 4) -> plots.Plot:
    """Draw some images of each class, from the subset that ships with the course.

    Parameters
    ----------
    rows : int
        Images of each class, from 1 to 10.

    Raises
    ------
    ValueError
        For another number of rows.
    """
    data = CIFAR10.open("subset")
    images = data.train_images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    sheet = examples_of_classes(images, data.train_labels, rows)
    with plots.style():
        figure = Figure(figsize=(8.4, 0.85 * rows + 0.3))
        axes = figure.subplots()
        axes.grid(visible=False)
        axes.imshow(sheet, interpolation="nearest")
        axes.set_xticks(np.arange(10) * 34 + 16, CLASSES)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        return plots.Plot(
            figure,
            alt=(
                f"Ten columns of {rows} small colour pictures each, one column for each class: "
                f"{', '.join(CLASSES)}. The pictures are coarse: 32 by 32 pixels."
            ),
        )


def training_figure(histories: Mapping[str, object], title: str = "") -> Figure:
    """Return the curves of training runs as a matplotlib figure, to be saved as a PDF.

    Parameters, errors: as in `training_comparison`.
    """
    return _curves(histories, title)[0]
