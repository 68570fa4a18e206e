"""The base class of all classifiers of the assignment ``neuralnet``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from chainrule.handin.arrays import write_arrays
from chainrule.neuralnet.saved_network import read_parameters


class Classifier:
    """A model that gives each class a score.

    A subclass writes `parameters`, `forward` and `backward`, and gets the rest.
    """

    def parameters(self) -> dict[str, np.ndarray]:
        """Return the parameters by name.

        The arrays are the model's own, not copies: an optimizer changes them in
        place, and the model's scores change with them.
        """
        raise NotImplementedError("parameters() is not written yet")

    def forward(self, X: np.ndarray) -> tuple[np.ndarray, Any]:
        """Compute the scores of a minibatch.

        Parameters
        ----------
        X : ndarray, (N, D)
            Inputs.

        Returns
        -------
        scores : ndarray, (N, C)
        cache : object
            What `backward` needs; nobody else looks into it.
        """
        raise NotImplementedError("forward() is not written yet")

    def backward(self, grad_scores: np.ndarray, cache: Any) -> dict[str, np.ndarray]:
        """Compute the gradients of the parameters.

        Parameters
        ----------
        grad_scores : ndarray, (N, C)
            Upstream gradient: that of the loss with respect to the scores.
        cache : object
            As `forward` returned it.

        Returns
        -------
        dict of str to ndarray
            The same names and shapes as `parameters`.
        """
        raise NotImplementedError("backward() is not written yet")

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class with the highest score for each input: ndarray, (N,), int."""
        scores, _ = self.forward(X)
        return np.argmax(scores, axis=1)

    def set_parameters(self, values: dict[str, np.ndarray]) -> None:
        """Copy values into the model's own arrays.

        Parameters
        ----------
        values : dict of str to ndarray
            One for each parameter, with its shape.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs. The model is
            unchanged then.
        """
        own = self.parameters()
        missing, unknown = sorted(set(own) - set(values)), sorted(set(values) - set(own))
        if missing or unknown:
            raise ValueError(
                f"the parameters are {', '.join(sorted(own))}; missing here: "
                f"{', '.join(missing) or 'none'}, unknown: {', '.join(unknown) or 'none'}"
            )
        for name, array in own.items():
            if np.shape(values[name]) != array.shape:
                raise ValueError(
                    f"{name} has shape {array.shape}, not {np.shape(values[name])}: "
                    "was the model made with the same sizes?"
                )
        for name, array in own.items():
            array[...] = values[name]

    def scores_with(self, values: dict[str, np.ndarray], X: np.ndarray) -> np.ndarray:
        """Set the parameters and return the scores of a minibatch.

        Central differences move one parameter after the other, and need both steps each time.

        Parameters
        ----------
        values : dict of str to ndarray
            As `set_parameters` takes them.
        X : ndarray, (N, D)
            Inputs.

        Returns
        -------
        ndarray, (N, C)
        """
        self.set_parameters(values)
        return self.forward(X)[0]

    def save(self, file: str | Path) -> None:
        """Write the parameters to an ``.npz`` file; an older file is replaced."""
        write_arrays(file, {f"parameters/{k}": v for k, v in self.parameters().items()})

    def load(self, file: str | Path) -> None:
        """Read the parameters from a file that `save` or `save_results` wrote.

        The values are copied into the model's own arrays, so an optimizer that
        holds them goes on working.

        Raises
        ------
        ResultError
            If the file is missing, damaged or holds something else.
        ValueError
            If it belongs to a model of other sizes or names.
        """
        self.set_parameters(read_parameters(file))
