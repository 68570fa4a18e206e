"""What all checks share: the error they raise and the line they print."""

from __future__ import annotations

import math
import numbers
from typing import NoReturn

import numpy as np


class CheckFailed(AssertionError):
    """A check did not pass; the message says what is probably wrong and where to look."""


def fail(message: str) -> NoReturn:
    """Stop the check with a message for the student.

    >>> fail("The sign of grad_x is wrong.")
    Traceback (most recent call last):
    chainrule.checks.core.CheckFailed: The sign of grad_x is wrong.

    Raises
    ------
    CheckFailed
        Always.
    """
    raise CheckFailed(message)


def passed(what: str) -> None:
    """Print the line that tells a student that a check has passed.

    >>> passed("relu_forward")
    passed: relu_forward
    """
    print(f"passed: {what}")


def as_float(value: object, what: str) -> float:
    """Turn a returned number into a float, or say what is wrong with it.

    Python and NumPy numbers are accepted, and so are arrays that hold one number.

    >>> as_float(np.array([0.5]), "L")
    0.5
    >>> as_float("half", "L")
    Traceback (most recent call last):
    chainrule.checks.core.CheckFailed: L is of type str; a single number is expected.

    Parameters
    ----------
    value : object
        What the student's function returned.
    what : str
        Its name in the message, for example ``"L"`` or ``"grad_x1"``.

    Raises
    ------
    CheckFailed
        For None, text, arrays with several entries, complex numbers, NaN and infinity.
    """
    if value is None:
        fail(f"{what} is None. Did the function return it, and did every branch set it?")
    if isinstance(value, numbers.Real):
        number = float(value)
    else:
        array = real_array(value)
        if array is None or array.size != 1:
            fail(f"{what} is {describe(value)}; a single number is expected.")
        number = float(array.reshape(()))
    if math.isnan(number):
        fail(f"{what} is NaN (not a number). Look for 0/0 or the log of a negative number.")
    if math.isinf(number):
        fail(
            f"{what} is infinite. Look for a division by zero or an exponential of a large number."
        )
    return number


def real_array(value: object) -> np.ndarray | None:
    """Return a value as an array of real numbers, or None where it is nothing of the kind.

    >>> real_array([1, 2]).tolist()
    [1, 2]
    >>> real_array("two") is None
    True
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # a ragged list, or an object that refuses
        return None
    return array if array.dtype.kind in "fiub" else None


def describe(value: object) -> str:
    """Say in a few words what kind of object a value is.

    >>> describe(np.zeros((2, 3)))
    'an array of shape (2, 3)'
    >>> describe((1, 2)), describe(None)
    ('a tuple of 2', 'of type NoneType')
    """
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"an array of shape {tuple(shape)}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"of type {type(value).__name__}"


def close(yours: float, expected: float, tolerance: float) -> bool:
    """Compare two numbers: absolutely below 1, relatively above.

    >>> close(1000.1, 1000.0, 1e-3), close(0.1, 0.0, 1e-3)
    (True, False)
    """
    return abs(yours - expected) <= tolerance * max(1.0, abs(expected))
