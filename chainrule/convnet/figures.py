"""Figures of the assignment ``convnet`` and its lessons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from chainrule.convnet.convolution import receptive_field
from chainrule.data import CIFAR10, FASHION_MNIST, cifar10, fashion_mnist
from chainrule.figures import plots
from chainrule.figures.sheet import examples_of_classes

if TYPE_CHECKING:
    import torch

    from chainrule.convnet.formulas import FormulaReport
    from chainrule.convnet.history import History

_GAP = 1


def gradient_maps(report: FormulaReport) -> plots.Plot:
    """Draw a formula's gradient, the numeric one, and their difference, entry by entry.

    Parameters
    ----------
    report : FormulaReport
        From `chainrule.convnet.try_formula`.
    """
    sheets = [_sheet(array) for array in (report.yours, report.numeric, report.difference)]
    wrong = _sheet((~report.agrees).astype(float)) == 1.0
    rows, columns = sheets[0].shape
    with plots.style():
        figure = Figure(figsize=(8.4, min(6.5, 1.5 + 2.4 * rows / columns)))
        axes = figure.subplots(1, 3)
        finite = np.abs(np.concatenate([s[np.isfinite(s)] for s in sheets[:2]]))
        largest = float(finite.max(initial=1e-12))
        titles = (f"yours: dL/d{report.name}", "central differences", "difference")
        for number, (one, sheet, title) in enumerate(zip(axes, sheets, titles, strict=True)):
            limit = largest
            if number == 2:
                left = np.abs(sheet[np.isfinite(sheet)])
                limit = max(float(left.max(initial=0.0)), 1e-12)
                title = f"{title}, up to {limit:.1e}"
            drawn = one.imshow(sheet, cmap="cividis", vmin=-limit, vmax=limit)
            one.set_title(title)
            one.grid(visible=False)
            one.set_xticks([])
            one.set_yticks([])
            one.spines[:].set_visible(False)
            figure.colorbar(drawn, ax=one, orientation="horizontal", shrink=0.8, aspect=14)
        places = np.argwhere(wrong)
        axes[2].plot(places[:, 1], places[:, 0], "x", color=plots.ORANGE, markersize=6)
        order = {"b": "one column for each filter", "X": "one block for each channel",
                 "W": "one block for each channel, down, and filter, across"}  # fmt: skip
        return plots.Plot(
            figure,
            alt=(
                f"Three heat maps, {order[report.name]}: the entries of your formula, those of "
                "central differences, and the difference. A cross marks each entry that does not "
                f"agree: there are {len(places)}. {report.verdict}"
            ),
        )


def _sheet(array: np.ndarray) -> np.ndarray:
    """Lay an array out on a sheet of numbers; NaN fills the gaps between blocks."""
    if array.ndim == 1:
        return array[np.newaxis].astype(float)
    if array.ndim == 3:
        array = array[:, :, np.newaxis, :]
    rows, columns, down, across = array.shape
    sheet = np.full((down * (rows + _GAP) - _GAP, across * (columns + _GAP) - _GAP), np.nan)
    for i, j in np.ndindex(down, across):
        top, left = i * (rows + _GAP), j * (columns + _GAP)
        sheet[top : top + rows, left : left + columns] = array[:, :, i, j]
    return sheet


def convolution_step(
    X: np.ndarray, W: np.ndarray, Y: np.ndarray, place: tuple[int, int]
) -> plots.Plot:
    """Draw one step of a convolution: the window, the kernel, and the entry that comes out.

    Parameters
    ----------
    X : ndarray, (H, V)
        One channel of an image.
    W : ndarray, (I, K)
        The kernel, both sides odd.
    Y : ndarray, (H, V)
        The output.
    place : (int, int)
        Row and column of the entry.

    Raises
    ------
    ValueError
        If the place is outside the output.
    """
    row, column = place
    if not (0 <= row < Y.shape[0] and 0 <= column < Y.shape[1]):
        raise ValueError(f"place {place} is outside the output of shape {Y.shape}")
    p, q = W.shape[0] // 2, W.shape[1] // 2
    padded = np.pad(X, ((p, p), (q, q)))
    with plots.style():
        figure = Figure(figsize=(8.4, 3.2))
        widths = (padded.shape[1], W.shape[1], Y.shape[1])
        axes = figure.subplots(1, 3, width_ratios=widths)
        titles = ("input, with zeros around it", "kernel", "output")
        for one, values, title in zip(axes, (padded, W, Y), titles, strict=True):
            _numbers(one, values)
            one.set_title(title)
        _frame(axes[0], row, column, W.shape)
        _frame(axes[2], row, column, (1, 1))
        return plots.Plot(
            figure,
            alt=(
                f"Three grids of numbers. A frame of {W.shape[0]} by {W.shape[1]} entries marks a "
                f"window of the padded input, beginning in row {row}, column {column}. Multiplied "
                "with the kernel entry by entry and summed up, it gives the framed entry of the "
                f"output in row {row}, column {column}: {Y[row, column]:g}."
            ),
        )


def _numbers(axes, values: np.ndarray) -> None:
    rows, columns = values.shape
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    for i, j in np.ndindex(rows, columns):
        axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor="none", edgecolor=plots.LINE))
        axes.text(j, i, f"{values[i, j]:g}", ha="center", va="center", color=plots.INK, fontsize=9)


def _frame(axes, row: int, column: int, shape: tuple[int, int], colour: str = plots.ORANGE) -> None:
    corner = (column - 0.5, row - 0.5)
    axes.add_patch(
        Rectangle(corner, shape[1], shape[0], facecolor="none", edgecolor=colour, linewidth=2.6)
    )


def pooling(X: np.ndarray, size: int = 2) -> plots.Plot:
    """Draw max pooling and average pooling of one channel.

    Parameters
    ----------
    X : ndarray, (H, V)
        Both sides multiples of `size`.
    size : int
    """
    from chainrule.convnet.convolution import average_pool, max_pool

    largest, mean = (pool(X[:, :, np.newaxis], size)[:, :, 0] for pool in (max_pool, average_pool))
    with plots.style():
        figure = Figure(figsize=(8.4, 2.8))
        axes = figure.subplots(1, 3, width_ratios=(X.shape[1], largest.shape[1], mean.shape[1]))
        titles = ("input", "max pooling", "average pooling")
        for one, values, title in zip(axes, (X, largest, mean), titles, strict=True):
            _numbers(one, values)
            one.set_title(title)
        colours = plots.SERIES
        for number, (i, j) in enumerate(np.ndindex(*largest.shape)):
            colour = colours[number % len(colours)]
            _frame(axes[0], i * size, j * size, (size, size), colour)
            for one in axes[1:]:
                _frame(one, i, j, (1, 1), colour)
        return plots.Plot(
            figure,
            alt=(
                f"A grid of {X.shape[0]} by {X.shape[1]} numbers in blocks of {size} by {size}. "
                "Beside it the largest number of each block, and the mean of each block."
            ),
        )


def maps(arrays: Sequence[np.ndarray], titles: Sequence[str], alt: str) -> plots.Plot:
    """Draw arrays side by side as heat maps with one scale.

    Parameters
    ----------
    arrays : sequence of ndarray, (H, V)
    titles : sequence of str
        One for each.
    alt : str
        What a reader who does not see them must know.
    """
    low = min(float(array.min()) for array in arrays)
    high = max(float(array.max()) for array in arrays)
    with plots.style():
        figure = Figure(figsize=(min(8.6, 2.3 * len(arrays) + 0.8), 2.6))
        axes = np.atleast_1d(figure.subplots(1, len(arrays)))
        for one, array, title in zip(axes, arrays, titles, strict=True):
            drawn = one.imshow(array, cmap="cividis", vmin=low, vmax=high)
            _bare(one)
            one.set_title(title)
        figure.colorbar(drawn, ax=list(axes), shrink=0.8)
        return plots.Plot(figure, alt=alt)


def _bare(axes) -> None:
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def receptive_fields(layers: Sequence[tuple[int, int]], names: Sequence[str]) -> plots.Plot:
    """Draw how much of the input one entry sees, after each layer.

    Parameters
    ----------
    layers : sequence of (int, int)
        Kernel size and stride of each layer.
    names : sequence of str
        One for each.
    """
    sizes = receptive_field(layers)
    with plots.style():
        figure = Figure(figsize=(8.4, 0.9 + 0.42 * len(layers)))
        axes = figure.subplots()
        for row, size in enumerate(sizes):
            axes.barh(row, size, left=-size / 2, height=0.62, color=plots.BLUE)
            axes.text(size / 2 + 0.4, row, f"{size}", va="center", color=plots.INK)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlabel("pixels along one side of the input, around the middle")
        axes.margins(x=0.08)
        axes.grid(visible=False, axis="y")
        told = ", ".join(f"{name}: {size}" for name, size in zip(names, sizes, strict=True))
        return plots.Plot(
            figure, alt=f"Bars that grow from layer to layer, in pixels along one side. {told}."
        )


def curves(history: History | Mapping | Sequence, title: str = "") -> plots.Plot:
    """Draw the training loss, and the training and validation accuracy, of each epoch.

    Parameters
    ----------
    history : History, or three sequences
        ``loss``, ``train_accuracy``, ``val_accuracy``; accuracies as fractions.
    title : str

    Raises
    ------
    ValueError
        If there is no epoch in it, or the lists have different lengths.
    """
    if isinstance(history, Sequence):
        loss, train, val = history[:3]
    elif isinstance(history, Mapping):
        loss, train, val = (history[k] for k in ("loss", "train_accuracy", "val_accuracy"))
    else:
        loss, train, val = history.loss, history.train_accuracy, history.val_accuracy
    loss, train, val = (np.asarray([float(v) for v in values]) for values in (loss, train, val))
    if not len(loss) or not len(loss) == len(train) == len(val):
        raise ValueError(
            f"{len(loss)} losses, {len(train)} and {len(val)} accuracies; one of each for every "
            "epoch is expected"
        )
    epochs = np.arange(1, len(loss) + 1)
    with plots.style():
        figure = Figure(figsize=(8.4, 3.2))
        left, right = figure.subplots(1, 2)
        left.plot(epochs, loss, "o-", markersize=4)
        left.set(xlabel="epoch", ylabel="loss", title="Training loss")
        right.plot(epochs, 100 * train, "o-", markersize=4, label="training")
        right.plot(epochs, 100 * val, "s--", markersize=4, label="validation")
        right.set(xlabel="epoch", ylabel="accuracy in percent", title="Accuracy")
        right.legend()
        for one in (left, right):
            one.xaxis.set_major_locator(MaxNLocator(integer=True))
        if title:
            figure.suptitle(title, color=plots.INK)
        return plots.Plot(
            figure,
            alt=(
                f"{title + '. ' if title else ''}Over {len(epochs)} epochs the training loss goes "
                f"from {loss[0]:.2f} to {loss[-1]:.2f}. At the end the training accuracy is "
                f"{100 * train[-1]:.1f} percent and the validation accuracy {100 * val[-1]:.1f} "
                "percent."
            ),
        )


def confusion(counts: np.ndarray, classes: Sequence[str]) -> plots.Plot:
    """Draw a confusion matrix with its numbers.

    Parameters
    ----------
    counts : ndarray, (C, C), int
        Row: what the image is. Column: what the network says.
    classes : sequence of str
    """
    counts = np.asarray(counts)
    share = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    off = counts * (1 - np.eye(len(counts), dtype=int))
    row, column = (int(i) for i in np.unravel_index(int(off.argmax()), off.shape))
    with plots.style():
        figure = Figure(figsize=(7.2, 6.2))
        axes = figure.subplots()
        axes.imshow(share, cmap="cividis", vmin=0, vmax=1)
        for i, j in np.ndindex(*counts.shape):
            colour = "#000000" if share[i, j] > 0.55 else "#ffffff"
            axes.text(j, i, str(counts[i, j]), ha="center", va="center", color=colour, fontsize=8.5)
        axes.grid(visible=False)
        axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
        axes.set_yticks(range(len(classes)), classes)
        axes.set(xlabel="what the network says", ylabel="what it is")
        axes.spines[:].set_visible(False)
        return plots.Plot(
            figure,
            alt=(
                f"A table of {len(classes)} by {len(classes)} counts, dark to light. "
                f"{int(np.trace(counts))} of {int(counts.sum())} lie on the diagonal, where the "
                f"network is right. The most frequent mistake: {classes[row]} taken for "
                f"{classes[column]}, {int(off[row, column])} times."
            ),
        )


def mistakes(
    images: np.ndarray | torch.Tensor, found: Sequence[dict], classes: Sequence[str]
) -> plots.Plot:
    """Draw images that the network got wrong, with what it said and how sure it was.

    Parameters
    ----------
    images : array or tensor, (N, C, H, W)
        In any scale; each is drawn from its darkest to its lightest value.
    found : list of dict
        From `chainrule.convnet.mistakes.confident_mistakes`.
    classes : sequence of str

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    if not found:
        raise ValueError("there is no mistake to draw")
    columns = min(6, len(found))
    rows = -(-len(found) // columns)
    with plots.style():
        figure = Figure(figsize=(8.4, 2.05 * rows))
        axes = np.atleast_1d(figure.subplots(rows, columns)).ravel()
        told = []
        for one in axes:
            _bare(one)
        for one, mistake in zip(axes, found, strict=False):
            image = np.asarray(images[mistake["row"]], dtype=float)
            image = (image - image.min()) / max(1e-12, float(np.ptp(image)))
            flat = image[0] if image.shape[0] == 1 else image.transpose(1, 2, 0)
            one.imshow(flat, cmap="gray", vmin=0, vmax=1)
            says, is_ = classes[mistake["prediction"]], classes[mistake["label"]]
            percent = 100 * mistake["confidence"]
            one.set_title(f"says {says},\n{percent:.0f} % sure; is\n{is_}", fontsize=8.5)
            told.append(f"{is_} taken for {says}, {percent:.0f} percent sure")
        return plots.Plot(figure, alt=f"{len(found)} wrong images: {'; '.join(told)}.")


def fashion_examples(rows: int = 4) -> plots.Plot:
    """Draw some images of each class of Fashion-MNIST, from the bundled subset.

    Parameters
    ----------
    rows : int
        Images of each class, from 1 to 10.

    Raises
    ------
    ValueError
        For another number of rows.
    """
    data = FASHION_MNIST.open("subset")
    return _examples(255 - data.train_images[..., np.newaxis].repeat(3, axis=-1),
                     data.train_labels, fashion_mnist.CLASSES, rows, "grey")  # fmt: skip


def cifar_examples(rows: int = 4) -> plots.Plot:
    """Draw some images of each class of CIFAR-10, from the bundled subset; see above."""
    data = CIFAR10.open("subset")
    images = data.train_images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return _examples(images, data.train_labels, cifar10.CLASSES, rows, "colour")


def _examples(images, labels, classes, rows: int, kind: str) -> plots.Plot:
    sheet = examples_of_classes(images, labels, rows)
    side = images.shape[1]
    with plots.style():
        figure = Figure(figsize=(8.4, 0.85 * rows + 0.4))
        axes = figure.subplots()
        axes.imshow(sheet, interpolation="nearest")
        _bare(axes)
        axes.set_xticks(
            np.arange(10) * (side + 2) + side // 2, [c.replace(" ", "\n") for c in classes]
        )
        axes.xaxis.tick_top()
        axes.tick_params(length=0, labelsize=8)
        return plots.Plot(
            figure,
            alt=(
                f"Ten columns of {rows} small {kind} pictures each, one column for each class: "
                f"{', '.join(classes)}."
            ),
        )
