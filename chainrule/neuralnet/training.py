"""The training loop: minibatches, a progress bar, printed losses and accuracies."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from chainrule.data.sampler import DataSampler
from chainrule.neuralnet.optimizers import SGD, Optimizer

if TYPE_CHECKING:
    from chainrule.neuralnet.classifier import Classifier

#: The accuracy on the training set is measured on this many images at most.
_MOST_TRAIN_IMAGES = 5000


class TrainingDiverged(RuntimeError):
    """The loss became NaN or infinite; the message says where, and what to try."""


@dataclass
class History:
    """What happened during a training run.

    Attributes
    ----------
    losses : list of float
        The loss of every iteration.
    train_accuracy, val_accuracy : list of float
        After every epoch, as fractions.
    batches : int
        Iterations in an epoch.
    seconds : float
        Time of the whole run.
    """

    losses: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    batches: int = 0
    seconds: float = 0.0


def linear_decay(done: float) -> float:
    """Return a factor for the learning rate: 1 at the start, 0 at the end.

    Parameters
    ----------
    done : float
        Which part of the training is done, from 0 to 1.
    """
    return 1.0 - done


def accuracy(model: Classifier, X: np.ndarray, y: np.ndarray, block: int = 1000) -> float:
    """Return the fraction of inputs that a classifier gives the right class.

    Parameters
    ----------
    model : Classifier
        Anything with ``predict``.
    X : ndarray, (N, D)
        Inputs; predicted block by block, which saves memory and time.
    y : ndarray, (N,)
        Right classes.

    Raises
    ------
    ValueError
        If there are no inputs.
    """
    if len(y) == 0:
        raise ValueError("there are no images to measure an accuracy on")
    parts = range(0, len(y), block)
    return sum(int(np.sum(model.predict(X[i : i + block]) == y[i : i + block])) for i in parts) / (
        len(y)
    )


def train(
    model: Classifier,
    training_step: Callable,
    data: Mapping[str, np.ndarray],
    *,
    num_epochs: int = 10,
    batch_size: int = 128,
    learning_rate: float = 1e-4,
    reg: float = 1.0,
    optimizer: Optimizer | None = None,
    schedule: Callable[[float], float] | None = None,
    print_every: int = 25,
    seed: int | None = None,
) -> History:
    """Train a classifier.

    Parameters
    ----------
    model : Classifier
        Its parameters change in place.
    training_step : callable
        ``training_step(model, X_batch, y_batch, reg)`` returns a loss and gradients.
    data : dict
        ``X_train``, ``y_train``, ``X_val``, ``y_val``.
    num_epochs, batch_size : int
        How often each image is used, and how many at a time.
    learning_rate : float
        Length of the steps; unused if you give an `optimizer`.
    reg : float
        Strength of the L2 regularization.
    optimizer : Optimizer, optional
        `SGD` if left out.
    schedule : callable, optional
        Gives a factor for the learning rate at each iteration, such as `linear_decay`.
    print_every : int
        Print the loss every so many iterations; 0 prints once an epoch only.
    seed : int, optional
        Seed of the order of the minibatches.

    Returns
    -------
    History

    Raises
    ------
    TrainingDiverged
        If the loss becomes NaN or infinite.
    """
    if optimizer is None:
        optimizer = SGD(model.parameters(), learning_rate)
    base_rate = optimizer.learning_rate
    sampler = DataSampler(data["X_train"], data["y_train"], batch_size, seed=seed)
    history = History(batches=len(sampler))
    total = num_epochs * len(sampler)
    bar = _Bar(total)
    begun = time.monotonic()
    try:
        for epoch in range(1, num_epochs + 1):
            for X_batch, y_batch in sampler:
                if schedule is not None:
                    optimizer.learning_rate = base_rate * schedule(len(history.losses) / total)
                loss, grads = training_step(model, X_batch, y_batch, reg)
                history.losses.append(_finite(loss, epoch, len(history.losses) + 1))
                optimizer.step(grads)
                bar.show(len(history.losses), history.losses[-1])
                if print_every and len(history.losses) % print_every == 0:
                    bar.line(_progress(epoch, num_epochs, history, total))
            _measure(model, data, history)
            bar.line(_epoch_line(epoch, num_epochs, history))
    finally:
        optimizer.learning_rate = base_rate
        bar.clear()
        history.seconds = time.monotonic() - begun
    return history


def _finite(loss, epoch: int, iteration: int) -> float:
    value = float(loss)
    if not np.isfinite(value):
        raise TrainingDiverged(
            f"The loss is {value} in epoch {epoch}, iteration {iteration}. The steps are probably "
            "too long: try a learning rate that is 3 to 10 times smaller."
        )
    return value


def _measure(model, data: Mapping[str, np.ndarray], history: History) -> None:
    few = slice(_MOST_TRAIN_IMAGES)
    history.train_accuracy.append(accuracy(model, data["X_train"][few], data["y_train"][few]))
    history.val_accuracy.append(accuracy(model, data["X_val"], data["y_val"]))


def _progress(epoch: int, num_epochs: int, history: History, total: int) -> str:
    return (
        f"epoch {epoch}/{num_epochs}, iteration {len(history.losses)}/{total}: "
        f"loss {history.losses[-1]:.4f}"
    )


def _epoch_line(epoch: int, num_epochs: int, history: History) -> str:
    return (
        f"epoch {epoch}/{num_epochs}, iteration {len(history.losses)}: "
        f"loss {np.mean(history.losses[-history.batches :]):.4f} (mean of the epoch), "
        f"train {100 * history.train_accuracy[-1]:.2f} %, "
        f"validation {100 * history.val_accuracy[-1]:.2f} %"
    )


class _Bar:
    """A progress bar of characters, in a terminal and in a notebook; nothing elsewhere."""

    _WIDTH = 24
    _PAUSE = 0.2

    def __init__(self, total: int):
        self.total = total
        self.begun = time.monotonic()
        self.shown = 0.0
        self.length = 0
        self.on = sys.stdout.isatty() or type(sys.stdout).__module__.startswith("ipykernel")

    def show(self, done: int, loss: float) -> None:
        """Draw the bar, a few times a second."""
        now = time.monotonic()
        if not self.on or now - self.shown < self._PAUSE:
            return
        self.shown = now
        full = self._WIDTH * done // self.total
        left = (now - self.begun) * (self.total - done) / done
        text = (
            f"[{'#' * full}{'.' * (self._WIDTH - full)}] {100 * done // self.total} %  "
            f"loss {loss:.3f}  {left:.0f} s left"
        )
        self._write(text)

    def line(self, text: str) -> None:
        """Print a line that stays, above the bar."""
        self.clear()
        print(text, flush=not self.on)

    def clear(self) -> None:
        """Take the bar away."""
        if self.length:
            sys.stdout.write("\r" + " " * self.length + "\r")
            sys.stdout.flush()
            self.length = 0

    def _write(self, text: str) -> None:
        sys.stdout.write("\r" + text.ljust(self.length))
        sys.stdout.flush()
        self.length = max(self.length, len(text))
