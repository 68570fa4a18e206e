"""Figures about fitting: the correspondences, residuals, descents of a line, RANSAC."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from chainrule.data import load_correspondences
from chainrule.figures import plots

if TYPE_CHECKING:
    from chainrule.fitting.animation import Animation

# Every third of the 4,560 points shows the shape and keeps the page small.
_EVERY = 3
_MARKED = {"A": (0.50, 1.18), "B": (0.02, 0.22), "C": (1.04, 0.22)}


def correspondences() -> plots.Plot:
    """Draw the course's correspondences: the points, and beside them their partners."""
    points, partners = (np.round(a, 3) for a in load_correspondences())
    marked = {
        name: int(np.argmin(np.sum((points - place) ** 2, axis=1)))
        for name, place in _MARKED.items()
    }
    with plots.style():
        figure = Figure(figsize=(7.4, 3.5))
        panels = figure.subplots(1, 2)
        for axes, these, colour, title in (
            (panels[0], points, plots.BLUE, "P: the points"),
            (panels[1], partners, plots.ORANGE, "P′: their partners"),
        ):
            _draw_dots(axes, these[::_EVERY], colour)
            for name, index in marked.items():
                axes.plot(*these[index], "o", ms=6, mfc="none", mec=plots.INK, mew=1.6)
                axes.annotate(
                    name,
                    these[index],
                    xytext=(7, 5),
                    textcoords="offset points",
                    fontweight="bold",
                    bbox={"boxstyle": "round,pad=0.1", "fc": plots.GROUND, "ec": "none"},
                )
            axes.set(title=title, xlabel="x", ylabel="y")
            axes.set_aspect("equal", adjustable="datalim")
            axes.margins(0.12)
        return plots.Plot(
            figure,
            alt="Two pictures made of points. Left, P: a sailing boat, upright, about one unit "
            "wide. Right, P prime: the same boat turned, stretched in one direction and mirrored. "
            "Three corners carry the letters A, B and C in both pictures.",
        )


def _draw_dots(axes, points: np.ndarray, colour: str) -> None:
    """Draw many dots as one path, a tenth of the size that markers have in SVG."""
    twice = np.repeat(points, 3, axis=0)
    twice[1::3, 0] += 1e-4  # without any length a dot would be left out
    twice[2::3] = np.nan
    axes.plot(*twice.T, color=colour, lw=2.2, solid_capstyle="round")


def residuals() -> plots.Plot:
    """Draw the residuals of a few points when the map is the identity."""
    points, partners = (np.round(a, 3) for a in load_correspondences())
    chosen = np.arange(0, len(points), 330)
    with plots.style():
        figure = Figure(figsize=(5.0, 4.0))
        axes = figure.subplots()
        for start, end in zip(points[chosen], partners[chosen], strict=True):
            axes.plot(*np.transpose([start, end]), color=plots.QUIET, lw=0.9)
        axes.plot(*points[chosen].T, "o", ms=4.5, color=plots.BLUE, label="prediction")
        axes.plot(*partners[chosen].T, "s", ms=4.5, color=plots.ORANGE, label="partner")
        axes.set(xlabel="x", ylabel="y")
        axes.set_aspect("equal", adjustable="datalim")
        axes.legend(loc="upper left")
        return plots.Plot(
            figure,
            alt="14 points of the boat as predictions, and their partners some way off. A line "
            "joins each prediction to its partner; the lines are up to two units long.",
        )


def boat_descent(learning_rate: float = 0.5, steps: int = 60) -> Animation:
    """Animate a fit of the course's correspondences: the boat moves onto its partners.

    Parameters
    ----------
    learning_rate : float
    steps : int
        The animation shows about 30 of them.

    Returns
    -------
    chainrule.fitting.Animation
    """
    from chainrule.fitting import animate
    from chainrule.fitting.checks import descent_after

    points, partners = load_correspondences()
    rows = np.column_stack([points, np.ones(len(points))])
    shown = sorted({round(k) for k in np.linspace(0, steps, 30)})
    predictions = []
    for step in shown:
        columns = np.column_stack(descent_after(points, partners, learning_rate, step))
        predictions.append(rows @ columns.T)
    with tempfile.TemporaryDirectory() as folder:
        labels = [f"step {step}" for step in shown]
        return animate(partners, predictions, Path(folder) / "fit.gif", labels)


