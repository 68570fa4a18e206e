"""The operators: what each computes, and beside it its local derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainrule.graph.nodes import Node


@dataclass(frozen=True)
class Operator:
    """What an operator computes, and its derivative for each of its arguments.

    ``local[i]`` takes the same arguments as ``forward`` and returns the
    derivative of the result with respect to argument ``i``.

    >>> product = OPERATORS["*"]
    >>> product.forward(2.0, 3.0), product.local[0](2.0, 3.0)
    (6.0, 3.0)
    """

    name: str
    text: str
    forward: Callable[..., float]
    local: tuple[Callable[..., float], ...]


def _power(a: float, b: float) -> float:
    if a < 0 and b != int(b):
        raise ValueError("a negative number has no real power with a fractional exponent")
    return a**b


def _power_by_exponent(a: float, b: float) -> float:
    if a < 0 or (a == 0 and b <= 0):
        raise ValueError("the derivative by the exponent needs a positive base")
    return a**b * math.log(a) if a > 0 else 0.0


def _sigmoid(a: float) -> float:
    # exp of a large positive number overflows, so its argument stays negative.
    return 1 / (1 + math.exp(-a)) if a >= 0 else math.exp(a) / (1 + math.exp(a))


def _choose(a: float, b: float, which: float) -> float:
    if which not in (1, 2):
        raise ValueError(f"the number of the choice must be 1 or 2, not {which:g}")
    return a if which == 1 else b


OPERATORS = {
    operator.name: operator
    for operator in (
        Operator("+", "{} + {}", lambda a, b: a + b, (lambda a, b: 1.0, lambda a, b: 1.0)),
        Operator("-", "{} − {}", lambda a, b: a - b, (lambda a, b: 1.0, lambda a, b: -1.0)),
        Operator("*", "{} · {}", lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
        Operator("/", "{} / {}", lambda a, b: a / b, (lambda a, b: 1 / b, lambda a, b: -a / b / b)),
        Operator(
            "**",
            "{} ^ {}",
            _power,
            (lambda a, b: b * a ** (b - 1) if b != 0 else 0.0, _power_by_exponent),
        ),
        Operator("neg", "−{}", lambda a: -a, (lambda a: -1.0,)),
        Operator("square", "{}²", lambda a: a * a, (lambda a: 2 * a,)),
        Operator("sqrt", "√{}", math.sqrt, (lambda a: 0.5 / math.sqrt(a),)),
        Operator("exp", "exp {}", math.exp, (math.exp,)),
        Operator("log", "log {}", math.log, (lambda a: 1 / a,)),
        Operator("sin", "sin {}", math.sin, (math.cos,)),
        Operator("cos", "cos {}", math.cos, (lambda a: -math.sin(a),)),
        Operator("tan", "tan {}", math.tan, (lambda a: 1 + math.tan(a) ** 2,)),
        Operator("tanh", "tanh {}", math.tanh, (lambda a: 1 - math.tanh(a) ** 2,)),
        Operator("sigmoid", "σ({})", _sigmoid, (lambda a: _sigmoid(a) * _sigmoid(-a),)),
        # At a kink any value between the slopes of the two sides is defensible.
        # relu and abs take 0, as PyTorch does; a tie in max or min goes to the first.
        Operator("relu", "relu {}", lambda a: max(a, 0.0), (lambda a: 1.0 if a > 0 else 0.0,)),
        Operator("abs", "|{}|", abs, (lambda a: float((a > 0) - (a < 0)),)),
        Operator(
            "max",
            "max({}, {})",
            max,
            (lambda a, b: 1.0 if a >= b else 0.0, lambda a, b: 1.0 if b > a else 0.0),
        ),
        Operator(
            "min",
            "min({}, {})",
            min,
            (lambda a, b: 1.0 if a <= b else 0.0, lambda a, b: 1.0 if b < a else 0.0),
        ),
        Operator(
            "choose",
            "choose({}, {}, {})",
            _choose,
            (
                lambda a, b, which: 1.0 if which == 1 else 0.0,
                lambda a, b, which: 1.0 if which == 2 else 0.0,
                lambda a, b, which: 0.0,
            ),
        ),
        Operator("copy", "copy of {}", lambda a: a, (lambda a: 1.0,)),
    )
}

_ADVICE = {
    "/": "Keep the divisor away from 0.",
    "log": "Its argument must be greater than 0.",
    "sqrt": "Its argument must not be negative; at 0 it has no derivative.",
    "**": "Use a positive base, or a whole exponent that is not negative.",
    "exp": "Its argument must stay below about 709.",
    "choose": "Pass 1 for the first value or 2 for the second.",
}


def evaluate(
    name: str, inputs: tuple[Node, ...], values: list[float], label: str | None = None
) -> float:
    """Run an operator forward, and explain what went wrong where it cannot be run.

    Parameters
    ----------
    name : str
        A key of `OPERATORS`.
    inputs : tuple of Node
        Its arguments; messages name them.
    values : list of float
        Their values.
    label : str, optional
        The name of the result, for messages.

    Raises
    ------
    ValueError, ZeroDivisionError, OverflowError
        If the operator cannot take these values.
    """
    try:
        result = OPERATORS[name].forward(*values)
        if not math.isfinite(result):
            raise OverflowError("the result is too large")
        return float(result)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise _explained(error, "compute", name, inputs, values, label) from error


def differentiate(
    name: str, position: int, inputs: tuple[Node, ...], label: str | None = None
) -> float:
    """Return an operator's local derivative with respect to one of its arguments.

    Parameters
    ----------
    name : str
        A key of `OPERATORS`.
    position : int
        Which argument, from 0.
    inputs : tuple of Node
        The arguments, with their values.
    label : str, optional
        The name of the result, for messages.

    Raises
    ------
    ValueError, ZeroDivisionError, OverflowError
        If there is no derivative at these values, as for sqrt at 0.
    """
    values = [node.value for node in inputs]
    try:
        return float(OPERATORS[name].local[position](*values))
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise _explained(error, "differentiate", name, inputs, values, label) from error


def _explained(error, verb, name, inputs, values, label=None) -> Exception:
    given = ", ".join(
        f"{node.label}={value:g}" if node.label else f"{value:g}"
        for node, value in zip(inputs, values, strict=True)
    )
    of = f"{label!r}, " if label else ""
    advice = _ADVICE.get(name, "Choose other inputs.")
    return type(error)(f"cannot {verb} {of}operator {name!r} with ({given}): {error}. {advice}")
