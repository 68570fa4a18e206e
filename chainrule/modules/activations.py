"""Activations: the given ones, and the form that all of them have.

An activation keeps nothing between calls. ``forward(Z)`` returns Y, and
``backward(Z, dY)`` gets Z again, so the same object can serve many layers.
"""

from __future__ import annotations

import numpy as np


class Activation:
    """Base class: a function of pre-activations, with its backward pass."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return the activations Y of pre-activations Z, both ndarray, (m, n)."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dL/dZ from Z and the upstream gradient dL/dY, all ndarray, (m, n)."""
        raise NotImplementedError(f"{type(self).__name__} has no backward yet")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Linear(Activation):
    """Hand the pre-activations on as they are; also called the identity."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return a copy of Z."""
        return np.array(Z)

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return a copy of dY."""
        return np.array(dY)


class Sigmoid(Activation):
    """Squash every entry into (0, 1): 1 / (1 + exp(-z))."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return the sigmoid of every entry; large entries do not overflow."""
        # tanh is stable on both sides: 1 / (1 + exp(-z)) = (1 + tanh(z / 2)) / 2.
        return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(Z)))

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dY times y (1 - y), entry by entry."""
        squashed = self.forward(Z)
        return dY * squashed * (1.0 - squashed)


class TanH(Activation):
    """Squash every entry into (-1, 1)."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Return the hyperbolic tangent of every entry."""
        return np.tanh(Z)

    def backward(self, Z: np.ndarray, dY: np.ndarray) -> np.ndarray:
        """Return dY times 1 - tanh(z)^2, entry by entry."""
        return dY / np.cosh(np.clip(Z, -350.0, 350.0)) ** 2


_GIVEN = {"linear": Linear, "identity": Linear, "sigmoid": Sigmoid, "tanh": TanH}


def given_activation(name: str) -> Activation:
    """Return one of the given activations by name.

    Parameters
    ----------
    name : {"linear", "identity", "sigmoid", "tanh"}

    Raises
    ------
    ValueError
        For another name.
    """
    if name not in _GIVEN:
        raise ValueError(f"there is no given activation {name!r}; given are {', '.join(_GIVEN)}")
    return _GIVEN[name]()
