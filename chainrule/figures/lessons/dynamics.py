"""Figures of training: losses and accuracies by epoch, and weights as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from chainrule.figures import plots


def run(
    curves: Mapping[str, Sequence[float]],
    title: str,
    loss_limits: tuple[float, float] | None = None,
) -> plots.Plot:
    """Draw loss and accuracy of one training run, on training and on validation images.

    Parameters
    ----------
    curves : mapping
        ``train_loss``, ``val_loss``, ``train_accuracy``, ``val_accuracy``: one number
        for each epoch, beginning before the first. Accuracies are fractions.
    title : str
        Stands above both panels.
    loss_limits : (float, float), optional
        Ends of the loss axis, to make figures comparable.

    Returns
    -------
    Plot

    Raises
    ------
    KeyError
        If a curve is missing.
    """
    with plots.style():
        figure = Figure(figsize=(6.4, 3.1))
        left, right = figure.subplots(1, 2)
        for axes, kind, factor in ((left, "loss", 1.0), (right, "accuracy", 100.0)):
            for part, colour, dashes in (
                ("train", plots.BLUE, "-"),
                ("val", plots.ORANGE, "--"),
            ):
                values = factor * np.asarray(curves[f"{part}_{kind}"], dtype=float)
                name = "training" if part == "train" else "validation"
                axes.plot(np.arange(len(values)), values, dashes, color=colour, label=name)
            axes.set_xlabel("epoch")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.set_ylabel("loss")
        right.set(ylabel="accuracy in percent", ylim=(0, 102))
        if loss_limits is not None:
            left.set_ylim(*loss_limits)
        left.legend()
        figure.suptitle(title, color=plots.INK, fontsize=11)
        return plots.Plot(figure, alt=_words(curves, title))


def _words(curves: Mapping[str, Sequence[float]], title: str) -> str:
    lowest = int(np.argmin(curves["val_loss"]))
    return (
        f"{title}. Two panels, loss and accuracy by epoch, over {len(curves['val_loss']) - 1} "
        f"epochs. The training loss goes from {curves['train_loss'][0]:.2f} to "
        f"{curves['train_loss'][-1]:.2f}, the validation loss from {curves['val_loss'][0]:.2f} to "
        f"{curves['val_loss'][-1]:.2f}, with its lowest value {curves['val_loss'][lowest]:.2f} "
        f"after epoch {lowest}. In the end {100 * curves['train_accuracy'][-1]:.0f} percent of the "
        f"training images and {100 * curves['val_accuracy'][-1]:.0f} percent of the validation "
        "images are right."
    )


def weight_pictures(
    weights: Mapping[str, np.ndarray], names: Sequence[str], alt: str
) -> plots.Plot:
    """Draw the weights of linear classifiers as small colour pictures.

    Parameters
    ----------
    weights : mapping of str to ndarray, (3 * S * S, C)
        For each row of pictures: one column of weights for each class, the red, green
        and blue plane one after the other. Each picture is stretched to its own range.
    names : sequence of str
        The C classes.
    alt : str
        What one sees.

    Returns
    -------
    Plot

    Raises
    ------
    ValueError
        If a shape does not fit.
    """
    with plots.style():
        figure = Figure(figsize=(7.2, 0.76 * len(weights) + 0.25))
        panels = figure.subplots(len(weights), len(names), squeeze=False)
        for row, (label, columns) in enumerate(weights.items()):
            side = round((len(columns) / 3) ** 0.5)
            if columns.shape != (3 * side * side, len(names)):
                raise ValueError(f"{label}: weights of shape {columns.shape} are no square images")
            for column, axes in enumerate(panels[row]):
                picture = columns[:, column].reshape(3, side, side).transpose(1, 2, 0)
                low, high = picture.min(), picture.max()
                axes.imshow((picture - low) / max(high - low, 1e-12), interpolation="nearest")
                axes.grid(visible=False)
                axes.set_xticks([])
                axes.set_yticks([])
                axes.spines[:].set_visible(False)
                if row == 0:
                    axes.set_title(names[column], fontsize=8.5)
            panels[row, 0].set_ylabel(label, fontsize=9)
        return plots.Plot(figure, alt=alt)
