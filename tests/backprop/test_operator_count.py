"""Operators are counted along the data, in both directions honestly."""

import math

import pytest

from chainrule.backprop.operator_count import count_operators
from chainrule.checks.core import CheckFailed
from chainrule.checks.inspect_source import input_names


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def straight(x, y):
    a = x * y
    L = a + math.exp(x)
    gradient = L * L * L
    return L, (gradient, gradient)


def dead_code(x):
    unused = x * x * x * x * x * x
    k = 2 + 3 * 4 - 5
    L = k * x
    return L, (unused,)


def with_helper(x, y):
    first = sigmoid(x)
    return first * sigmoid(y), (0.0, 0.0)


def in_place(x):
    x = x + 1.0
    x *= 2.0
    x -= 3.0
    return x, (2.0,)


def branches(x, y):
    if x > y:
        L = x * y + 1.0 - x
    else:
        L = x
    return L, (0.0, 0.0)


def loop(x):
    L = x
    for _ in range(4):
        L = L * x
    return L, (5 * x**4,)


def tuples(x, y):
    a, b = x + y, x - y
    result = (a * b, (2 * x, -2 * y))
    return result


def casts(x):
    a = float(x)
    return a, (1.0,)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (straight, ["*", "exp", "+"]),
        (dead_code, ["*"]),
        (in_place, ["+", "*", "-"]),
        (tuples, ["+", "-", "*"]),
        (casts, []),
        (loop, ["*"] * 4),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_counts(function, expected):
    assert sorted(count_operators(function)) == sorted(expected)


def test_helpers_count_each_time_they_are_called():
    assert len(count_operators(with_helper)) == 2 * 4 + 1


def test_the_longer_branch_counts():
    assert len(count_operators(branches)) == 3


def test_a_lambda_is_explained():
    with pytest.raises(CheckFailed, match="not as a lambda"):
        count_operators(lambda x: (x, (1.0,)))


def test_source_that_cannot_be_read_is_explained():
    namespace: dict = {}
    # Not "<string>": from 3.13 on Python takes the text of `python -c`, which starts a process
    # of pytest-xdist, for the source of whatever has that name.
    exec(compile("def f4(x):\n    return x, (1.0,)\n", "<made here>", "exec"), namespace)
    with pytest.raises(CheckFailed, match="cannot be read"):
        count_operators(namespace["f4"])


def test_a_stand_in_for_a_function_in_another_process_offers_its_source():
    class StandIn:
        __source__ = "def f4(x, y):\n    return helper(x) + y, (1.0, 1.0)\n\n\ndef helper(z):\n    return z * z\n"

    assert sorted(count_operators(StandIn())) == ["*", "+"]
    assert input_names(StandIn()) == ["x", "y"]


def star(*x):
    return x[0], (1.0,)


def nothing():
    return 1.0, ()


@pytest.mark.parametrize(("function", "words"), [(star, "named inputs"), (nothing, "no inputs")])
def test_inputs_must_be_named(function, words):
    with pytest.raises(CheckFailed, match=words):
        input_names(function)
