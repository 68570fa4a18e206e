"""Check gradients against central differences.

The derivative of f in one direction is close to ``(f(x + h) - f(x - h)) / 2h``:
no calculus is needed, so the result is an independent witness. Its error is the
sum of a truncation error that shrinks as h² and a rounding error that grows as
1/h; in float64, h = 1e-6 leaves about 1e-10 of the size of f.

Source: W. H. Press et al., "Numerical Recipes", 3rd edition, section 5.7.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.runtime import call_each

# At most this many numbers are handed to a batched function in one call (32 MB).
_BATCH_NUMBERS = 4_000_000


def numeric_gradient(
    f: Callable,
    args: Sequence,
    h: float = 1e-6,
    argnum: int | Sequence[int] | None = None,
    indices: Sequence | None = None,
    batched: bool = False,
) -> Any:
    """Return the gradient of a scalar function by central differences.

    Parameters
    ----------
    f : callable
        ``f(*args)`` returns one number.
    args : sequence, or one array or number
        The point, any mix of numbers and arrays. The caller's arrays never
        change, even if `f` works in place: `f` receives copies.
    h : float
        The step, in the units of the argument.
    argnum : int or sequence of int, optional
        Which arguments to differentiate; all of them when left out. These are
        converted to float64, integers too, because an integer cannot take a
        step of 1e-6. Leave out arguments that must stay integers, such as labels.
    indices : sequence, optional
        Only these entries of the one argument `argnum`: index tuples, or whole
        numbers that count entries in C order. Saves time on large arrays.
    batched : bool
        Say True if `f` also takes the differentiated argument with one more axis
        in front, ndarray, (B, ...), and the other arguments as they are, and returns
        ndarray, (B,). All steps then go through `f` in a few calls. With False, `f`
        is called twice for each entry.

    Returns
    -------
    float, ndarray or tuple of these
        A tuple with the shapes of the arguments; for a single int `argnum`, that
        one gradient; with `indices`, one number for each.

    Raises
    ------
    TypeError
        If an argument is not numeric, or `f` returns something else than a number.
    ValueError
        If an argument or a result is NaN or infinite, `h` is not positive or too
        small to change an entry, or `argnum` or `indices` do not fit.
    """
    return _differences(f, args, None, h, argnum, indices, batched)


def numeric_gradient_of_array(
    f: Callable,
    args: Sequence,
    dLdf: np.ndarray,
    h: float = 1e-6,
    argnum: int | Sequence[int] | None = None,
    indices: Sequence | None = None,
    batched: bool = False,
) -> Any:
    """Return dL/dargs for an array function f with upstream gradient dL/df.

    Computes ``sum(dLdf * (f(x + h) - f(x - h))) / 2h`` for every entry of x. The
    difference is taken before the sum, which keeps more digits than checking the
    scalar ``sum(dLdf * f(x))``.

    Parameters
    ----------
    f : callable
        ``f(*args)`` returns an array.
    args, h, argnum, indices, batched
        As in `numeric_gradient`; a batched `f` returns ndarray, (B, *dLdf.shape).
    dLdf : ndarray
        The upstream gradient, with the shape of ``f(*args)``.

    Returns
    -------
    float, ndarray or tuple of these
        As in `numeric_gradient`.

    Raises
    ------
    TypeError, ValueError
        As in `numeric_gradient`, and if the shapes of f and `dLdf` differ.
    """
    return _differences(f, args, _float_array(dLdf, "dLdf"), h, argnum, indices, batched)


def check_gradients(
    fn: Callable, grad: np.ndarray, x: np.ndarray, dLdf: np.ndarray, h: float = 1e-6
) -> float:
    """Return how far an analytic gradient is from central differences, as a relative norm.

    Parameters
    ----------
    fn : callable
        ``fn(x)`` returns an array or a number.
    grad : ndarray
        Your dL/dx, with the shape of `x`.
    x : ndarray
        The point; it does not change.
    dLdf : ndarray
        The upstream gradient, with the shape of ``fn(x)``.
    h : float
        The step.

    Returns
    -------
    float
        ``||grad - numeric|| / (||grad|| + ||numeric||)``, and 0 if both are zero.
        Expect less than 1e-8; a wrong sign gives 1.

    Raises
    ------
    TypeError, ValueError
        As in `numeric_gradient_of_array`, and if `grad` is None, not numeric, not
        finite or of another shape than `x`.
    """
    numeric = np.asarray(numeric_gradient_of_array(fn, (x,), dLdf, h, argnum=0))
    yours = _gradient_array(grad, "grad", numeric.shape)
    scale = np.linalg.norm(yours) + np.linalg.norm(numeric)
    return float(np.linalg.norm(yours - numeric) / scale) if scale > 0 else 0.0


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient beside its central difference.

    Attributes
    ----------
    name : str
        The argument.
    index : tuple of int
        Where in the argument; empty for a number.
    yours, numeric : float
        The two values.
    absolute, relative : float
        ``|yours - numeric|``, and that divided by the larger of the two sizes.
    """

    name: str
    index: tuple[int, ...]
    yours: float
    numeric: float
    absolute: float
    relative: float

    @property
    def place(self) -> str:
        """The argument with its index, for example ``w[0, 2]``."""
        return f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name

    def __str__(self) -> str:
        return (
            f"{self.place}: yours {self.yours:.10g}, numeric {self.numeric:.10g}, "
            f"absolute error {self.absolute:.1e}, relative error {self.relative:.1e}"
        )


