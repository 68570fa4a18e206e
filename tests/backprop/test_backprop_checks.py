"""The checks of the first assignment: samples, seeds, and awkward return values."""

import csv
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest

from chainrule.backprop import checks as backprop
from chainrule.checks.core import CheckFailed, as_float

SAMPLES = Path(backprop.__file__).parent / "samples"


def f1(x1, w1, x2, w2, b, y):
    g = 2 * (w1 * x1 + w2 * x2 + b - y)
    return g * g / 4, (g * w1, g * x1, g * w2, g * x2, g, -g)


def f2(x):
    y = math.tanh(x)
    return y, (1 - y * y,)


def f3(s1, s2, y):
    p = 1 / (1 + math.exp(s2 - s1))
    return (-math.log(p), (p - 1, 1 - p)) if y == 1 else (-math.log(1 - p), (p, -p))


def own(x, y, z):
    a = math.exp(x * y) / (1 + z * z)
    b = math.sin(a)
    da = math.cos(a)
    return b, (da * a * y, da * a * x, -da * a * 2 * z / (1 + z * z))


def kinked(x, y):
    larger = max(x, y)
    L = (larger * x + 1.0) * 2.0 - y
    return L, ((4 * x if x > y else 2 * y), (0 if x > y else 2 * x) - 1)


def steep(x, y):
    L = 1e6 * math.exp(3 * x) * y + y
    return L, (3e6 * math.exp(3 * x) * y, 1e6 * math.exp(3 * x) + 1)


@pytest.mark.parametrize("name", ["f1", "f2", "f3_y1", "f3_y2"])
def test_stored_samples_are_100_points_in_the_unit_interval(name):
    rows = list(csv.reader((SAMPLES / f"{name}.csv").open()))[1:]
    points = np.array([[float(x) for x in row[:-1]] for row in rows])
    assert len(points) == 100
    assert points.min() >= 0 and points.max() < 1
    assert len(np.unique(points, axis=0)) == 100


def test_stored_samples_are_the_functions_of_the_task():
    """Recompute the samples step by step as the task states them, at fifty digits."""
    mpmath.mp.dps = 50
    for name, y in (("f3_y1", 1), ("f3_y2", 2)):
        for row in list(csv.reader((SAMPLES / f"{name}.csv").open()))[1:]:
            e1, e2 = (mpmath.exp(mpmath.mpf(float(s))) for s in row[:2])
            chosen = (e1 if y == 1 else e2) / (e1 + e2)
            assert abs(float(row[2]) + mpmath.log(chosen)) < 1e-15
    for row in list(csv.reader((SAMPLES / "f2.csv").open()))[1:]:
        e = mpmath.exp(2 * mpmath.mpf(float(row[0])))
        assert abs(float(row[1]) - (e - 1) / (e + 1)) < 1e-15
    for row in list(csv.reader((SAMPLES / "f1.csv").open()))[1:]:
        x1, w1, x2, w2, b, y = (mpmath.mpf(float(v)) for v in row[:6])
        assert abs(float(row[6]) - (w1 * x1 + w2 * x2 + b - y) ** 2) < 1e-14


@pytest.mark.slow
@pytest.mark.parametrize(("name", "function"), [("f1", f1), ("f2", f2), ("f3", f3)])
def test_no_seed_of_a_thousand_fails_a_correct_answer(name, function):
    for seed in range(1000):
        backprop.check_backward(name, function, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("function", [own, kinked, steep])
def test_no_seed_of_a_thousand_fails_a_correct_own_graph(function):
    for seed in range(1000):
        backprop.check_own_backward(function, seed=seed)


@pytest.mark.parametrize("function", [own, kinked, steep])
def test_fifty_seeds_pass_correct_own_graphs(function):
    for seed in range(50):
        backprop.check_own_backward(function, seed=seed)


def test_a_sample_file_of_ones_own(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text("x,y\n0,0\n100,1\n")
    backprop.check_forward("f2", f2, samples=path)
    assert "passed" in capsys.readouterr().out
    path.write_text("x,y\n0,0.5\n")
    with pytest.raises(CheckFailed, match=r"the stored one is 0\.5"):
        backprop.check_forward("f2", f2, samples=path)


@pytest.mark.parametrize(
    ("text", "words"), [("x,y\n1\n", "line 2: 1 columns"), ("x,y\n1,a\n", "line 2")]
)
def test_bad_sample_files_name_the_line(tmp_path, text, words):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        backprop.check_forward("f2", f2, samples=path)


def test_an_absent_sample_file_and_an_unknown_task_are_named():
    with pytest.raises(FileNotFoundError, match="absent"):
        backprop.check_forward("f2", f2, samples="absent.csv")
    with pytest.raises(ValueError, match="f1, f2, f3"):
        backprop.check_forward("f7", f2)


@pytest.mark.parametrize("value", [1, 1.0, np.float32(1), np.int64(1), np.array(1.0), np.ones(1)])
def test_numbers_of_every_kind_are_accepted(value):
    assert as_float(value, "L") == 1.0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "is None"),
        (float("nan"), "NaN"),
        (float("inf"), "infinite"),
        (np.ones(3), "array of shape"),
        ("1", "type str"),
        (1j, "type complex"),
        ([1, 2], "list of 2"),
        ([[1], [1, 2]], "list of 2"),
    ],
)
def test_other_values_are_explained(value, words):
    with pytest.raises(CheckFailed, match=words):
        as_float(value, "L")


def test_an_error_in_the_students_function_reaches_the_student():
    def broken(x):
        return 1 / 0, (1.0,)

    with pytest.raises(ZeroDivisionError):
        backprop.check_forward("f2", broken)
