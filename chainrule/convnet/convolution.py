"""Convolution and pooling of one image, forward only, in NumPy.

As everywhere in deep learning, "convolution" means cross-correlation: the kernel is
not turned over. Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic
for deep learning", 2016, arXiv:1603.07285.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def conv_forward(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Convolve one image: stride 1, zeros outside the borders, output as large as the input.

    ``Y[x, y, f] = b[f] + sum over i, k, c of W[i, k, c, f] X[x + i - p, y + k - q, c]``
    with ``p = (I - 1) / 2`` and ``q = (K - 1) / 2``, so that the kernel's middle lies
    on the output's place.

    Parameters
    ----------
    X : ndarray, (H, V, C)
        An image with H rows, V columns and C channels.
    W : ndarray, (I, K, C, F)
        F filters of I rows and K columns, both odd.
    b : ndarray, (F,)
        One bias for each filter.

    Returns
    -------
    ndarray, (H, V, F)

    Raises
    ------
    ValueError
        If the shapes do not fit together, or a kernel side is even.
    """
    X, W, b = (np.asarray(array, dtype=np.float64) for array in (X, W, b))
    if X.ndim != 3 or W.ndim != 4 or b.ndim != 1:
        raise ValueError(f"X, W, b have {X.ndim}, {W.ndim}, {b.ndim} axes; 3, 4 and 1 are expected")
    rows, columns, channels, filters = W.shape
    if rows % 2 == 0 or columns % 2 == 0:
        raise ValueError(f"the kernel has {rows} by {columns} entries; both should be odd")
    if channels != X.shape[2] or filters != b.shape[0]:
        raise ValueError(
            f"X {X.shape}, W {W.shape} and b {b.shape} do not fit: W is (rows, columns, channels "
            "of X, filters), and b has one entry for each filter"
        )
    padded = np.pad(X, ((rows // 2,) * 2, (columns // 2,) * 2, (0, 0)))
    # windows: (H, V, C, I, K), a view on the padded image
    windows = np.lib.stride_tricks.sliding_window_view(padded, (rows, columns), axis=(0, 1))
    return np.tensordot(windows, W, axes=((3, 4, 2), (0, 1, 2))) + b


def max_pool(X: np.ndarray, size: int = 2) -> np.ndarray:
    """Take the largest entry of every block of `size` by `size`, in each channel.

    Parameters
    ----------
    X : ndarray, (H, V, C)
        H and V are multiples of `size`.
    size : int

    Returns
    -------
    ndarray, (H / size, V / size, C)

    Raises
    ------
    ValueError
        If the blocks do not fit.
    """
    return _blocks(X, size).max(axis=(1, 3))


def average_pool(X: np.ndarray, size: int = 2) -> np.ndarray:
    """Take the mean of every block of `size` by `size`, in each channel; see `max_pool`."""
    return _blocks(X, size).mean(axis=(1, 3))


def _blocks(X: np.ndarray, size: int) -> np.ndarray:
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 3 or size < 1 or X.shape[0] % size or X.shape[1] % size:
        raise ValueError(
            f"an array of shape {X.shape} cannot be cut into blocks of {size} by {size}"
        )
    height, width, channels = X.shape
    return X.reshape(height // size, size, width // size, size, channels)


def receptive_field(layers: Sequence[tuple[int, int]]) -> list[int]:
    """Say how many pixels along one side influence one entry, after each layer.

    Parameters
    ----------
    layers : sequence of (int, int)
        Kernel size and stride of each layer, from the input on; pooling counts too.

    Returns
    -------
    list of int
        One number for each layer.

    Raises
    ------
    ValueError
        For sizes or strides below 1.
    """
    seen, step, found = 1, 1, []
    for size, stride in layers:
        if size < 1 or stride < 1:
            raise ValueError(f"kernel size {size} and stride {stride} should be at least 1")
        seen += (size - 1) * step
        step *= stride
        found.append(seen)
    return found