@dataclass(frozen=True)
class GradientReport:
    """How gradients compare with central differences; print it to read it.

    Attributes
    ----------
    ok : bool
        Whether ``|yours - numeric| <= atol + rtol * |numeric|`` in every entry.
    worst : Entry or None
        The entry that exceeds its tolerance most, or comes closest to it; None
        if all arguments are empty.
    arguments : dict of str to Entry
        The worst entry of each argument.
    wrong : dict of str to int
        How many entries exceed the tolerance, for each argument with any.
    atol, rtol : float
        The tolerances that were used.
    """

    worst: Entry | None
    arguments: dict[str, Entry]
    wrong: dict[str, int]
    atol: float
    rtol: float

    @property
    def ok(self) -> bool:
        """Whether every entry is within the tolerance."""
        return not self.wrong

    def __str__(self) -> str:
        allowed = f"allowed: {self.atol:g}"
        if self.rtol:
            allowed += f" + {self.rtol:g} x |numeric|"
        if self.worst is None:
            return f"There is nothing to compare ({allowed})."
        if self.ok:
            head = f"The gradients agree with central differences ({allowed})."
            return f"{head}\n  largest difference  {self.worst}"
        lines = [f"The gradients disagree with central differences ({allowed})."]
        lines.append(f"  worst   {self.worst}")
        for name, entry in self.arguments.items():
            if name in self.wrong and entry is not self.worst:
                lines.append(f"  also    {entry}")
        for name, entry in self.arguments.items():
            if name in self.wrong and entry.index:
                lines.append(f"  {self.wrong[name]} wrong entries in {name}")
        right = [name for name in self.arguments if name not in self.wrong]
        if right:
            lines.append(f"  right   {', '.join(right)}")
        return "\n".join(lines)


def compare(
    yours: object,
    numeric: object,
    atol: float = 1e-8,
    rtol: float = 0.0,
    names: Sequence[str] | None = None,
) -> GradientReport:
    """Compare gradients with numeric ones, entry by entry.

    Parameters
    ----------
    yours, numeric : tuple, list, dict, array or number
        One gradient for each argument, in the same order or with the same keys.
    atol, rtol : float
        An entry is right if ``|yours - numeric| <= atol + rtol * |numeric|``.
        Nothing widens these tolerances; the report states them.
    names : sequence of str, optional
        The arguments' names for the report; keys or "argument 1", ... otherwise.

    Returns
    -------
    GradientReport

    Raises
    ------
    TypeError
        If a gradient is None or not numeric.
    ValueError
        If the number of gradients, their keys or a shape differ, a gradient holds
        NaN or infinity, or a tolerance is negative.
    """
    if not (atol >= 0 and rtol >= 0):
        raise ValueError(f"tolerances must not be negative: atol={atol}, rtol={rtol}")
    pairs = _paired(yours, numeric, names)
    arguments: dict[str, Entry] = {}
    wrong: dict[str, int] = {}
    worst, most = None, -math.inf
    for name, mine, expected in pairs:
        expected = _float_array(expected, f"the numeric gradient of {name}")
        mine = _gradient_array(mine, name, expected.shape)
        if not mine.size:
            continue
        difference = np.abs(mine - expected)
        excess = difference - (atol + rtol * np.abs(expected))
        index = tuple(int(i) for i in np.unravel_index(np.argmax(excess), excess.shape))
        size = max(abs(float(mine[index])), abs(float(expected[index])))
        absolute = float(difference[index])
        entry = Entry(
            name,
            index,
            float(mine[index]),
            float(expected[index]),
            absolute,
            absolute / size if size > 0 else 0.0,
        )
        arguments[name] = entry
        if excess[index] > 0:
            wrong[name] = int(np.sum(excess > 0))
        if excess[index] > most:
            worst, most = entry, float(excess[index])
    return GradientReport(worst, arguments, wrong, float(atol), float(rtol))


