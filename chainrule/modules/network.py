"""What a network of layers needs around its forward and backward pass: training and testing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from chainrule.modules.dataset import Dataset
    from chainrule.modules.layers import Layer
    from chainrule.modules.logger import Logger
    from chainrule.modules.optimizers import SGD


class Network:
    """Base class: layers in a row, a loss and an optimizer.

    A subclass adds ``forward(X)``, ``backward(target, out)`` and ``predict(X, Y)``.

    Parameters
    ----------
    layers : list of Layer
        From the input to the output. Training never adds or removes one.
    loss : object
        With ``forward(Y, Y_hat)`` and ``backward(Y, Y_hat)``.
    optimizer : SGD
        With ``step(layers, epoch)``.

    Raises
    ------
    ValueError
        If there is no layer.
    """

    def __init__(self, layers: Iterable[Layer], loss: Any, optimizer: SGD) -> None:
        if not layers:
            raise ValueError("a network needs at least one layer")
        self.layers = list(layers)
        self.loss = loss
        self.optimizer = optimizer
        self.epoch = 0

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return the output of the last layer for a batch X."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def backward(self, target: np.ndarray, out: np.ndarray) -> float:
        """Store the gradients of all layers, and return the loss."""
        raise NotImplementedError(f"{type(self).__name__} has no backward yet")

    def predict(self, X: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the output for X, and its loss for the labels Y."""
        raise NotImplementedError(f"{type(self).__name__} has no predict yet")

    def update(self, epoch: int) -> None:
        """Let the optimizer move all parameters once."""
        self.optimizer.step(self.layers, epoch)

    def train(self, dataset: Dataset, epochs: int, logger: Logger | None = None) -> list[dict]:
        """Train for some epochs; a second call goes on where the first one ended.

        Parameters
        ----------
        dataset : Dataset
            Its training part is used for training, its validation part for watching.
        epochs : int
            How many times every training example is used.
        logger : Logger, optional
            Gets the row of every epoch as soon as it is there.

        Returns
        -------
        list of dict
            One row for each epoch: ``epoch``, ``train_loss``, ``val_loss``,
            ``train_error``, ``val_error``. An error is the fraction of wrong classes.
        """
        history = []
        for _ in range(epochs):
            for X, Y in dataset.batches():
                self.backward(Y, self.forward(X))
                self.update(self.epoch)
            self.epoch += 1
            row: dict[str, float] = {"epoch": self.epoch}
            for part in ("train", "val"):
                row[f"{part}_loss"], row[f"{part}_error"] = self.test(dataset, part)
            history.append(row)
            if logger is not None:
                logger.log(row)
        return history

    def test(self, dataset: Dataset, part: str = "test") -> tuple[float, float]:
        """Return the loss and the fraction of wrong classes on one part of a data set."""
        X, Y = dataset.part(part)
        Y_hat, loss = self.predict(X, Y)
        wrong = np.argmax(Y_hat, axis=1) != np.argmax(Y, axis=1)
        return float(loss), float(np.mean(wrong))

    def read_parameters(self) -> list[dict[str, np.ndarray]]:
        """Return copies of all parameters, one dict for each layer."""
        return [layer.read_parameters() for layer in self.layers]

    def read_gradients(self) -> list[dict[str, np.ndarray]]:
        """Return copies of all gradients, one dict for each layer."""
        return [layer.read_gradients() for layer in self.layers]

    def write_parameters(self, values: list[dict[str, np.ndarray]]) -> None:
        """Write values into all parameters, in place.

        Raises
        ------
        ValueError
            If there is not one dict for each layer, or a shape differs.
        KeyError
            If a layer has no parameter of a name.
        """
        for layer, own in zip(self.layers, values, strict=True):
            layer.write_parameters(own)
