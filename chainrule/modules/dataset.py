"""A data set in the form that `Network.train` takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chainrule.data import DataSampler, load_iris


@dataclass
class Dataset:
    """Training, validation and test examples, and the size of a minibatch.

    Parameters
    ----------
    parts : dict
        ``X_train``, ``y_train``, ``X_val``, ``y_val``, ``X_test``, ``y_test``;
        labels are one-hot: ndarray, (N, classes).
    batch_size : int
        Examples in a minibatch.
    seed : int, optional
        Seed of the order of the minibatches.
    """

    parts: dict[str, np.ndarray]
    batch_size: int = 25
    seed: int | None = 0

    def __post_init__(self) -> None:
        self._sampler = DataSampler(
            self.parts["X_train"], self.parts["y_train"], self.batch_size, self.seed
        )

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the minibatches of one epoch, in a new order each time."""
        yield from self._sampler

    def part(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return all examples and labels of ``"train"``, ``"val"`` or ``"test"``.

        Raises
        ------
        KeyError
            For another name.
        """
        return self.parts[f"X_{name}"], self.parts[f"y_{name}"]


def iris_dataset(batch_size: int = 25, seed: int | None = 0, split_seed: int = 442) -> Dataset:
    """Return Iris as 105 training, 15 validation and 30 test flowers, not normalised.

    Parameters
    ----------
    batch_size : int
        Examples in a minibatch.
    seed : int, optional
        Seed of the order of the minibatches.
    split_seed : int
        Seed of the split; leave it as it is in work that you hand in.
    """
    return Dataset(load_iris(split_seed), batch_size, seed)