def line_fit(
    x: np.ndarray,
    y: np.ndarray,
    lines: Sequence[tuple[float, float, str]],
    title: str = "",
    inliers: np.ndarray | None = None,
    sample: Sequence[int] = (),
    labels: tuple[str, str] = ("points", "outliers"),
    alt: str = "",
) -> plots.Plot:
    """Draw points and lines through them.

    Parameters
    ----------
    x, y : ndarray, (N,)
        The points.
    lines : sequence of (slope, height, label)
        At most four lines, y = slope · x + height.
    title : str
        Above the picture.
    inliers : ndarray, (N,), bool, optional
        Points that agree; the others are drawn as crosses.
    sample : sequence of int
        Points to draw a ring around.
    labels : (str, str)
        What the legend calls the points that agree and the others.
    alt : str
        What the picture shows; made from the numbers where it is empty.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    agree = np.ones(len(x), dtype=bool) if inliers is None else np.asarray(inliers)
    with plots.style():
        figure = Figure(figsize=(5.4, 3.5))
        axes = figure.subplots()
        axes.plot(x[agree], y[agree], "o", ms=5, color=plots.QUIET, label=labels[0])
        if not agree.all():
            axes.plot(x[~agree], y[~agree], "x", ms=6, mew=1.6, color=plots.QUIET, label=labels[1])
        if len(sample):
            drawn = list(sample)
            axes.plot(
                x[drawn], y[drawn], "o", label="drawn", ms=13, mfc="none", mec=plots.ORANGE, mew=2.2
            )
        ends = np.array([x.min(), x.max()])
        for number, (slope, height, label) in enumerate(lines):
            axes.plot(
                ends,
                slope * ends + height,
                color=plots.SERIES[number],
                ls=("-", "--", "-.", ":")[number],
                lw=2.4,
                label=label,
            )
        low, high = y.min(), y.max()
        axes.set(xlabel="x", ylabel="y", title=title)
        axes.set_ylim(low - 0.15 * (high - low), high + 0.15 * (high - low))
        axes.legend(loc="best", fontsize=9)
        said = "; ".join(f"{label}: slope {a:.2f}, height {b:.2f}" for a, b, label in lines)
        return plots.Plot(figure, alt or f"{len(x)} points and lines through them. {said}.")


def line_descent(
    x: np.ndarray,
    y: np.ndarray,
    path: np.ndarray,
    losses: np.ndarray,
    title: str = "",
    final: bool = True,
) -> plots.Plot:
    """Draw a descent of a line's slope and height: the lines, the way downhill, the loss.

    Parameters
    ----------
    x, y : ndarray, (N,)
        The points.
    path : ndarray, (K, 2)
        Slope and height in each step, the start first.
    losses : ndarray, (K,)
        The mean squared error in each step.
    title : str
        Above the picture.
    final : bool
        Say in the alt text where the descent ends.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    path, losses = np.asarray(path, dtype=float), np.asarray(losses, dtype=float)
    with plots.style():
        figure = Figure(figsize=(8.6, 3.0))
        left, middle, right = figure.subplots(1, 3)
        _draw_lines(left, x, y, path)
        _draw_landscape(middle, x, y, path)
        shown = np.isfinite(losses) & (losses > 0)
        right.plot(np.flatnonzero(shown), losses[shown], color=plots.ORANGE)
        right.set(xlabel="step", ylabel="loss", yscale="log", title="loss")
        if title:
            figure.suptitle(title, fontsize=11)
        end = f" It ends at {losses[-1]:.3g}." if final and np.isfinite(losses[-1]) else ""
        return plots.Plot(
            figure,
            alt=f"Three pictures. The line in some of {len(path) - 1} steps; the way of slope and "
            f"height over contours of the loss; the loss, which begins at {losses[0]:.3g}.{end}",
        )


def _draw_lines(axes, x, y, path) -> None:
    axes.plot(x, y, "o", ms=3.5, color=plots.QUIET)
    ends = np.array([x.min(), x.max()])
    last = len(path) - 1
    for step in sorted({0, 1, 3, 10, last}):
        if step <= last:
            slope, height = path[step]
            colour = plots.ORANGE if step == last else plots.BLUE
            axes.plot(ends, slope * ends + height, color=colour, lw=2.4 if step == last else 1)
    spread = y.max() - y.min()
    axes.set(xlabel="x", ylabel="y", title="first lines, and the last one")
    axes.set_ylim(y.min() - 0.3 * spread, y.max() + 0.3 * spread)


def _draw_landscape(axes, x, y, path) -> None:
    """Draw contours of the mean squared error over slope and height, and the path on them."""
    lowest = np.polyfit(x, y, 1)
    reach = 1.35 * max(1.0, float(np.max(np.abs(path[0] - lowest))))
    slopes = np.linspace(lowest[0] - reach, lowest[0] + reach, 60)
    heights = np.linspace(lowest[1] - reach, lowest[1] + reach, 60)
    grid = slopes[None, :, None] * x + heights[:, None, None] - y
    values = np.mean(grid**2, axis=2)
    levels = values.min() + (values.max() - values.min()) * np.array([0.01, 0.05, 0.15, 0.35, 0.65])
    axes.contour(slopes, heights, values, levels=levels, colors=plots.QUIET, linewidths=0.8)
    axes.plot(*path.T, "o-", ms=3, lw=1.2, color=plots.ORANGE, clip_on=True)
    axes.plot(*lowest, "*", ms=11, color=plots.GREEN)
    axes.set(xlabel="slope", ylabel="height", title="way downhill")
    axes.set_xlim(slopes[0], slopes[-1])
    axes.set_ylim(heights[0], heights[-1])
