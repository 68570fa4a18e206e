"""A given loss, as an example of the form that losses have."""

from __future__ import annotations

import numpy as np


class SquaredError:
    """Half the squared difference, summed over the outputs and averaged over the batch."""

    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """Return the loss of outputs Y_hat for targets Y, both ndarray, (m, n)."""
        difference = Y_hat - Y
        return float(0.5 * np.vdot(difference, difference) / len(difference))

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """Return dL/dY_hat, ndarray, (m, n)."""
        return (Y_hat - Y) / len(Y_hat)
