"""Lines and bars for the lessons: one small form for many numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from chainrule.figures import plots

_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")
_HATCHES = ("", "//", "..", "xx")


def lines(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    title: str,
    xlabel: str,
    ylabel: str,
    log: str = "",
    limits: tuple[float, float] | None = None,
    marks: Mapping[str, float] | None = None,
    dots: bool = False,
    alt: str = "",
) -> plots.Plot:
    """Draw up to four curves into one pair of axes.

    Parameters
    ----------
    curves : mapping of str to (x, y)
        The legend's words, and two sequences of equal length. Values that are NaN or
        infinite leave a gap; so do those not above 0 on a logarithmic axis.
    title, xlabel, ylabel : str
        What stands above and beside the axes.
    log : {"", "x", "y", "xy"}
        Which axes are logarithmic.
    limits : (float, float), optional
        Ends of the vertical axis.
    marks : mapping of str to float, optional
        Places on the horizontal axis, each with a dashed line and a word.
    dots : bool
        Draw a mark at each value.
    alt : str
        What the figure shows; told from the numbers where it is empty.

    Returns
    -------
    Plot

    Raises
    ------
    ValueError
        If there is no curve or there are more than four, a curve is empty, or its x
        and y differ in length.
    """
    if not 1 <= len(curves) <= len(plots.SERIES):
        raise ValueError(f"there are {len(curves)} curves; one to {len(plots.SERIES)} fit")
    told = []
    with plots.style():
        figure = Figure(figsize=(6.2, 3.6))
        axes = figure.subplots()
        for number, (name, curve) in enumerate(curves.items()):
            x, y = (np.asarray(values, dtype=float) for values in curve)
            if x.shape != y.shape or not x.size:
                raise ValueError(f"{name}: {x.size} x values and {y.size} y values")
            drawn = np.isfinite(y) & ((y > 0) if "y" in log else True)
            axes.plot(
                x,
                np.where(drawn, y, np.nan),
                color=plots.SERIES[number],
                linestyle=_DASHES[number],
                marker=_MARKERS[number] if dots else "",
                markersize=4,
                label=name,
            )
            told.append(_course(name, x[drawn], y[drawn]))
        axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
        if "x" in log:
            axes.set_xscale("log")
        if "y" in log:
            axes.set_yscale("log")
        if limits is not None:
            axes.set_ylim(*limits)
        for word, place in (marks or {}).items():
            _mark(axes, word, place)
        if len(curves) > 1:
            axes.legend()
        return plots.Plot(figure, alt or f"{title}: {ylabel} against {xlabel}. {' '.join(told)}")


def _course(name: str, x: np.ndarray, y: np.ndarray) -> str:
    """Tell in words how a curve runs."""
    if not y.size:
        return f"{name}: nothing that can be drawn."
    low = int(np.argmin(y))
    return (
        f"{name} goes from {y[0]:.2g} at {x[0]:.2g} to {y[-1]:.2g} at {x[-1]:.2g}; "
        f"its lowest value is {y[low]:.2g} at {x[low]:.2g}."
    )


def _mark(axes, word: str, place: float) -> None:
    axes.axvline(place, color=plots.QUIET, linestyle=(0, (4, 3)), linewidth=1.2)
    axes.annotate(
        word,
        (place, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, -4),
        textcoords="offset points",
        va="top",
        color=plots.QUIET,
        fontsize=9.5,
        bbox={"boxstyle": "round,pad=0.1", "fc": plots.GROUND, "ec": "none"},
    )


def bars(
    groups: Mapping[str, Sequence[float]],
    labels: Sequence[str],
    title: str,
    ylabel: str,
    limits: tuple[float, float] | None = None,
    alt: str = "",
) -> plots.Plot:
    """Draw one bar for each label and group, with its number.

    Parameters
    ----------
    groups : mapping of str to sequence of float
        At most four groups, told apart by colour and hatching.
    labels : sequence of str
        What stands below the bars.
    title, ylabel : str
        What stands above and beside the axes.
    limits : (float, float), optional
        Ends of the vertical axis.
    alt : str
        What the figure shows; told from the numbers where it is empty.

    Returns
    -------
    Plot

    Raises
    ------
    ValueError
        If there is no group or there are more than four, or a group has not one
        finite number for each label.
    """
    if not 1 <= len(groups) <= len(plots.SERIES):
        raise ValueError(f"there are {len(groups)} groups; one to {len(plots.SERIES)} fit")
    width = 0.8 / len(groups)
    told = []
    with plots.style():
        figure = Figure(figsize=(6.2, 3.2))
        axes = figure.subplots()
        axes.grid(visible=False, axis="x")
        for number, (name, group) in enumerate(groups.items()):
            values = np.asarray(group, dtype=float)
            if values.shape != (len(labels),) or not np.isfinite(values).all():
                raise ValueError(f"{name}: one finite number is needed for each of {len(labels)}")
            places = np.arange(len(labels)) + (number - (len(groups) - 1) / 2) * width
            drawn = axes.bar(
                places,
                values,
                width * 0.92,
                color=plots.SERIES[number],
                hatch=_HATCHES[number],
                edgecolor=plots.GROUND,
                linewidth=0,
                label=name,
            )
            words = [_short(value) for value in values]
            axes.bar_label(drawn, words, padding=2, color=plots.INK, fontsize=9.5)
            told.append(
                f"{name}: "
                + ", ".join(f"{label} {word}" for label, word in zip(labels, words, strict=True))
                + "."
            )
        axes.axhline(0.0, color=plots.QUIET, linewidth=1.0)
        axes.set(title=title, ylabel=ylabel)
        axes.set_xticks(np.arange(len(labels)), labels)
        axes.margins(y=0.14)
        if limits is not None:
            axes.set_ylim(*limits)
        if len(groups) > 1:
            axes.legend()
        return plots.Plot(figure, alt or f"{title}: {ylabel} as bars. {' '.join(told)}")


def _short(value: float) -> str:
    """Write a number in as few digits as a bar has room for."""
    if value == 0 or 0.01 <= abs(value) < 1000:
        return f"{value:.3g}"
    return f"{value:.0e}"
