"""Central differences, and the report that compares them with a gradient."""

import numpy as np
import pytest

from chainrule.gradcheck import (
    check_gradients,
    compare,
    numeric_gradient,
    numeric_gradient_of_array,
)

rng = np.random.default_rng(442)
X, W, U = rng.normal(size=(3, 4)), rng.normal(size=(4, 5)), rng.normal(size=(3, 5))


def product(x, w):
    return x @ w


# --- Numeric gradients --------------------------------------------------------------


def test_scalar_functions():
    def f(a, b):
        return np.sin(a) * b**2

    da, db = numeric_gradient(f, (0.3, -1.1))
    assert type(da) is float
    assert da == pytest.approx(np.cos(0.3) * 1.21, abs=1e-9)
    assert db == pytest.approx(np.sin(0.3) * -2.2, abs=1e-9)
    assert numeric_gradient(f, (0.3, -1.1), argnum=1) == db
    assert numeric_gradient(f, (0.3, -1.1), argnum=(1,)) == (db,)
    assert numeric_gradient(np.sin, 0.3, argnum=0) == pytest.approx(np.cos(0.3), abs=1e-9)


def test_scalar_function_of_arrays_and_numbers():
    def f(x, c):
        return c * np.sum(x**3)

    dx, dc = numeric_gradient(f, (X, 2))
    np.testing.assert_allclose(dx, 6 * X**2, atol=1e-7)
    assert dc == pytest.approx(np.sum(X**3), abs=1e-7)
    assert dx.dtype == np.float64


def test_arguments_that_are_not_differentiated_keep_their_type():
    labels = np.array([0, 2, 1])

    def f(x, y):
        assert y.dtype == labels.dtype
        return np.sum(x[np.arange(3), y])

    expected = np.zeros((3, 4))
    expected[np.arange(3), labels] = 1
    np.testing.assert_allclose(numeric_gradient(f, (X, labels), argnum=0), expected, atol=1e-9)


def test_integers_become_floats():
    x = np.array([1, 2, 3])
    np.testing.assert_allclose(
        numeric_gradient(lambda v: np.sum(v**2), (x,), argnum=0), [2, 4, 6], atol=1e-8
    )
    assert numeric_gradient(lambda v: v**2, (3,), argnum=0) == pytest.approx(6, abs=1e-8)


def test_batched_is_the_same_and_calls_once():
    calls = []

    def f(x):
        calls.append(x.shape)
        return np.sum(np.tanh(x) ** 2, axis=(-2, -1))

    one_by_one = numeric_gradient(f, (X,), argnum=0)
    calls.clear()
    batched = numeric_gradient(f, (X,), argnum=0, batched=True)
    assert calls == [(24, 3, 4)]
    np.testing.assert_allclose(batched, one_by_one, atol=1e-9)
    with pytest.raises(ValueError, match="leading axis"):
        numeric_gradient(lambda x: np.sum(x), (X,), argnum=0, batched=True)
    scalars = numeric_gradient(lambda a, b: a * b, (2.0, 3.0), batched=True)
    assert scalars == pytest.approx((3.0, 2.0), abs=1e-9)


def test_batches_are_split_when_large(monkeypatch):
    monkeypatch.setattr("chainrule.gradcheck._BATCH_NUMBERS", 100)
    calls = []

    def f(x, w):
        calls.append(len(x))
        return x @ w

    batched = numeric_gradient_of_array(f, (X, W), U, argnum=0, batched=True)
    assert len(calls) > 1 and sum(calls) == 24
    np.testing.assert_allclose(batched, U @ W.T, atol=1e-8)


