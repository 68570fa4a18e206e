"""What checks of functions on arrays share: calls that watch their inputs, comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checks.core import describe, fail, real_array
from chainrule.runtime import call_each

_OPEN = "{} is not written yet: replace `raise NotImplementedError` by your own lines."


def call(name: str, function: Callable, arguments: dict, results: Sequence[str] = ()) -> Any:
    """Call a student's function, and see to it that its inputs stay as they were.

    >>> call("double", lambda x: 2 * x, {"x": 3.0})
    6.0

    Parameters
    ----------
    name : str
        The function's name in messages.
    function : callable
        Called with the values of `arguments`, in their order.
    arguments : dict of str to object
        Arrays are copied for the call.
    results : sequence of str
        Names of the things that are expected; none for a single one.

    Returns
    -------
    object
        What the function returned.

    Raises
    ------
    CheckFailed
        If the task is open, an input was changed in place, or the number of results
        is wrong.
    """
    given = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in arguments.items()}
    try:
        returned = function(*given.values())
    except NotImplementedError:
        fail(_OPEN.format(name))
    for key, value in arguments.items():
        if isinstance(value, np.ndarray) and not np.array_equal(given[key], value):
            fail(
                f"{name} changes its input {key} in place. The caller still needs it. "
                f"Look for `+=`, `-=`, `*=` or `{key}[...] =`, and work on a new array."
            )
    return _counted(name, returned, results)


def _counted(name: str, returned: Any, results: Sequence[str]) -> Any:
    """Return what a function returned, if it is as many things as are expected."""
    if results:
        if not isinstance(returned, (tuple, list)) or len(returned) != len(results):
            fail(
                f"{name} returned {describe(returned)}; {len(results)} things are expected, in "
                f"this order: {', '.join(results)}."
            )
    return returned


@dataclass(frozen=True)
class Repeated:
    """A student's function as central differences call it: once for each step, all at once.

    Whether it changes its inputs is asked by `call`, which comes first; here it gets copies.

    >>> double = Repeated("double", lambda x: 2 * x, read=np.asarray)
    >>> call_each(double, [(1.0,), (2.0,)])
    [array(2.), array(4.)]

    Attributes
    ----------
    name : str
        The function's name in messages.
    function : callable
        Gets the arguments, and then what is `given`.
    results : sequence of str
        Names of the things that are expected; none for a single one.
    given : tuple
        Arguments that stay the same.
    read : callable
        Makes an array of the first thing.
    """

    name: str
    function: Callable
    results: Sequence[str] = ()
    given: tuple = ()
    read: Callable = np.asarray

    def __call__(self, *arguments: object) -> np.ndarray:
        """Return the first thing that the function returns."""
        return self.__call_each__([arguments], _unchanged)[0]

    def __call_each__(self, rows: Sequence[tuple], then: Callable) -> list:
        """Return what `then` makes of the first thing for each row of arguments."""
        try:
            rows = [(*row, *self.given) for row in rows]
            return call_each(self.function, rows, lambda found: then(self._first(found)))
        except NotImplementedError:
            fail(_OPEN.format(self.name))

    def _first(self, returned: Any) -> np.ndarray:
        found = _counted(self.name, returned, self.results)
        return self.read(found[0] if self.results else found)


def _unchanged(value: np.ndarray) -> np.ndarray:
    return value


def as_array(
    value: object,
    what: str,
    shape: tuple[int, ...],
    hint: Callable[[np.ndarray, tuple[int, ...]], str] | None = None,
    finite: bool = True,
) -> np.ndarray:
    """Turn a returned array into float64, or say what is wrong with it.

    >>> as_array([1, 2], "grad_b", (2,)).tolist()
    [1.0, 2.0]
    >>> as_array(np.zeros((3, 2)), "dW", (2, 3))
    Traceback (most recent call last):
    chainrule.checks.core.CheckFailed: dW has shape (3, 2); (2, 3) is expected. It is transposed.

    Parameters
    ----------
    value : object
        What the student's function returned.
    what : str
        Its name in the message.
    shape : tuple of int
        The shape that is expected.
    hint : callable, optional
        ``hint(array, shape)`` explains another shape; `shape_hint` when left out.
    finite : bool
        Whether NaN and infinity fail.

    Raises
    ------
    CheckFailed
        For None, things that are no numbers, another shape, NaN and infinity.
    """
    if value is None:
        fail(f"{what} is None. Is there a `return`, and was this computed?")
    array = real_array(value)
    if array is None:
        fail(f"{what} is {describe(value)}; an array of numbers of shape {shape} is expected.")
    if array.shape != shape:
        explained = (hint or shape_hint)(array, shape)
        fail(f"{what} has shape {array.shape}; {shape} is expected. {explained}".rstrip())
    array = array.astype(np.float64)
    if finite and np.any(np.isnan(array)):
        fail(f"{what} holds NaN (not a number). Look for 0/0, or infinity minus infinity.")
    if finite and np.any(np.isinf(array)):
        fail(f"{what} holds infinity. Look for a division by zero or a large exponential.")
    return array


def shape_hint(array: np.ndarray, shape: tuple[int, ...]) -> str:
    """Say how an array may have come by another shape than the expected one.

    >>> shape_hint(np.zeros((1, 3)), (3,))
    'It has an axis of length 1 too many.'
    """
    if array.ndim == 2 and array.T.shape == shape:
        return "It is transposed."
    if array.ndim > len(shape) and array.size == int(np.prod(shape)):
        return "It has an axis of length 1 too many."
    if array.ndim == len(shape) + 1 and array.shape[1:] == shape:
        return "The minibatch is still in it: every example contributes to this gradient."
    if array.ndim < len(shape):
        return "An axis is lost: look at what was summed up, and over which axis."
    return "Write the shapes beside each line of your function."


def near(yours: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    """Compare arrays: absolutely below 1, relatively above.

    >>> near(np.array([0.5, 1000.1]), np.array([0.5, 1000.0]), 1e-3)
    True
    """
    return bool(np.all(np.abs(yours - expected) <= tolerance * np.maximum(1.0, np.abs(expected))))


def worst(yours: np.ndarray, expected: np.ndarray) -> tuple[int, ...]:
    """Return the place of the entry that is furthest from what is expected; see `near`.

    >>> worst(np.array([1.0, 2.0, 5.0]), np.array([1.0, 2.5, 3.0]))
    (2,)
    """
    error = np.abs(yours - expected) / np.maximum(1.0, np.abs(expected))
    return tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))


def compare(
    what: str,
    yours: np.ndarray,
    expected: np.ndarray,
    tolerance: float,
    slips: Iterable[tuple[np.ndarray | float, str]] = (),
    source: str = "expected is",
    single: bool = False,
) -> float:
    """Compare a student's array with the expected one; return the largest difference.

    >>> expected = np.array([0.5, -1.0])
    >>> compare("grad_x", expected.copy(), expected, 1e-6)
    0.0
    >>> compare("grad_x", -expected, expected, 1e-6)
    Traceback (most recent call last):
    chainrule.checks.core.CheckFailed: grad_x[1] is 1; expected is -1. The sign is wrong everywhere.

    Parameters
    ----------
    what : str
        Its name in the message.
    yours, expected : ndarray
        Of one shape.
    tolerance : float
        See `near`.
    slips : iterable of (array, sentence)
        Wrong results, and the sentence for the student whose result is one of them.
    source : str
        Words before the expected number.
    single : bool
        Whether the student's result was in single precision.

    Raises
    ------
    CheckFailed
        With the worst entry, and the slip that explains it where one does.
    """
    if near(yours, expected, tolerance):
        return float(np.max(np.abs(yours - expected), initial=0.0))
    place = worst(yours, expected)
    at = f"[{', '.join(map(str, place))}]" if place else ""
    text = f"{what}{at} is {yours[place]:.9g}; {source} {expected[place]:.9g}."
    for result, sentence in slips:
        wrong = np.asarray(result, np.float64)
        if (
            wrong.shape == yours.shape
            and near(yours, wrong, 1e-6)
            and not near(wrong, expected, 1e-6)
        ):
            fail(f"{text} {sentence}")
    if single and near(yours, expected, 1e-4):
        fail(f"{text} Digits are lost: somewhere the numbers become float32. Keep float64.")
    fail(f"{text} {factor_hint(yours, expected)}")


def factor_hint(yours: np.ndarray, expected: np.ndarray) -> str:
    """Say by which factor a result is off, or where else to look.

    >>> factor_hint(np.array([2.0, 4.0]), np.array([1.0, 2.0]))
    'All entries are 2 times what they should be.'
    """
    usable = np.abs(expected) > 1e-6
    if usable.any():
        ratio = float(np.median(yours[usable] / expected[usable]))
        if near(yours, ratio * expected, 1e-6):
            if abs(ratio) < 1e-9:
                return "All entries are 0. Is the result returned, and not just the empty array?"
            if abs(ratio + 1.0) < 1e-6:
                return "The sign is wrong everywhere."
            return f"All entries are {ratio:.4g} times what they should be."
    wrong = np.abs(yours - expected) > 1e-6 * np.maximum(1.0, np.abs(expected))
    return (
        f"{int(wrong.sum())} of {wrong.size} entries are wrong. Print both arrays for a minibatch "
        "of one or two examples, and see which entries agree."
    )


def is_single(value: object) -> bool:
    """Tell whether a returned array is in single or half precision.

    >>> is_single(np.zeros(2, np.float32)), is_single(np.zeros(2))
    (True, False)
    """
    return getattr(value, "dtype", None) in (np.dtype(np.float32), np.dtype(np.float16))
