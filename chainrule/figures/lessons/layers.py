"""Figures of layers in a row: the two passes, and the caches between them."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from chainrule.figures import plots

_STEP = 2.6
_BOX = 1.5
_TOP, _BOTTOM = 1.9, 0.55


def passes(names: Sequence[str], values: Sequence[str], moment: int) -> plots.Plot:
    """Draw a row of layers at one moment of a forward and backward pass.

    Parameters
    ----------
    names : sequence of str
        The layers, from the input on.
    values : sequence of str
        What travels between them, with its shape: one more than there are layers.
    moment : int
        How many of the calls are done: 0 before the first, ``len(names)`` after the
        forward pass, ``2 * len(names)`` at the end.

    Returns
    -------
    Plot

    Raises
    ------
    ValueError
        If the numbers do not fit, or there is no such moment.
    """
    count = len(names)
    if not count or len(values) != count + 1:
        raise ValueError(f"{count} layers and {len(values)} values; there is one value more")
    if not 0 <= moment <= 2 * count:
        raise ValueError(f"moment is {moment}; 0 to {2 * count} exist")
    forward, backward = min(moment, count), max(0, moment - count)
    with plots.style():
        figure = Figure(figsize=(1.45 * count + 0.8, 2.5))
        axes = figure.subplots()
        axes.set_axis_off()
        axes.set(xlim=(-1.5, _STEP * count + 0.1), ylim=(0.0, 2.9))
        for number, name in enumerate(names):
            held = number < forward and number < count - backward
            _layer(axes, _STEP * number + 0.5, name, held, _active(number, count, moment))
        for number, value in enumerate(values):
            start, end = _STEP * number - 1.25, _STEP * number - 0.3
            if number == 0:
                done = True
            else:
                done = number <= forward
            _arrow(axes, (start, _TOP + 0.2), (end, _TOP + 0.2), plots.BLUE, done)
            back = count - number <= backward and moment > count - 1
            _arrow(axes, (end, _TOP - 0.25), (start, _TOP - 0.25), plots.ORANGE, back)
            axes.text(
                (start + end) / 2,
                _TOP + 0.36,
                value,
                ha="center",
                va="bottom",
                fontsize=9,
                color=plots.INK if done else plots.QUIET,
            )
        return plots.Plot(figure, alt=_words(names, values, moment))


def _active(number: int, count: int, moment: int) -> bool:
    """Tell whether a layer has just been called."""
    if moment == 0:
        return False
    return number == (moment - 1 if moment <= count else 2 * count - moment)


def _layer(axes, x: float, name: str, held: bool, active: bool) -> None:
    edge = plots.INK if active else plots.QUIET
    _box(axes, x, _TOP, 0.9, name, edge, 2.6 if active else 1.2)
    if held:
        _box(axes, x, _BOTTOM, 0.55, "cache", plots.GREEN, 2.0)
        axes.plot([x, x], [_TOP - 0.45, _BOTTOM + 0.28], color=plots.GREEN, lw=1.4, ls=":")


def _box(axes, x: float, y: float, height: float, text: str, colour: str, line: float) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - _BOX / 2, y - height / 2),
            _BOX,
            height,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=plots.GROUND,
            edgecolor=colour,
            linewidth=line,
        )
    )
    axes.text(x, y, text, ha="center", va="center", color=plots.INK, fontsize=10)


def _arrow(axes, start, end, colour: str, done: bool) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=12,
            color=colour if done else plots.LINE,
            linewidth=1.8 if done else 1.0,
            shrinkA=0,
            shrinkB=0,
        )
    )


def _words(names: Sequence[str], values: Sequence[str], moment: int) -> str:
    count = len(names)
    row = ", ".join(name.replace("\n", " ") for name in names)
    passing = ", ".join(value.replace("\n", " ") for value in values)
    text = f"Layers in a row: {row}. Between them travel {passing}. "
    if moment == 0:
        return text + "Nothing is computed yet, and no layer has a cache."
    if moment <= count:
        last = names[moment - 1].replace("\n", " ")
        return (
            text + f"The forward pass has reached {last}, layer {moment} of {count}. "
            f"{_caches(moment)}"
        )
    left = 2 * count - moment
    last = names[left].replace("\n", " ")
    return (
        text + f"The backward pass has come back through {last}, layer {left + 1} of {count}. "
        f"{_caches(left)}"
    )


def _caches(left: int) -> str:
    if left == 0:
        return "All caches are used up."
    return f"The first {left} layers hold a cache." if left > 1 else "The first layer has a cache."
