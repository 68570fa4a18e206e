"""Optimizers: they change parameters in place, along their gradients."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class Optimizer:
    """Base class; a subclass writes `update`.

    Parameters
    ----------
    params : dict of str to ndarray
        The arrays that change, as ``model.parameters()`` gives them.

    Attributes
    ----------
    learning_rate : float
        A subclass sets it; `train` changes it at each iteration where there is a schedule.

    Raises
    ------
    TypeError
        If `params` is no dictionary of arrays with floating-point numbers.
    """

    learning_rate: float

    def __init__(self, params: Mapping[str, np.ndarray]) -> None:
        if not isinstance(params, Mapping):
            raise TypeError("params is a dictionary: hand over model.parameters()")
        for name, array in params.items():
            if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
                raise TypeError(f"parameter {name} is not an array of floating-point numbers")
        self.params = dict(params)

    def step(self, grads: Mapping[str, np.ndarray]) -> None:
        """Change every parameter once, in place.

        Parameters
        ----------
        grads : dict of str to ndarray
            One gradient for each parameter, with its shape.

        Raises
        ------
        ValueError
            If a gradient is missing, unknown or of another shape.
        """
        if set(grads) != set(self.params):
            raise ValueError(
                f"the parameters are {', '.join(sorted(self.params))}, "
                f"the gradients {', '.join(sorted(grads)) or 'none'}"
            )
        for name, param in self.params.items():
            if np.shape(grads[name]) != param.shape:
                raise ValueError(
                    f"the gradient of {name} has shape {np.shape(grads[name])}, "
                    f"the parameter has {param.shape}"
                )
            self.update(name, param, grads[name])

    def update(self, name: str, param: np.ndarray, grad: np.ndarray) -> None:
        """Change one parameter in place.

        Parameters
        ----------
        name : str
            Its name; an optimizer that remembers something keeps it under this name.
        param, grad : ndarray
            The parameter and its gradient, of one shape.
        """
        raise NotImplementedError("a subclass of Optimizer writes update()")


class SGD(Optimizer):
    """Stochastic gradient descent: ``param = param - learning_rate * grad``.

    Parameters
    ----------
    params : dict of str to ndarray
        The arrays that change.
    learning_rate : float
        May be set anew at any time.
    """

    def __init__(self, params: Mapping[str, np.ndarray], learning_rate: float) -> None:
        super().__init__(params)
        self.learning_rate = learning_rate
        # A place for the product: no new array for each step.
        self._products = {name: np.empty_like(array) for name, array in self.params.items()}

    def update(self, name: str, param: np.ndarray, grad: np.ndarray) -> None:
        """Take one step downhill."""
        product = self._products[name]
        np.multiply(grad, self.learning_rate, out=product, casting="same_kind")
        np.subtract(param, product, out=param)
