"""CIFAR-10 as the networks of the assignment ``neuralnet`` take it."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.data import load_cifar10
from chainrule.data.cifar10 import MEAN, STD

_BLOCK = 2000


def standardize(images: np.ndarray) -> np.ndarray:
    """Shift and scale images in place, so that each colour has mean 0 and deviation 1.

    The mean and the standard deviation of each colour are those of all 50,000
    training images, so the same image always gives the same numbers.

    Parameters
    ----------
    images : ndarray, (N, 3072)
        Values in [0, 1]: the red, green and blue plane. Changed in place.

    Returns
    -------
    ndarray, (N, 3072)
        The same array.
    """
    planes = images.reshape(len(images), 3, 1024)
    shift = np.array(MEAN, images.dtype)[:, np.newaxis]
    scale = np.array(STD, images.dtype)[:, np.newaxis]
    for start in range(0, len(images), _BLOCK):  # a block fits the processor's cache better
        block = planes[start : start + _BLOCK]
        block -= shift
        block /= scale
    return images


def load_images(
    num_train: int = 10000, num_val: int = 5000, num_test: int = 0, seed: int = 442, **options: Any
) -> dict:
    """Load CIFAR-10, standardized, with the positions of the images.

    Parameters
    ----------
    num_train, num_val, num_test, seed
        As in `chainrule.data.load_cifar10`. No test images unless you ask for them.
    **options
        Further options of `load_cifar10`.

    Returns
    -------
    dict
        As from `load_cifar10`: ``X_train``, ``y_train`` and so on, X in float32 and
        standardized; and ``index_train``, ``index_val``, ``index_test``.
    """
    data = load_cifar10(num_train, num_val, num_test, seed, index=True, **options)
    for part in ("train", "val", "test"):
        standardize(data[f"X_{part}"])
    return data