# --- Inside ---------------------------------------------------------------------


def _differences(f, args, dLdf, h, argnum, indices, batched):
    if not (isinstance(h, numbers.Real) and math.isfinite(h) and float(h) > 0):
        raise ValueError(f"h must be a positive number, not {h!r}")
    args = tuple(args) if isinstance(args, (tuple, list)) else (args,)
    if argnum is None:
        chosen = tuple(range(len(args)))
    else:
        chosen = (int(argnum),) if isinstance(argnum, numbers.Integral) else tuple(argnum)
    for number in chosen:
        if not 0 <= number < len(args):
            raise ValueError(f"argnum {number} does not fit: there are {len(args)} arguments")
    if indices is not None and len(chosen) != 1:
        raise ValueError("indices belong to one argument: say which with argnum")

    results = []
    for number in chosen:
        name = f"argument {number + 1}"
        x = _float_array(args[number], name)
        places = _places(indices, x.shape, name)
        if batched:
            found = _batched_slopes(f, args, number, x, places, dLdf, h)
        else:
            found = _slopes(f, args, number, x, places, dLdf, h)
        slopes = np.array(found, dtype=np.float64)
        if indices is None:
            slopes = slopes.reshape(x.shape)
        results.append(slopes if slopes.ndim else float(slopes))
    return results[0] if isinstance(argnum, numbers.Integral) else tuple(results)


