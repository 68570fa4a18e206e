"""Try out a derived formula: every entry of a gradient beside its central difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule.figures import table
from chainrule.gradcheck import check_gradients, numeric_gradient_of_array

#: An entry agrees when it differs by less than this, relative to 1 or to its size.
ALLOWED = 1e-7

#: Larger arrays fill the screen and teach nothing.
MOST_ENTRIES = 60


@dataclass(frozen=True)
class EntryTable:
    """A gradient entry by entry; print or show it to read it.

    Attributes
    ----------
    yours, numeric : ndarray
        The two gradients, of the same shape.
    distance : float
        Their relative distance, as ``check_gradients`` measures it.
    agrees : ndarray, bool
        Which entries agree, of the same shape.
    """

    yours: np.ndarray
    numeric: np.ndarray
    distance: float

    @property
    def agrees(self) -> np.ndarray:
        """Which entries agree."""
        allowed = ALLOWED * np.maximum(1.0, np.abs(self.numeric))
        return np.abs(self.yours - self.numeric) <= allowed

    @property
    def verdict(self) -> str:
        """One sentence: how many entries agree, and the relative distance."""
        right, all_ = int(self.agrees.sum()), self.agrees.size
        count = f"All {all_} entries agree" if right == all_ else f"{right} of {all_} entries agree"
        return f"{count}; the relative distance is {self.distance:.1e}."

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return place, your value, numeric value and ``yes`` or ``NO`` for every entry."""
        return [
            (
                "[" + ", ".join(map(str, place)) + "]",
                f"{self.yours[place]:.8g}",
                f"{self.numeric[place]:.8g}",
                "yes" if self.agrees[place] else "NO",
            )
            for place in np.ndindex(self.yours.shape)
        ]

    def __repr__(self) -> str:
        return f"{table.as_text(_ENTRY_HEADS, self.rows(), right=True)}\n{self.verdict}"

    def _repr_html_(self) -> str:
        return table.as_html(_ENTRY_HEADS, self.rows(), self.verdict)


_ENTRY_HEADS = ("entry", "yours", "numeric", "agree")


def compare_entries(
    fn: Callable, grad: np.ndarray, x: np.ndarray, dLdf: np.ndarray, h: float = 1e-6
) -> EntryTable:
    """Compare a gradient from your formula with central differences, entry by entry.

    Parameters
    ----------
    fn : callable
        ``fn(x)`` returns an array.
    grad : ndarray
        What your formula gives for dL/dx, with the shape of `x`.
    x : ndarray
        The point; at most 60 entries.
    dLdf : ndarray
        The upstream gradient, with the shape of ``fn(x)``.
    h : float
        The step.

    Returns
    -------
    EntryTable

    Raises
    ------
    TypeError, ValueError
        As `chainrule.gradcheck.check_gradients`, and if `x` is too large to show.
    """
    if np.size(x) > MOST_ENTRIES:
        raise ValueError(f"x has {np.size(x)} entries; choose a small example, up to 60")
    distance = check_gradients(fn, grad, x, dLdf, h)
    numeric = np.asarray(numeric_gradient_of_array(fn, (x,), dLdf, h, argnum=0))
    return EntryTable(np.array(grad, dtype=np.float64), numeric, distance)
