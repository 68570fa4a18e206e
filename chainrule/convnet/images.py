"""Fashion-MNIST and CIFAR-10 as torch tensors, standardized.

Every image is shifted and scaled with the mean and the standard deviation of the
training set, whatever part it belongs to. A network has to see the test images as it
saw the training images.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch

from chainrule.data import (
    CIFAR10,
    FASHION_MNIST,
    DataUnavailable,
    ImageData,
    load_cifar10,
    load_fashion_mnist,
)
from chainrule.data import cifar10 as _cifar10
from chainrule.data import fashion_mnist as _fashion

SEED = 442


def load_fashion(
    num_train: int = 50000, num_val: int = 10000, seed: int = SEED, **options: Any
) -> dict:
    """Load the training and validation images of Fashion-MNIST. No test images.

    Parameters
    ----------
    num_train, num_val, seed
        As in `chainrule.data.load_fashion_mnist`. No image is in both parts.
    **options
        Further options of it.

    Returns
    -------
    dict
        ``X_train``, ``X_val``: tensors (n, 1, 28, 28), float32, standardized;
        ``y_train``, ``y_val``: tensors (n,), int64.
    """
    return _tensors(load_fashion_mnist(num_train, num_val, 0, seed, **options), fashion_tensor)


def load_fashion_test(source: str = "auto") -> tuple[torch.Tensor, torch.Tensor]:
    """Load the test images of Fashion-MNIST and their classes. Use them once.

    Returns
    -------
    images : tensor, (n, 1, 28, 28), float32, standardized
    labels : tensor, (n,), int64
    """
    data = FASHION_MNIST.open(source)
    return fashion_tensor(np.array(data.test_images)), _labels(data.test_labels)


def load_cifar(
    num_train: int = 45000, num_val: int = 5000, seed: int = SEED, **options: Any
) -> dict:
    """Load the training and validation images of CIFAR-10. No test images.

    Parameters
    ----------
    num_train, num_val, seed
        As in `chainrule.data.load_cifar10`. No image is in both parts.
    **options
        Further options of it.

    Returns
    -------
    dict
        ``X_train``, ``X_val``: tensors (n, 3, 32, 32), float32, standardized;
        ``y_train``, ``y_val``: tensors (n,), int64.
    """
    options.setdefault("dtype", np.uint8)
    return _tensors(load_cifar10(num_train, num_val, 0, seed, **options), cifar_tensor)


def cifar_test_images(source: str = "auto") -> torch.Tensor:
    """Load the 10,000 test images of CIFAR-10, in a fixed shuffled order, without labels.

    The order is that of the images' sha256 hashes: it says nothing about the classes.

    Returns
    -------
    tensor, (10000, 3, 32, 32), float32, standardized

    Raises
    ------
    DataUnavailable
        If the whole data set is not there: the subset has too few test images.
    """
    data = CIFAR10.open(source)
    if not data.complete:
        raise DataUnavailable(
            "predictions.csv is for all 10,000 test images, and only the bundled subset is here. "
            "Fetch the rest with: chainrule data cifar10"
        )
    return cifar_tensor(np.array(data.test_images)[hash_order(data)])


def hash_order(data: ImageData) -> np.ndarray:
    """Return the order of the test images: by the sha256 of their bytes.

    Parameters
    ----------
    data : ImageData
        CIFAR-10, or its subset.

    Returns
    -------
    ndarray, (n,), int64
        Rows of ``data.test_images``.
    """
    hashes = [
        hashlib.sha256(np.ascontiguousarray(image).data).digest() for image in data.test_images
    ]
    return np.array(sorted(range(len(hashes)), key=hashes.__getitem__), dtype=np.int64)


def fashion_tensor(images: np.ndarray) -> torch.Tensor:
    """Turn bytes (n, 28, 28) into a standardized float32 tensor (n, 1, 28, 28)."""
    scaled = torch.from_numpy(np.ascontiguousarray(images)).float().div_(255.0)
    return scaled.sub_(_fashion.MEAN).div_(_fashion.STD).unsqueeze(1)


def cifar_tensor(images: np.ndarray) -> torch.Tensor:
    """Turn bytes (n, 3072) into a standardized float32 tensor (n, 3, 32, 32)."""
    planes = torch.from_numpy(np.ascontiguousarray(images)).reshape(-1, 3, 32, 32)
    shift = torch.tensor(_cifar10.MEAN).view(1, 3, 1, 1)
    scale = torch.tensor(_cifar10.STD).view(1, 3, 1, 1)
    return planes.float().div_(255.0).sub_(shift).div_(scale)


def _tensors(data: dict, prepare) -> dict:
    return {
        "X_train": prepare(data["X_train"]),
        "y_train": torch.from_numpy(data["y_train"]),
        "X_val": prepare(data["X_val"]),
        "y_val": torch.from_numpy(data["y_val"]),
    }


def _labels(labels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.asarray(labels).astype(np.int64))