def _slopes(f, args, number, x, places, dLdf, h) -> list[float]:
    """Return the central differences of entries, with a call of f on either side of each."""
    slopes = []
    # Each call gets copies of the arguments: so many calls at once that they fit into memory.
    size = 1 + sum(arg.size for arg in args if isinstance(arg, np.ndarray))
    at_once = max(1, min(1000, _BATCH_NUMBERS // (2 * size)))
    for start in range(0, len(places), at_once):
        part = places[start : start + at_once]
        moves = [(place, step) for place in part for step in (h, -h)]
        points = [_moved(args, number, x, place, step) for place, step in moves]
        entries = [
            np.asarray(p[number])[place] for p, (place, _) in zip(points, moves, strict=True)
        ]
        names = (f"with {_place_name(number, place)} moved by {step:+g}" for place, step in moves)
        ends = call_each(f, points, lambda found, names=names: _result(found, dLdf, next(names)))
        for i, place in enumerate(part):
            change, step = ends[2 * i] - ends[2 * i + 1], entries[2 * i] - entries[2 * i + 1]
            slopes.append(_quotient(change, step, dLdf, number, place, h))
    return slopes


def _moved(args, number, x, place, step) -> list:
    """Return copies of the arguments with one entry moved."""
    moved = x.copy()
    moved[place] += step
    point = [_copied(arg) for arg in args]
    # A float for a number, so that f sees the type it was given.
    point[number] = moved if np.ndim(args[number]) else float(moved)
    return point


def _batched_slopes(f, args, number, x, places, dLdf, h) -> list[float]:
    """Return the central differences of many entries from a few calls of f."""
    at_once = max(1, _BATCH_NUMBERS // (2 * max(1, x.size, 0 if dLdf is None else dLdf.size)))
    slopes = []
    for start in range(0, len(places), at_once):
        part = places[start : start + at_once]
        batch = np.repeat(x[None], 2 * len(part), axis=0)
        for row, place in enumerate(part):
            batch[(row, *place)] += h
            batch[(row + len(part), *place)] -= h
        steps = [
            batch[(row, *place)] - batch[(row + len(part), *place)]
            for row, place in enumerate(part)
        ]
        point = [_copied(arg) for arg in args]
        point[number] = batch
        out = _float_array(f(*point), "the result of the batched f")
        expected = (2 * len(part), *(() if dLdf is None else dLdf.shape))
        if out.shape != expected:
            raise ValueError(
                f"the batched f returned shape {out.shape}, expected {expected}: "
                "one result for each entry of the leading axis"
            )
        change = out[: len(part)] - out[len(part) :]
        for row, place in enumerate(part):
            slopes.append(_quotient(change[row], steps[row], dLdf, number, place, h))
    return slopes


def _quotient(change, step, dLdf, number, place, h) -> float:
    # The step that was really made, x + h and x - h being rounded.
    if step <= 0:
        raise ValueError(
            f"h = {h:g} is too small to change {_place_name(number, place)}: choose a larger h"
        )
    return float(change if dLdf is None else np.sum(dLdf * change)) / float(step)


def _result(result, dLdf, where):
    if dLdf is None:
        if isinstance(result, (tuple, list)):
            raise TypeError(
                f"f returned a {type(result).__name__}, not one number: pass a function that "
                "returns the loss alone, such as lambda *args: f(*args)[0]"
            )
        value = _float_array(result, f"the result of f {where}")
        if value.size != 1:
            raise TypeError(
                f"f returned shape {value.shape}, not one number: "
                "use numeric_gradient_of_array for array functions"
            )
        return value.reshape(())
    value = _float_array(result, f"the result of f {where}")
    if value.shape != dLdf.shape:
        raise ValueError(f"dLdf has shape {dLdf.shape}, but f returned shape {value.shape}")
    return value


def _places(indices, shape, name) -> list[tuple[int, ...]]:
    if indices is None:
        return list(np.ndindex(shape))
    places = []
    for index in indices:
        try:
            if isinstance(index, numbers.Integral):
                place = tuple(int(i) for i in np.unravel_index(int(index), shape))
            else:
                place = tuple(index)
                np.empty(shape, dtype=bool)[place]
        except (IndexError, ValueError) as error:
            raise ValueError(f"index {index} does not fit {name} of shape {shape}") from error
        if len(place) != len(shape):
            raise ValueError(f"index {index} does not fit {name} of shape {shape}")
        places.append(place)
    return places


def _place_name(number, place) -> str:
    return f"argument {number + 1}" + (f"[{', '.join(map(str, place))}]" if place else "")


def _copied(arg):
    return arg.copy() if isinstance(arg, np.ndarray) else arg


def _float_array(value, name: str) -> np.ndarray:
    """Return a float64 copy, or say what is wrong with the value."""
    if value is None:
        raise TypeError(f"{name} is None, expected numbers")
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise TypeError(f"{name} is not an array of numbers: {error}") from error
    if array.dtype.kind not in "iuf":
        raise TypeError(
            f"{name} is not numeric: it holds {array.dtype} ({type(value).__name__}), "
            "expected real numbers"
        )
    array = array.astype(np.float64)
    if not np.all(np.isfinite(array)):
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        at = f" at index {place}" if place else ""
        raise ValueError(f"{name} is {array[place]}{at}, expected finite numbers")
    return array


def _gradient_array(value, name: str, shape: tuple[int, ...]) -> np.ndarray:
    array = _float_array(value, f"the gradient of {name}")
    if array.shape != shape:
        raise ValueError(f"the gradient of {name} has shape {array.shape}, expected {shape}")
    return array


def _paired(yours, numeric, names) -> list[tuple]:
    """Return (name, yours, numeric) for every argument."""
    if isinstance(numeric, Mapping) != isinstance(yours, Mapping):
        raise TypeError("either both or neither of yours and numeric must be a dict")
    if isinstance(numeric, Mapping):
        missing = sorted(map(str, set(numeric) - set(yours)))
        extra = sorted(map(str, set(yours) - set(numeric)))
        if missing or extra:
            raise ValueError(
                "the gradients must have one entry for each argument: "
                f"missing {missing or 'none'}, not expected {extra or 'none'}"
            )
        return [(str(key), yours[key], numeric[key]) for key in numeric]
    if not isinstance(numeric, (tuple, list)):
        yours, numeric = (yours,), (numeric,)
    if yours is None:
        raise TypeError("the gradients are None: return a tuple of them")
    if not isinstance(yours, (tuple, list)):
        if len(numeric) != 1:
            raise ValueError(
                f"expected a tuple of {len(numeric)} gradients, not a {type(yours).__name__}"
            )
        yours = (yours,)
    if len(yours) != len(numeric):
        raise ValueError(
            f"there are {len(yours)} gradients, expected {len(numeric)}: one for each argument"
        )
    if names is None:
        names = [f"argument {i}" for i in range(1, len(numeric) + 1)]
    if len(names) != len(numeric):
        raise ValueError(f"there are {len(names)} names for {len(numeric)} arguments")
    return list(zip(names, yours, numeric, strict=True))