def test_chosen_entries_only():
    def f(x):
        return np.sum(x**2)

    places = [(0, 1), 7, (2, 3)]
    found = numeric_gradient(f, (X,), argnum=0, indices=places)
    np.testing.assert_allclose(found, [2 * X[0, 1], 2 * X[1, 3], 2 * X[2, 3]], atol=1e-8)
    for wrong in ([(5, 0)], [99], [(0,)]):
        with pytest.raises(ValueError, match="does not fit argument 1"):
            numeric_gradient(f, (X,), argnum=0, indices=wrong)
    with pytest.raises(ValueError, match="say which with argnum"):
        numeric_gradient(product, (X, W), indices=[0])


def test_array_functions():
    dx, dw = numeric_gradient_of_array(product, (X, W), U)
    np.testing.assert_allclose(dx, U @ W.T, atol=1e-8)
    np.testing.assert_allclose(dw, X.T @ U, atol=1e-8)
    with pytest.raises(ValueError, match=r"dLdf has shape \(2,\), but f returned shape \(3, 5\)"):
        numeric_gradient_of_array(product, (X, W), np.ones(2))


def test_the_callers_arrays_never_change():
    x, w = X.copy(), W.copy()

    def careless(x, w):
        x *= 2
        w += 1
        return np.sum(x @ w)

    expected = numeric_gradient(lambda x, w: np.sum((2 * x) @ (w + 1)), (X, W))
    found = numeric_gradient(careless, (x, w))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(w, W)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-8)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: numeric_gradient(lambda a: (a, (1,)), (1.0,)), TypeError, r"args\)\[0\]"),
        (lambda: numeric_gradient(lambda a: None, (1.0,)), TypeError, "result of f.*None"),
        (lambda: numeric_gradient(lambda a: "x", (1.0,)), TypeError, "not numeric"),
        (lambda: numeric_gradient(lambda a: np.ones(3), (1.0,)), TypeError, "not one number"),
        (lambda: numeric_gradient(lambda a: np.nan, (1.0,)), ValueError, "nan"),
        (lambda: numeric_gradient(abs, (None,)), TypeError, "argument 1 is None"),
        (lambda: numeric_gradient(abs, ("a",)), TypeError, "argument 1 is not numeric"),
        (lambda: numeric_gradient(abs, (np.inf,)), ValueError, "argument 1 is inf"),
        (lambda: numeric_gradient(abs, ([1.0, np.nan],)), ValueError, r"nan at index \(1,\)"),
        (lambda: numeric_gradient(abs, (1.0,), h=0), ValueError, "h must be"),
        (lambda: numeric_gradient(abs, (1e30,)), ValueError, "too small to change argument 1"),
        (lambda: numeric_gradient(abs, (1.0,), argnum=2), ValueError, "argnum 2"),
        (lambda: numeric_gradient(abs, ([[1], [1, 2]],)), TypeError, "argument 1 is not an array"),
    ],
)
def test_clear_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


# --- check_gradients ----------------------------------------------------------------------


def test_check_gradients():
    def f(x):
        return x @ W

    right = U @ W.T
    assert check_gradients(f, right, X, U) < 1e-8
    assert check_gradients(f, -right, X, U) == pytest.approx(1.0)
    assert check_gradients(f, 2 * right, X, U) > 0.3
    assert check_gradients(lambda x: 0 * x, np.zeros_like(X), X, np.ones_like(X)) == 0.0
    with pytest.raises(ValueError, match=r"grad has shape \(4, 3\), expected \(3, 4\)"):
        check_gradients(f, right.T, X, U)
    with pytest.raises(TypeError, match="grad is None"):
        check_gradients(f, None, X, U)


def test_torch_tensors_are_welcome():
    torch = pytest.importorskip("torch")
    x = torch.tensor(X, requires_grad=True)
    (x @ torch.tensor(W)).backward(torch.tensor(U))
    assert check_gradients(lambda x: x @ W, x.grad, X, U) < 1e-8


# --- compare ---------------------------------------------------------------------------------


