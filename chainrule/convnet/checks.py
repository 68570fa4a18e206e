"""Checks for ``convnet/gradients.ipynb``: formulas for the gradients of a convolution.

They earn no points: a person marks the derivation. They tell whether its result is right.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chainrule.checks.core import fail, passed
from chainrule.convnet.formulas import ALLOWED, Example, example, numeric_gradients, try_formula

SEED = 442


def check_formula(name: str, formula: Callable, seed: int = SEED) -> None:
    """Compare a formula for dL/db, dL/dW or dL/dX with central differences, entry by entry.

    Parameters
    ----------
    name : {"b", "W", "X"}
    formula : callable
        The student's, for one entry; see `chainrule.convnet.try_formula`.
    seed : int
        Seed of image, filters and upstream gradient.

    Raises
    ------
    CheckFailed
        With a guess at the reason.
    """
    for kernel in ((3, 3), (1, 5)):
        case = example(seed, kernel)
        report = _try(name, formula, case)
        if report.agrees.all():
            continue
        fail(f"{report.verdict} {_reason(name, report, case)}")
    passed(f"dL/d{name}: every entry agrees with central differences, for two kernel sizes.")


def _try(name: str, formula: Callable, case: Example):
    try:
        return try_formula(name, formula, case)
    except NotImplementedError:
        fail(f"The formula for dL/d{name} is not written yet.")
    except TypeError as error:
        fail(str(error))
    except IndexError as error:
        fail(
            f"The formula for dL/d{name} looks outside an array ({error}). Which indices lie "
            "outside the borders, and what stands there?"
        )


def _reason(name: str, report, case: Example) -> str:
    yours = report.yours
    for wrong, sentence in _slips(name, case, report.numeric):
        if wrong.shape == yours.shape and np.allclose(yours, wrong, rtol=1e-6, atol=1e-6):
            return sentence
    inner = report.agrees[1:-1, 1:-1].all() if name == "X" and case.W.shape[:2] == (3, 3) else False
    if inner:
        return "Entries inside the image agree; those at its border do not."
    if not np.all(np.isfinite(yours)):
        return "There is NaN or infinity in it."
    if np.allclose(yours, 0.0):
        return "All entries are 0. Does the formula return what it has summed up?"
    right = np.abs(report.numeric) > ALLOWED
    ratio = float(np.median(yours[right] / report.numeric[right]))
    if np.allclose(yours, ratio * report.numeric, rtol=1e-6, atol=1e-6):
        return f"Every entry is {ratio:.4g} times what it should be."
    return "Take one entry. Write down every output that it influences, and with which factor."


def _slips(name: str, case: Example, right: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Return wrong results with the sentence for the student whose result is one of them."""
    flipped_kernel = Example(case.X, case.W[::-1, ::-1], case.b, case.dY)
    flipped_image = Example(case.X[::-1, ::-1], case.W, case.b, case.dY)
    slips = [
        (-right, "The sign is wrong everywhere."),
        (right / case.dY[..., 0].size, "It is divided by the number of places; L is a sum."),
    ]
    if name == "b":
        slips.append((np.full_like(right, case.dY.sum()), "That is the sum over all filters."))
        ones = np.full_like(right, case.dY[..., 0].size)
        slips.append((ones, "The upstream gradient is missing."))
    if name == "W":
        slips.append((right[::-1, ::-1], "The kernel's places are turned round: the image is "
                      "shifted the wrong way."))  # fmt: skip
        slips.append((numeric_gradients(flipped_image)["W"], "The image is turned over."))
        slips.append((_centred(case), "The shift of the kernel's middle is missing: i and k begin "
                      "at 0, and the middle lies at (I - 1) / 2 and (K - 1) / 2."))  # fmt: skip
    if name == "X":
        as_it_is = numeric_gradients(flipped_kernel)["X"]
        slips.append((as_it_is, "That convolves the upstream gradient with the kernel as it is. "
                      "Which output sees the pixel through which kernel entry?"))  # fmt: skip
        first = np.zeros_like(case.dY)
        first[..., 0] = case.dY[..., 0]
        alone = numeric_gradients(Example(case.X, case.W, case.b, first))["X"]
        slips.append((alone, "Only the first filter is counted. A pixel influences all of them."))
    return slips


def _centred(case: Example) -> np.ndarray:
    """Return dL/dW of a student who lets the kernel begin on the output's place."""
    rows, columns = case.W.shape[:2]
    found = np.zeros_like(case.W)
    for i in range(rows):
        for k in range(columns):
            moved = np.zeros_like(case.X)
            part = case.X[i:, k:]
            moved[: part.shape[0], : part.shape[1]] = part
            found[i, k] = np.einsum("xyc,xyf->cf", moved, case.dY)
    return found
