"""Minibatches, the processor to use, and a progress bar."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch.utils.data import DataLoader, TensorDataset

_WIDTH = 30
_PAUSE = 0.2


class Batches(Protocol):
    """Minibatches, and how many there are."""

    def __iter__(self) -> Iterator[Any]:
        """Go through them."""

    def __len__(self) -> int:
        """Return their number."""


def make_loader(
    images: torch.Tensor,
    labels: torch.Tensor,
    batch_size: int = 128,
    shuffle: bool = False,
    seed: int | None = None,
) -> DataLoader:
    """Return a loader of minibatches ``(images, labels)``; the last one may be smaller.

    Parameters
    ----------
    images : tensor, (N, C, H, W)
    labels : tensor, (N,), int64
    batch_size : int
    shuffle : bool
        A new order in every epoch. Say True for training.
    seed : int, optional
        Makes the orders the same in every run.

    Raises
    ------
    ValueError
        If there are not as many labels as images.
    """
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images and {len(labels)} labels do not belong together")
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    return DataLoader(
        TensorDataset(images, labels), batch_size, shuffle=shuffle, generator=generator
    )


def best_device() -> torch.device:
    """Return the GPU where there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def progress(batches: Batches, text: str = "") -> Iterator:
    """Go through minibatches and show a bar while that lasts.

    Parameters
    ----------
    batches : iterable
        With a length, such as a loader.
    text : str
        Stands before the bar.

    Yields
    ------
    object
        What `batches` gives.
    """
    total, start, shown = len(batches), time.perf_counter(), 0.0
    for number, batch in enumerate(batches, start=1):
        yield batch
        now = time.perf_counter()
        if now - shown > _PAUSE or number == total:
            shown = now
            full = _WIDTH * number // max(1, total)
            bar = "#" * full + "." * (_WIDTH - full)
            print(f"\r{text} [{bar}] {100 * number // total:3d} % {now - start:5.0f} s",
                  end="", file=sys.stderr, flush=True)  # fmt: skip
    if total:
        print(file=sys.stderr)
