"""Minibatches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


class DataSampler:
    """Iterate over minibatches in an order that changes every epoch.

    Each ``for`` loop over the sampler is one epoch: every example comes once, and
    the last minibatch is shorter if the batch size does not divide the set.

    Parameters
    ----------
    X : ndarray, (N, ...)
        Examples.
    y : ndarray, (N, ...)
        Their labels.
    batch_size : int
        Examples in a minibatch.
    seed : int, optional
        Seed of the order. Two samplers with the same seed give the same
        minibatches, epoch by epoch. Without it the order differs in every run.

    Raises
    ------
    ValueError
        If X and y differ in length, X is empty, or `batch_size` is less than 1.
    """

    def __init__(
        self, X: np.ndarray, y: np.ndarray, batch_size: int, seed: int | None = None
    ) -> None:
        if len(X) != len(y):
            raise ValueError(f"X has {len(X)} examples but y has {len(y)} labels")
        if len(X) == 0:
            raise ValueError("X holds no examples")
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; at least 1 is needed")
        self.X = X
        self.y = y
        self.batch_size = int(batch_size)
        self._rng = np.random.RandomState(seed)

    def __len__(self) -> int:
        """Return the number of minibatches in an epoch; the short last one counts."""
        return -(-len(self.X) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield ``X_batch, y_batch`` pairs; they are copies."""
        order = self._rng.permutation(len(self.X))
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield self.X[chosen], self.y[chosen]