def test_a_right_gradient_passes():
    report = compare((U @ W.T, X.T @ U), numeric_gradient_of_array(product, (X, W), U))
    assert report.ok
    assert report.worst.absolute < 1e-8
    assert "agree" in str(report) and "allowed: 1e-08" in str(report)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda da, db: (-da, db), id="sign"),
        pytest.param(lambda da, db: (2 * da, db), id="factor"),
        pytest.param(lambda da, db: (db, da), id="swapped"),
        pytest.param(lambda da, db: (da + 1e-6, db), id="small"),
    ],
)
def test_mistakes_are_caught(wrong):
    a, b = 0.7, -1.3
    numeric = numeric_gradient(lambda a, b: a**2 * b, (a, b))
    assert compare((2 * a * b, a**2), numeric, names=("a", "b")).ok
    report = compare(wrong(2 * a * b, a**2), numeric, names=("a", "b"))
    assert not report.ok
    assert "a: yours" in str(report)


def test_the_report_names_the_worst_entry():
    numeric = {"w": np.zeros((2, 3)), "b": np.ones(3)}
    yours = {"w": np.zeros((2, 3)), "b": np.ones(3)}
    yours["w"][1, 2] = 0.5
    yours["b"][0] = 1.25
    report = compare(yours, numeric)
    assert (report.worst.name, report.worst.index, report.worst.place) == ("w", (1, 2), "w[1, 2]")
    assert (report.worst.yours, report.worst.numeric) == (0.5, 0.0)
    assert (report.worst.absolute, report.worst.relative) == (0.5, 1.0)
    assert report.wrong == {"w": 1, "b": 1}
    text = str(report)
    assert "worst   w[1, 2]: yours 0.5, numeric 0, absolute error 5.0e-01" in text
    assert "also    b[0]" in text and "1 wrong entries in w" in text


def test_tolerances_are_used_as_given():
    assert compare(1.0 + 5e-9, 1.0).ok
    assert not compare(1.0 + 5e-8, 1.0).ok
    assert not compare(1e6 * (1 + 1e-9), 1e6).ok
    assert compare(1e6 * (1 + 1e-9), 1e6, rtol=1e-8).ok
    assert "1e-08 x |numeric|" in str(compare(1.0, 1.0, rtol=1e-8))
    with pytest.raises(ValueError, match="negative"):
        compare(1.0, 1.0, atol=-1)
    with pytest.raises(ValueError, match="negative"):
        compare(1.0, 1.0, atol=float("nan"))


@pytest.mark.parametrize(
    ("yours", "error", "words"),
    [
        (None, TypeError, "gradients are None"),
        ((1.0, None), TypeError, "gradient of b is None"),
        ((1.0,), ValueError, "1 gradients, expected 2"),
        (1.0, ValueError, "tuple of 2 gradients, not a float"),
        ((1.0, "x"), TypeError, "gradient of b is not numeric"),
        ((1.0, True), TypeError, "gradient of b is not numeric"),
        ((1.0, 1j), TypeError, "gradient of b is not numeric"),
        ((np.nan, 1.0), ValueError, "gradient of a is nan"),
        ((1.0, -np.inf), ValueError, "gradient of b is -inf"),
        ((np.ones(2), 1.0), ValueError, r"gradient of a has shape \(2,\), expected \(\)"),
        ({"a": 1.0, "b": 1.0}, TypeError, "both or neither"),
    ],
)
def test_unusable_gradients(yours, error, words):
    with pytest.raises(error, match=words):
        compare(yours, (1.0, 1.0), names=("a", "b"))


def test_dictionaries_need_the_same_keys():
    with pytest.raises(ValueError, match=r"missing \['b'\], not expected \['c'\]"):
        compare({"a": 1.0, "c": 1.0}, {"a": 1.0, "b": 1.0})


def test_empty_arrays_have_nothing_to_compare():
    report = compare((np.zeros((0, 3)),), (np.zeros((0, 3)),))
    assert report.ok and report.worst is None and "nothing" in str(report)
