"""Figures of the assignment `pretrained` and of the lessons on trained networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from chainrule.figures import plots
from chainrule.pretrained.photos import Photo, open_photo, photo, resize_and_crop

#: Photographs are drawn this large at most, which keeps the notebooks small.
_SIDE = 200


def squash_and_crop() -> plots.Plot:
    """Draw a photograph, the part that a network should see, and the same one squashed."""
    image = open_photo(photo("china"))
    pictures = {
        "the photograph": _small(image),
        "resized, then cropped": resize_and_crop(image, 134, 153),
        "squashed": image.resize((134, 134), Image.Resampling.BICUBIC),
    }
    with plots.style():
        figure = Figure(figsize=(8, 2.9))
        widths = [picture.width / picture.height for picture in pictures.values()]
        for axes, (title, picture) in zip(
            figure.subplots(1, 3, width_ratios=widths), pictures.items(), strict=True
        ):
            _show(axes, picture, title)
        return plots.Plot(
            figure,
            "Three pictures of a Chinese temple. The photograph is wider than high. Resized and "
            "cropped, it is a square with the temple in its proportions; the edges are missing. "
            "Squashed, all of it is there, and the temple is too narrow for its height.",
        )


def top_classes(
    image: Photo,
    top: Sequence[tuple[int, float]],
    names: Mapping[int, str],
    save: str | Path | None = None,
    title: str = "",
) -> plots.Plot:
    """Draw a photograph, and bars of its most probable classes beside it.

    Parameters
    ----------
    image : path or image
        The photograph; the part that a network sees is framed.
    top : sequence of (int, float)
        Class numbers and probabilities, the most probable first.
    names : dict of int to str
        ``network.idx2label``.
    save : path, optional
        A ``.png`` file for your report.
    title : str
        What stands above the photograph.

    Returns
    -------
    Plot

    Raises
    ------
    ValueError
        If there are no classes, or the file's name ends in something else.
    """
    if not top:
        raise ValueError("there is no class to draw")
    if save is not None and Path(save).suffix.lower() != ".png":
        raise ValueError(f"the figure is saved as PNG: {Path(save).name!r} should end in .png")
    picture = _small(open_photo(image))
    labels = [f"{names[number]} ({number})" for number, _ in top]
    chances = [100.0 * float(chance) for _, chance in top]
    with plots.style():
        figure = Figure(figsize=(8, 2.9))
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
        _show(left, picture, title)
        _frame(left, picture)
        _bars(right, labels, chances)
        if save is not None:
            figure.savefig(save, dpi=150)
        said = ", ".join(f"{a} {b:.0f} %" for a, b in zip(labels, chances, strict=True))
        return plots.Plot(figure, f"A photograph{f' ({title})' if title else ''}. Bars: {said}.")


def _bars(axes, labels: list[str], chances: list[float]) -> None:
    places = np.arange(len(labels))
    axes.barh(places, chances, color=plots.BLUE, height=0.65)
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 115)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel("probability in %")
    axes.grid(visible=False, axis="y")
    for place, chance in zip(places, chances, strict=True):
        axes.text(chance + 1.5, place, f"{chance:.0f} %", va="center")


def _frame(axes, picture: Image.Image) -> None:
    side = 0.875 * min(picture.size)
    corner = ((picture.width - side) / 2, (picture.height - side) / 2)
    for colour, style in ((plots.GROUND, "-"), (plots.INK, "--")):
        axes.add_patch(
            Rectangle(corner, side, side, fill=False, edgecolor=colour, linestyle=style, lw=1.5)
        )


def filters(weights: np.ndarray) -> plots.Plot:
    """Draw the filters of a first convolution as small colour images.

    Parameters
    ----------
    weights : ndarray, (filters, 3, height, width)

    Returns
    -------
    Plot
    """
    if weights.ndim != 4 or weights.shape[1] != 3:
        raise ValueError(f"filters of shape (n, 3, h, w) are expected, not {weights.shape}")
    limit = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
    images = (0.5 + 0.5 * weights / np.maximum(limit, 1e-12)).transpose(0, 2, 3, 1)
    with plots.style():
        figure = Figure(figsize=(8, 8 * -(-len(images) // 8) / 8 + 0.1))
        _grid(figure, images, None)
        return plots.Plot(
            figure,
            f"{len(images)} filters of {weights.shape[2]} x {weights.shape[3]} pixels, each as a "
            "small colour image around grey. Some change from light to dark in one direction, "
            "others are blobs of one colour.",
        )


def channels(maps: np.ndarray, what: str, most: int = 16) -> plots.Plot:
    """Draw channels of a layer, the strongest first; bright is a large value.

    Parameters
    ----------
    maps : ndarray, (channels, height, width)
    what : str
        The layer's name in the alt text.
    most : int
        How many are drawn.

    Returns
    -------
    Plot
    """
    order = np.argsort(-maps.std(axis=(1, 2)), kind="stable")[:most]
    thin = max(1, maps.shape[1] // 56)  # small pictures need no more
    with plots.style():
        figure = Figure(figsize=(8, 8 * -(-len(order) // 8) / 8 + 0.1))
        _grid(
            figure, maps[order, ::thin, ::thin], "cividis"
        )  # each from its least to its largest value
        return plots.Plot(
            figure,
            f"{len(order)} channels of {what} as images of {maps.shape[1]} x {maps.shape[2]} "
            "pixels, the ones that vary most first. Bright places are large values.",
        )


def _grid(figure: Figure, images: np.ndarray, colours: str | None) -> None:
    grid = np.atleast_1d(figure.subplots(-(-len(images) // 8), 8)).ravel()
    for axes in grid:
        axes.axis("off")
    for axes, image in zip(grid, images, strict=False):
        axes.imshow(image, cmap=colours, interpolation="nearest")


def heat_map(
    picture: Image.Image,
    values: np.ndarray,
    title: str,
    label: str,
    patch: int = 0,
    stride: int = 0,
) -> plots.Plot:
    """Draw an image and a map of numbers beside it.

    Parameters
    ----------
    picture : PIL.Image.Image
        What the network saw.
    values : ndarray, (rows, columns)
        One number for each pixel, or for each place of a square.
    title, label : str
        What the map is, and what its colours mean.
    patch, stride : int
        Of the square in pixels; 0 when there is a number for each pixel.

    Returns
    -------
    Plot
    """
    size = picture.width
    if min(values.shape) >= 100:  # a pixel of its own would not be seen
        values = _block_maxima(values, 4)
    border = patch / 2 - stride / 2 if patch else 0.0
    extent = (border, size - border, size - border, border)
    with plots.style():
        figure = Figure(figsize=(8, 3.4))
        left, right = figure.subplots(1, 2)
        _show(left, _small(picture), "what the network sees")
        right.set_facecolor(plots.LINE)
        drawn = right.imshow(values, cmap="cividis", extent=extent, interpolation="nearest")
        right.set(xlim=(0, size), ylim=(size, 0), xticks=[], yticks=[], title=title)
        right.grid(visible=False)
        figure.colorbar(drawn, ax=right, label=label)
        row, column = np.unravel_index(int(np.argmax(values)), values.shape)
        where = f"{_third(row / values.shape[0], 'top', 'middle', 'bottom')}, " + _third(
            column / values.shape[1], "left", "middle", "right"
        )
        return plots.Plot(
            figure,
            f"An image, and beside it a map: {title}. {label} runs from {values.min():.3g} to "
            f"{values.max():.3g}; the largest value lies here: {where}.",
        )


def _block_maxima(values: np.ndarray, side: int) -> np.ndarray:
    rows, columns = (length // side for length in values.shape)
    cut = values[: rows * side, : columns * side]
    return cut.reshape(rows, side, columns, side).max(axis=(1, 3))


def _third(part: float, first: str, second: str, third: str) -> str:
    return first if part < 1 / 3 else second if part < 2 / 3 else third


def chance_curve(x: Sequence[float], chances: Sequence[float], name: str, label: str) -> plots.Plot:
    """Draw the probability of one class against what was done to a photograph.

    Parameters
    ----------
    x, chances : sequence of float
        For example angles in degrees, and probabilities from 0 to 1.
    name : str
        The class.
    label : str
        What stands below the horizontal axis.

    Returns
    -------
    Plot
    """
    percent = 100 * np.asarray(chances, float)
    with plots.style():
        figure = Figure(figsize=(6.5, 3.2))
        axes = figure.subplots()
        axes.plot(x, percent, "o-", color=plots.BLUE)
        axes.set(xlabel=label, ylabel="probability in %", title=name, ylim=(-3, 103))
        return plots.Plot(
            figure,
            f"The probability of {name} against {label}: {percent[0]:.0f} % at {x[0]:g}, "
            f"{percent[-1]:.0f} % at {x[-1]:g}, between {percent.min():.0f} % and "
            f"{percent.max():.0f} %.",
        )


def curves(
    runs: Mapping[str, Sequence[float]], label: str, title: str = "", x: str = "epoch"
) -> plots.Plot:
    """Draw one curve for each run, over the epochs.

    Parameters
    ----------
    runs : dict of str to sequence of float
        From the run's name to its numbers.
    label : str
        What the numbers are.
    title : str
    x : str
        What is counted along the horizontal axis.

    Returns
    -------
    Plot
    """
    styles = ("-", "--", "-.", ":")
    with plots.style():
        figure = Figure(figsize=(6.8, 3.4))
        axes = figure.subplots()
        for number, (name, values) in enumerate(runs.items()):
            axes.plot(
                range(1, len(values) + 1), values, styles[number % 4], label=name,
                color=plots.SERIES[number % 4],
            )  # fmt: skip
        axes.set(xlabel=x, ylabel=label, title=title)
        axes.legend()
        ends = "; ".join(f"{name} ends at {values[-1]:.3g}" for name, values in runs.items())
        return plots.Plot(figure, f"{label} over each {x}. {ends}.")


def images_in_a_row(images: Sequence, titles: Sequence[str], alt: str) -> plots.Plot:
    """Draw a few images beside each other.

    Parameters
    ----------
    images : sequence of arrays or images
    titles : sequence of str
    alt : str
        What they show.

    Returns
    -------
    Plot
    """
    with plots.style():
        figure = Figure(figsize=(8, 8 / len(images) + 0.4))
        for axes, image, title in zip(
            np.atleast_1d(figure.subplots(1, len(images))), images, titles, strict=True
        ):
            _show(axes, image, title)
        return plots.Plot(figure, alt)


def _small(image: Image.Image) -> Image.Image:
    image = image.copy()
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    return image


def _show(axes, image, title: str) -> None:
    grey = {"cmap": "gray"} if np.asarray(image).ndim == 2 else {}
    axes.imshow(image, interpolation="none", **grey)
    axes.set_title(title)
    axes.axis("off")
