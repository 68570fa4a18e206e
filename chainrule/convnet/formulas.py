"""Try out a derived formula for the gradient of a convolution, entry by entry.

A convolution is linear in each of its inputs, so central differences have no
truncation error here: what remains is rounding, about 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chainrule.convnet.convolution import conv_forward
from chainrule.gradcheck import numeric_gradient_of_array

if TYPE_CHECKING:
    from chainrule.figures.plots import Plot

#: An entry agrees when it differs by less than this, relative to 1 or to its size.
ALLOWED = 1e-6

_PLACES = {"b": "f", "W": "i, k, c, f", "X": "x, y, c"}
_SHAPES = ((5, 6, 2), (3, 3, 2, 3))


@dataclass(frozen=True)
class Example:
    """One convolution with an upstream gradient: X, W, b and dY."""

    X: np.ndarray
    W: np.ndarray
    b: np.ndarray
    dY: np.ndarray


def example(seed: int = 442, kernel: tuple[int, int] = (3, 3)) -> Example:
    """Draw a small image, filters, biases and an upstream gradient.

    Parameters
    ----------
    seed : int
    kernel : (int, int)
        Rows and columns of a filter, both odd.
    """
    rng = np.random.default_rng(seed)
    image, (_, _, channels, filters) = _SHAPES
    return Example(
        X=rng.normal(size=image),
        W=rng.normal(size=(*kernel, channels, filters)),
        b=rng.normal(size=filters),
        dY=rng.normal(size=(*image[:2], filters)),
    )


def numeric_gradients(case: Example) -> dict[str, np.ndarray]:
    """Return dL/dX, dL/dW and dL/db of a convolution by central differences.

    Parameters
    ----------
    case : Example
        Its ``dY`` is the upstream gradient dL/dY.

    Returns
    -------
    dict of str to ndarray
        With the keys ``X``, ``W``, ``b``, each of the shape of what it belongs to.
    """
    found = numeric_gradient_of_array(
        conv_forward, (case.X, case.W, case.b), case.dY, h=1e-3, argnum=(0, 1, 2)
    )
    return dict(zip(("X", "W", "b"), found, strict=True))


@dataclass(frozen=True)
class FormulaReport:
    """A formula beside central differences; shows itself as heat maps in a notebook.

    Attributes
    ----------
    name : str
        ``X``, ``W`` or ``b``.
    yours, numeric : ndarray
        Of the shape of what the gradient belongs to.
    """

    name: str
    yours: np.ndarray
    numeric: np.ndarray

    @property
    def difference(self) -> np.ndarray:
        """Yours minus numeric."""
        return self.yours - self.numeric

    @property
    def agrees(self) -> np.ndarray:
        """Which entries agree."""
        allowed = ALLOWED * np.maximum(1.0, np.abs(self.numeric))
        return np.abs(self.difference) <= allowed

    @property
    def verdict(self) -> str:
        """One or two sentences: how many entries agree, and where the first wrong one is."""
        right, all_ = int(self.agrees.sum()), self.agrees.size
        if right == all_:
            return f"dL/d{self.name}: all {all_} entries agree with central differences."
        place = tuple(int(i) for i in np.argwhere(~self.agrees)[0])
        index = "[" + ", ".join(map(str, place)) + "]"
        return (
            f"dL/d{self.name}: {right} of {all_} entries agree. The first that does not is "
            f"[{_PLACES[self.name]}] = {index}: yours {self.yours[place]:.6g}, "
            f"central differences {self.numeric[place]:.6g}."
        )

    def plot(self) -> Plot:
        """Draw yours, the numeric gradient and their difference as heat maps."""
        from chainrule.convnet import figures

        return figures.gradient_maps(self)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        bundle = self.plot()._repr_mimebundle_()
        bundle["text/html"] = f"<p>{self.verdict}</p>\n" + bundle["text/html"]
        return {**bundle, "text/plain": self.verdict}

    def __str__(self) -> str:
        return self.verdict

    def __repr__(self) -> str:
        return self.verdict


def try_formula(name: str, formula: Callable, case: Example | None = None) -> FormulaReport:
    """Compare your formula for one gradient of a convolution with central differences.

    Parameters
    ----------
    name : {"b", "W", "X"}
        What the gradient belongs to.
    formula : callable
        Returns one entry, a number: ``formula(f, dY, X, W)`` for b,
        ``formula(i, k, c, f, dY, X, W)`` for W, ``formula(x, y, c, dY, X, W)`` for X.
        It is called once for each entry.
    case : Example, optional
        The convolution; a small one with a fixed seed when left out.

    Returns
    -------
    FormulaReport

    Raises
    ------
    ValueError
        For another `name`.
    TypeError
        If the formula returns something else than one number.
    """
    if name not in _PLACES:
        raise ValueError(f"{name!r} is none of b, W, X")
    case = example() if case is None else case
    numeric = numeric_gradients(case)[name]
    yours = np.empty_like(numeric)
    for place in np.ndindex(numeric.shape):
        # Copies, so that a formula that changes its arguments spoils one entry only.
        yours[place] = _number(
            formula(*place, case.dY.copy(), case.X.copy(), case.W.copy()), name, place
        )
    return FormulaReport(name, yours, numeric)


def _number(value, name: str, place: tuple) -> float:
    array = np.asarray(value)
    if value is None or array.size != 1 or array.dtype.kind not in "fiub":
        what = "None" if value is None else f"an array of shape {array.shape}"
        if array.dtype.kind not in "fiub" and value is not None:
            what = f"a {type(value).__name__}"
        raise TypeError(
            f"your formula for dL/d{name}[{_PLACES[name]}] returned {what} for "
            f"{', '.join(map(str, place))}; one number is expected"
        )
    return float(array.reshape(()))
