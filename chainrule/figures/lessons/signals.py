"""Figures of what happens to signals and gradients on their way through a deep network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator

from chainrule.figures import plots

_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")

#: Smaller values are drawn here, at the lower edge: they are rounding, or nothing.
FLOOR = 1e-16


def sizes(
    curves: Mapping[str, Sequence[float]],
    title: str,
    label: str = "root mean square",
    first_layer: int = 0,
    limits: tuple[float, float] | None = None,
) -> plots.Plot:
    """Plot one number for each layer, on a logarithmic axis.

    Parameters
    ----------
    curves : mapping of str to sequence of float
        What is compared, at most four curves; values not above 0 are drawn at `FLOOR`.
    title, label : str
        Heading, and the name of the vertical axis.
    first_layer : int
        Number of the first value's layer.
    limits : (float, float), optional
        Ends of the vertical axis, to make figures comparable.

    Raises
    ------
    ValueError
        If there is no curve, or there are more than four.
    """
    if not 1 <= len(curves) <= len(plots.SERIES):
        raise ValueError(f"there are {len(curves)} curves; one to {len(plots.SERIES)} fit")
    sentences = []
    with plots.style():
        figure = Figure(figsize=(6.0, 3.6))
        axes = figure.subplots()
        for k, (name, curve) in enumerate(curves.items()):
            values = np.asarray(curve, dtype=float)
            layers = np.arange(first_layer, first_layer + len(values))
            axes.plot(
                layers,
                np.maximum(values, FLOOR),
                color=plots.SERIES[k],
                linestyle=_DASHES[k],
                marker=_MARKERS[k],
                markersize=4,
                label=name,
            )
            sentences.append(f"{name} goes from {values[0]:.2g} to {values[-1]:.2g}")
        axes.set(yscale="log", xlabel="layer", ylabel=label, title=title)
        if limits is not None:
            axes.set_ylim(*limits)
        locator = AutoLocator()
        locator.set_params(integer=True)
        axes.xaxis.set_major_locator(locator)
        axes.legend()
        alt = f"{title}: {label} by layer, on a logarithmic axis. {'; '.join(sentences)}."
        return plots.Plot(figure, alt)


def training(losses: Mapping[str, Sequence[float]], title: str) -> plots.Plot:
    """Plot losses against the step, at most four curves, on a logarithmic axis.

    Raises
    ------
    ValueError
        If there is no curve, or there are more than four.
    """
    if not 1 <= len(losses) <= len(plots.SERIES):
        raise ValueError(f"there are {len(losses)} curves; one to {len(plots.SERIES)} fit")
    with plots.style():
        figure = Figure(figsize=(6.0, 3.6))
        axes = figure.subplots()
        for k, (name, values) in enumerate(losses.items()):
            axes.plot(values, color=plots.SERIES[k], linestyle=_DASHES[k], label=name)
        axes.set(yscale="log", xlabel="step", ylabel="loss", title=title)
        axes.legend()
        ends = (f"{name} goes from {v[0]:.2g} to {v[-1]:.2g}" for name, v in losses.items())
        return plots.Plot(figure, f"{title}: the loss by step. {'; '.join(ends)}.")


def histograms(
    signals: Mapping[str, np.ndarray], title: str, low: float = -1.0, high: float = 1.0
) -> plots.Plot:
    """Plot histograms side by side, one for each layer that is shown.

    Parameters
    ----------
    signals : mapping of str to ndarray
        Heading of each histogram to its values.
    title : str
        Heading of them all.
    low, high : float
        Range of the values; what lies outside is counted in the outermost bars.

    Raises
    ------
    ValueError
        If there is nothing to show.
    """
    if not signals:
        raise ValueError("there are no signals to show")
    edges = np.linspace(low, high, 42)
    sentences = []
    with plots.style():
        figure = Figure(figsize=(1.9 * len(signals) + 0.6, 2.4))
        all_axes = figure.subplots(1, len(signals), squeeze=False)[0]
        for axes, (name, values) in zip(all_axes, signals.items(), strict=True):
            values = np.asarray(values, dtype=float).ravel()
            shown = np.clip(values, low, high)
            counts, _ = np.histogram(shown, edges)
            axes.stairs(counts / len(values), edges, fill=True, color=plots.BLUE)
            axes.set(title=name, yticks=[], xlim=(low, high))
            outer = np.mean(np.abs(values) > 0.9 * max(abs(low), abs(high)))
            sentences.append(
                f"{name}: standard deviation {values.std():.2g}, "
                f"{100 * outer:.0f} percent in the outermost tenth"
            )
        figure.suptitle(title, fontsize=11)
        return plots.Plot(figure, f"{title}. Histograms. {'; '.join(sentences)}.")
