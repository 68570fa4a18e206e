"""Figures of layers, networks and training runs.

The drawings of a layer and of a network show what passes in and out, with
shapes, and no formula of a gradient: those are for you to find.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from chainrule.figures import plots, table
from chainrule.graph.drawing import Drawing

if TYPE_CHECKING:
    from chainrule.modules.activations import Activation

_HEAD = 9
_GAP = 118  # length of an arrow between two boxes

#: Markers and dashes tell lines apart where colours do not.
_DASHES = ("-", "--", "-.", ":")


def fully_connected() -> Drawing:
    """Draw a fully-connected layer: two steps forward, two steps back."""
    top, height, left = 62, 96, 20
    first, second = left + _GAP, left + 2 * _GAP + 150
    parts = [
        _box(first, top, 150, height, "Z = X W + 1 b"),
        _box(second, top, 150, height, "activation"),
    ]
    forward, back = top + 28, top + height - 28
    ends = ((left, "X", "(m, n_in)"), (first + 150, "Z", "(m, n_out)"), (second + 150, "Y", ""))
    for x, name, shape in ends:
        parts += [_arrow(x, forward, x + _GAP, forward), _text(x, forward - 8, name, "value")]
        parts += [_arrow(x + _GAP, back, x, back), _text(x, back + 18, f"∂L/∂{name}", "grad")]
        parts.append(_text(x, forward + 24, shape or "(m, n_out)", "legend", middle=True))
    middle = first + 75
    parts += [
        _arrow(middle, 28, middle, top),
        _label(middle, 20, "W (n_in, n_out), b (1, n_out)", "value"),
        _arrow(middle, top + height, middle, top + height + 34),
        _label(middle, top + height + 52, "∂L/∂W, ∂L/∂b", "grad"),
    ]
    width = second + 150 + _GAP + left
    alt = (
        "A fully-connected layer. Forward, from left to right: X of shape m by n_in enters a box "
        "Z = X W + 1 b with the parameters W and b; Z of shape m by n_out enters the activation, "
        "which returns Y. Backward, from right to left: the gradient with respect to Y enters the "
        "activation, which returns the gradient with respect to Z; the first box turns that into "
        "the gradients with respect to W and b, and returns the gradient with respect to X."
    )
    return Drawing("\n".join(parts) + "\n", width, top + height + 66, alt, None)


def network() -> Drawing:
    """Draw a network of two layers and a loss: forward and backward pass."""
    top, height, left, wide, gap = 40, 92, 16, 116, 92
    parts = []
    names = ("layer 1", "layer 2", "loss")
    values = ("X", "Y₁", "Ŷ", "L")
    forward, back = top + 28, top + height - 28
    x = left
    for k, name in enumerate(values):
        grad = f"∂L/∂{name}"
        parts.append(_arrow(x, forward, x + gap, forward))
        parts.append(_label(x + gap / 2, forward - 9, name, "value"))
        if name != "L":
            parts.append(_arrow(x + gap, back, x, back))
            parts.append(_label(x + gap / 2, back + 20, grad, "grad"))
        x += gap
        if k < len(names):
            parts.append(_box(x, top, wide, height, names[k]))
            x += wide
    middle = left + 3 * gap + 2 * wide + wide / 2
    parts += [_arrow(middle, 18, middle, top), _label(middle + 46, 22, "labels Y", "value")]
    for k in range(2):
        middle = left + gap + wide / 2 + k * (gap + wide)
        parts.append(_arrow(middle, top + height, middle, top + height + 24))
        parts.append(_label(middle, top + height + 42, "gradients", "grad"))
    alt = (
        "A network of two layers and a loss. Forward, from left to right: X goes through layer 1 "
        "and layer 2 and becomes Ŷ; the loss compares Ŷ with the labels Y and returns the number "
        "L. Backward, from right to left: the loss returns the gradient with respect to Ŷ, layer 2 "
        "turns it into the gradient with respect to Y₁ and layer 1 into that with respect to X. "
        "Each layer stores the gradients of its own parameters on the way."
    )
    return Drawing("\n".join(parts) + "\n", x + left, top + height + 54, alt, None)


def activation(kind: Activation, name: str, low: float = -4.0, high: float = 4.0) -> plots.Plot:
    """Plot an activation and its derivative.

    Parameters
    ----------
    kind : Activation
        Yours or a given one; it works entry by entry.
    name : str
        For the title.
    low, high : float
        Range of the pre-activations.
    """
    Z = np.linspace(low, high, 401)[:, np.newaxis]
    Y = np.asarray(kind.forward(Z))
    slope = np.asarray(kind.backward(Z, np.ones_like(Z)))
    with plots.style():
        figure = Figure(figsize=(5.2, 3.0))
        axes = figure.subplots()
        axes.plot(Z, Y, label=f"{name}, forward", color=plots.BLUE)
        axes.plot(Z, slope, label="its derivative", color=plots.ORANGE, linestyle="--")
        axes.set_xlabel("pre-activation z")
        axes.legend()
        alt = (
            f"{name} from {low:g} to {high:g}: values from {Y.min():.3g} to {Y.max():.3g}, "
            f"derivative from {slope.min():.3g} to {slope.max():.3g}."
        )
        return plots.Plot(figure, alt)


def loss_curves(history: list[dict], name: str) -> plots.Plot:
    """Plot training and validation loss of one run against the epoch.

    Parameters
    ----------
    history : list of dict
        Rows from ``Network.train``.
    name : str
        The run's name, for the title.
    """
    return _curves(history, name, "loss", "loss (mean over the flowers)")


def error_curves(history: list[dict], name: str) -> plots.Plot:
    """Plot training and validation error of one run against the epoch."""
    return _curves(history, name, "error", "fraction of wrong classes")


def _curves(history: list[dict], name: str, what: str, label: str) -> plots.Plot:
    epochs = [row["epoch"] for row in history]
    parts = (("train", "training", plots.BLUE, "-"), ("val", "validation", plots.ORANGE, "--"))
    with plots.style():
        figure = Figure(figsize=(6.0, 3.4))
        axes = figure.subplots()
        sentences = []
        for key, word, colour, dash in parts:
            values = [row[f"{key}_{what}"] for row in history]
            axes.plot(epochs, values, color=colour, linestyle=dash, label=word)
            sentences.append(f"the {word} {what} goes from {values[0]:.3g} to {values[-1]:.3g}")
        axes.set(xlabel="epoch", ylabel=label, title=name)
        axes.set_ylim(bottom=0)
        axes.legend()
        alt = f"{name}: over {len(epochs)} epochs {sentences[0]} and {sentences[1]}."
        return plots.Plot(figure, alt)


def compare_runs(runs: Iterable) -> plots.Plot:
    """Plot the validation loss of several runs in one figure, on a logarithmic axis.

    Parameters
    ----------
    runs : iterable of Run
        From ``make_run``.

    Raises
    ------
    ValueError
        If there is no run.
    """
    runs = list(runs)
    if not runs:
        raise ValueError("there is no run to plot")
    with plots.style():
        figure = Figure(figsize=(8.0, 3.8))
        axes = figure.subplots()
        for k, run in enumerate(runs):
            axes.plot(
                range(1, len(run.val_loss) + 1),
                run.val_loss,
                color=plots.SERIES[k % len(plots.SERIES)],
                linestyle=_DASHES[(k + k // len(plots.SERIES)) % len(_DASHES)],
                label=f"learning rate {run.learning_rate:g}, {run.hidden_size} hidden",
            )
        axes.set(xlabel="epoch", ylabel="validation loss", yscale="log")
        # Beside the axes: with many runs it would cover the curves.
        axes.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
        ends = "; ".join(
            f"learning rate {run.learning_rate:g} with {run.hidden_size} hidden units ends at "
            f"{run.val_loss[-1]:.3g}"
            for run in runs
        )
        return plots.Plot(figure, f"Validation loss of {len(runs)} runs: {ends}.")


@dataclass(frozen=True)
class RunTable:
    """A table of runs, best validation loss first; show it in a notebook or print it."""

    runs: tuple

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """One row for each run, as text."""
        order = sorted(self.runs, key=lambda run: _worst_if_not_finite(run.val_loss[-1]))
        return [
            (
                run.name,
                f"{run.learning_rate:g}",
                str(run.hidden_size),
                f"{run.train_loss[-1]:.4f}",
                f"{run.val_loss[-1]:.4f}",
                f"{100 * run.val_error:.1f} %",
            )
            for run in order
        ]

    def __repr__(self) -> str:
        return table.as_text(_RUN_HEADS, self.rows)

    def _repr_html_(self) -> str:
        return table.as_html(_RUN_HEADS, self.rows)


_RUN_HEADS = (
    "run",
    "learning rate",
    "hidden units",
    "training loss",
    "validation loss",
    "validation error",
)


def run_table(runs: Iterable) -> RunTable:
    """Return a table of runs, best validation loss first."""
    return RunTable(tuple(runs))


def _worst_if_not_finite(loss: float) -> float:
    return loss if math.isfinite(loss) else math.inf


def _box(x, y, width, height, text) -> str:
    return (
        f'<rect class="shape operator" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'rx="8"/>\n<text x="{x + width / 2:g}" y="{y + height / 2 + 5:g}">{escape(text)}</text>'
    )


def _arrow(x1, y1, x2, y2) -> str:
    length = math.hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    tip_x, tip_y = x2 - 3 * dx, y2 - 3 * dy
    base_x, base_y = tip_x - _HEAD * dx, tip_y - _HEAD * dy
    side = 0.45 * _HEAD
    head = (
        f"M{tip_x:g} {tip_y:g}L{base_x - side * dy:g} {base_y + side * dx:g}"
        f"L{base_x + side * dy:g} {base_y - side * dx:g}Z"
    )
    return (
        f'<path class="wire" d="M{x1 + 3 * dx:g} {y1 + 3 * dy:g}L{base_x:g} {base_y:g}"/>\n'
        f'<path class="head" d="{head}"/>'
    )


def _label(x, y, text, css_class) -> str:
    return f'<text class="{css_class}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _text(x, y, text, css_class, middle: bool = True) -> str:
    """Return a label in the middle of an arrow that begins at x."""
    anchor = ' style="text-anchor:middle"' if middle else ""
    return f'<text class="{css_class}"{anchor} x="{x + _GAP / 2:g}" y="{y:g}">{escape(text)}</text>'
