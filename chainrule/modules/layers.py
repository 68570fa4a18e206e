"""Layers: the form that all of them have, and one given layer as an example."""

from __future__ import annotations

import numpy as np

from chainrule.modules.activations import given_activation


class Layer:
    """Base class: a step of a network that may have parameters.

    Attributes
    ----------
    parameters : dict of str to ndarray
        What training changes, in place; empty until the layer has seen its first input.
    gradients : dict of str to ndarray
        dL/d(parameter) of the latest backward pass, with the keys of `parameters`.
    cache : dict
        What the latest forward pass keeps for the backward pass.
    """

    def __init__(self) -> None:
        self.parameters: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self.cache: dict = {}

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return the output for a batch X, ndarray, (m, n_in)."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Store the gradients of the parameters; return dL/dX for the latest forward's X."""
        raise NotImplementedError(f"{type(self).__name__} has no backward yet")

    def read_parameters(self) -> dict[str, np.ndarray]:
        """Return copies of the parameters; changing them changes nothing here."""
        return {name: np.array(value) for name, value in self.parameters.items()}

    def read_gradients(self) -> dict[str, np.ndarray]:
        """Return copies of the gradients."""
        return {name: np.array(value) for name, value in self.gradients.items()}

    def write_parameters(self, values: dict[str, np.ndarray]) -> None:
        """Write values into the parameters, in place.

        Raises
        ------
        KeyError
            If the layer has no parameter of a name (yet: it needs a forward pass first).
        ValueError
            If a shape differs.
        """
        for name, value in values.items():
            if name not in self.parameters:
                raise KeyError(f"{type(self).__name__} has no parameter {name!r}")
            value = np.asarray(value)
            if value.shape != self.parameters[name].shape:
                raise ValueError(
                    f"{name!r} has shape {self.parameters[name].shape}, not {value.shape}"
                )
            self.parameters[name][...] = value


class Scale(Layer):
    """Multiply each feature by a gain, add a shift, and apply an activation.

    A small layer that shows the form: Y = act(gain * X + shift), entry by entry.

    Parameters
    ----------
    activation : {"linear", "identity", "sigmoid", "tanh"}
        One of the given activations.
    """

    def __init__(self, activation: str = "linear") -> None:
        super().__init__()
        self.activation = given_activation(activation)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return Y for X, both ndarray, (m, n); the first call fixes n."""
        if "gain" not in self.parameters:
            width = (1, X.shape[1])
            self.parameters.update(gain=np.ones(width), shift=np.zeros(width))
        scaled = self.parameters["gain"] * X + self.parameters["shift"]
        self.cache.update(inputs=X, scaled=scaled)
        return self.activation.forward(scaled)

    def backward(self, dLdY: np.ndarray) -> np.ndarray:
        """Store the gradients of gain and shift; return dL/dX."""
        upstream = self.activation.backward(self.cache["scaled"], dLdY)
        per_entry = upstream * self.cache["inputs"]
        self.gradients.update(
            gain=per_entry.sum(axis=0, keepdims=True), shift=upstream.sum(axis=0, keepdims=True)
        )
        return upstream * self.parameters["gain"]


def given_layers(activations: list[str]) -> list[Layer]:
    """Return one `Scale` layer for each activation, for trying out a network."""
    return [Scale(name) for name in activations]
