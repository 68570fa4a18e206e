"""Stochastic gradient descent with momentum and clipping."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from chainrule.modules.layers import Layer
from chainrule.modules.schedulers import Constant


class SGD:
    """Move parameters against their gradients, in place.

    With momentum a velocity ``v <- momentum * v - lr * gradient`` is added to each
    parameter (B. Polyak, "Some methods of speeding up the convergence of iteration
    methods", 1964). Clipping scales all gradients together, so that their joint norm
    is at most `clip_norm` (R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty
    of training recurrent neural networks", ICML 2013).

    Parameters
    ----------
    lr : float
        Learning rate, positive.
    lr_scheduler : callable, optional
        ``lr_scheduler(lr, epoch)`` returns the learning rate of an epoch; constant
        when left out.
    momentum : float
        From 0 (none) up to, but without, 1.
    clip_norm : float, optional
        Largest joint norm of the gradients; no clipping when left out.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    def __init__(
        self,
        lr: float,
        lr_scheduler: Callable[[float, int], float] | None = None,
        momentum: float = 0,
        clip_norm: float | None = None,
    ) -> None:
        if not lr > 0:
            raise ValueError(f"lr is {lr}; a learning rate has to be positive")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum is {momentum}; it lies between 0 and 1")
        if clip_norm is not None and not clip_norm > 0:
            raise ValueError(f"clip_norm is {clip_norm}; it has to be positive, or None")
        self.lr = lr
        self.lr_scheduler = Constant() if lr_scheduler is None else lr_scheduler
        self.momentum = momentum
        self.clip_norm = clip_norm
        self._velocity: dict[tuple[int, str], np.ndarray] = {}

    def step(self, layers: Sequence[Layer], epoch: int = 0) -> None:
        """Move the parameters of all layers once.

        Parameters
        ----------
        layers : list of Layer
            Their ``parameters`` change in place; their ``gradients`` stay as they are.
        epoch : int
            For the learning rate's schedule, counted from 0.

        Raises
        ------
        KeyError
            If a layer has parameters without a gradient of the same name.
        ValueError
            If a gradient has another shape than its parameter.
        """
        lr = self.lr_scheduler(self.lr, epoch)
        moves = [
            (place, name, value, _gradient(layer, name, value))
            for place, layer in enumerate(layers)
            for name, value in layer.parameters.items()
        ]
        scale = self._scale([gradient for *_, gradient in moves])
        for place, name, value, gradient in moves:
            change = -lr * scale * gradient
            if self.momentum:
                change = change + self.momentum * self._velocity.get((place, name), 0.0)
                self._velocity[place, name] = change
            value += change

    def _scale(self, gradients) -> float:
        if self.clip_norm is None:
            return 1.0
        norm = float(np.sqrt(sum(np.sum(g * g) for g in gradients)))
        return min(1.0, self.clip_norm / norm) if norm > 0 else 1.0


def _gradient(layer, name: str, value: np.ndarray) -> np.ndarray:
    kind = type(layer).__name__
    if name not in layer.gradients:
        raise KeyError(
            f"{kind} has a parameter {name!r} and no gradient of that name: "
            "did its backward run, and does it store the gradient under the same key?"
        )
    gradient = np.asarray(layer.gradients[name])
    if gradient.shape != value.shape:
        raise ValueError(
            f"the gradient of {name!r} in {kind} has shape {gradient.shape}, "
            f"its parameter {value.shape}"
        )
    return gradient
