"""A tiny classifier whose gradients are measured, not derived.

The checks of `training_step` use it in place of a network, so that a mistake in a
layer does not count a second time there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.neuralnet.classifier import Classifier

_STEP = 0.1


class PracticeModel(Classifier):
    """Scores that are polynomials of the inputs, column by column.

    With one weight matrix W1, (2, C), and one bias b1, (C,), column c of the scores
    is ``W1[0, c] x + W1[1, c] x² + b1[c]``, where x is column c of X. Each further
    pair of a matrix and a bias adds a like polynomial of ``x / k`` for pair number k.

    Parameters
    ----------
    values : dict of str to ndarray
        ``W1``, ``b1``, ``W2``, ``b2`` and so on; copied.

    Notes
    -----
    `backward` takes central differences. The scores are linear in the parameters,
    so these have no truncation error.
    """

    def __init__(self, values: dict[str, np.ndarray]) -> None:
        self._values = {name: np.array(value, dtype=np.float64) for name, value in values.items()}

    def parameters(self) -> dict[str, np.ndarray]:
        """Return the parameters by name."""
        return dict(self._values)

    def forward(self, X: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return the scores, (N, C), and a cache."""
        X = np.array(X, dtype=np.float64)
        return self._scores(X, self._values), (X, {k: v.copy() for k, v in self._values.items()})

    def backward(self, grad_scores: np.ndarray, cache: Any) -> dict[str, np.ndarray]:
        """Return a gradient for each parameter."""
        X, values = cache
        grad_scores = np.array(grad_scores, dtype=np.float64)
        return {name: self._measured(name, X, values, grad_scores) for name in values}

    def _measured(self, name: str, X, values: dict, grad_scores) -> np.ndarray:
        """Move a row of a parameter at once: each score depends on its own column alone."""
        rows = []
        for row in np.ndindex(values[name].shape[:-1]):
            sides = []
            for step in (_STEP, -_STEP):
                moved = values[name].copy()
                moved[row] += step
                sides.append(self._scores(X, {**values, name: moved}))
            slopes = (sides[0] - sides[1]) / (2.0 * _STEP)
            rows.append(np.einsum("nc,nc->c", grad_scores, slopes))
        return np.array(rows).reshape(values[name].shape)

    @staticmethod
    def _scores(X: np.ndarray, values: dict[str, np.ndarray]) -> np.ndarray:
        total = np.zeros_like(X)
        for number in range(1, len(values) // 2 + 1):
            x = X / number
            first, second = values[f"W{number}"]
            total += first * x + second * np.square(x) + values[f"b{number}"]
        return total


def practice_model(values: dict[str, np.ndarray]) -> PracticeModel:
    """Make a practice model with the given parameters; see `PracticeModel`."""
    return PracticeModel(values)
