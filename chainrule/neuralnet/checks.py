"""Checks for ``neuralnet/layers.ipynb``: layers, losses and a two-layer network.

Forward passes are compared with stored samples, which PyTorch computed. Backward
passes are compared with central differences of the student's own forward pass.

The promised tolerances hold for every correct answer in float64, for every seed.
Fully-connected layers and ReLU are linear between kinks, so central differences have
no truncation error there, and a large step keeps rounding small; the inputs are drawn
so that no step crosses a kink. For the smooth functions two step sizes are combined
(Richardson's extrapolation). See Griewank and Walther, *Evaluating Derivatives*, 2008,
chapter 1.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from chainrule.checks.arrays import Repeated, as_array, call, compare, is_single, near
from chainrule.checks.core import as_float, fail, passed
from chainrule.gradcheck import numeric_gradient_of_array
from chainrule.runtime import call_each

SEED = 442

FORWARD_TOLERANCE = 1e-12
LAYER_TOLERANCE = 1e-9
MODEL_TOLERANCE = 1e-10

#: Step for functions that are linear between kinks, and how far kinks are kept away.
_LINEAR_STEP = 0.01
_MARGIN = 0.1
#: The larger step for smooth functions.
_SMOOTH_STEP = 0.01

_STATE = (
    "backward answers for another call of forward than the one whose cache it was given. "
    "Everything that it needs belongs into the cache; nothing may be kept elsewhere in between."
)
_AGAIN = (
    "gives another result when it is called a second time with the same inputs. Does it change "
    "its cache, or add to gradients of an earlier call?"
)


# --- Fully-connected layer ----------------------------------------------------------------


def check_fc_forward(fc_forward: Callable) -> None:
    """Compare the output of the fully-connected layer with a stored sample.

    Raises
    ------
    CheckFailed
        With a guess at the reason.
    """
    sample = _sample("fc")
    x, w, b, expected = sample["x"], sample["w"], sample["b"], sample["out"]
    out, _ = call("fc_forward", fc_forward, {"x": x, "w": w, "b": b}, ("out", "cache"))
    yours = as_array(out, "out of fc_forward", expected.shape)
    slips = (
        (expected - b, "The bias is missing."),
        (expected + b, "The bias is added twice."),
        (expected - 2 * b, "The bias is subtracted."),
        (np.maximum(expected, 0.0), "Negative outputs are lost. ReLU is a layer of its own."),
        (np.tanh(expected), "This layer has no activation function."),
    )
    worst = compare("out", yours, expected, FORWARD_TOLERANCE, slips, single=is_single(out))
    passed(f"fc forward: the stored sample agrees (largest difference {worst:.0e}).")


def check_fc_backward(fc_forward: Callable, fc_backward: Callable, seed: int = SEED) -> None:
    """Compare the gradients of the fully-connected layer with central differences.

    Parameters
    ----------
    fc_forward, fc_backward : callable
        The student's functions.
    seed : int
        Seed of the inputs.

    Raises
    ------
    CheckFailed
        With the worst entry, and the slip that explains it where one does.
    """
    rng = np.random.default_rng(seed)
    point = {"x": rng.normal(size=(3, 4)), "w": rng.normal(size=(4, 5)), "b": rng.normal(size=5)}
    grad_out = rng.normal(size=(3, 5))

    def read(value):
        return as_array(value, "out of fc_forward", grad_out.shape)

    out = Repeated("fc_forward", fc_forward, ("out", "cache"), read=read)
    cache = call("fc_forward", fc_forward, point, ("out", "cache"))[1]
    other = {k: rng.normal(size=v.shape) for k, v in point.items()}
    call("fc_forward", fc_forward, other, ("out", "cache"))
    names = ("grad_x", "grad_w", "grad_b")
    yours = call("fc_backward", fc_backward, {"grad_out": grad_out, "cache": cache}, names)
    _check_order(yours, point)
    numeric = numeric_gradient_of_array(out, tuple(point.values()), grad_out, h=_LINEAR_STEP)

    def slips(i: int) -> Iterator[tuple[np.ndarray, str]]:
        # Only whose gradient is wrong waits for the calls that these cost.
        here, there = tuple(point.values()), tuple(other.values())
        yield numeric_gradient_of_array(out, there, grad_out, h=_LINEAR_STEP)[i], f"fc_{_STATE}"
        yield from _batch_slips(numeric[i], len(grad_out))
        alone = numeric_gradient_of_array(out, here, np.ones_like(grad_out), h=_LINEAR_STEP)
        yield alone[i], "The upstream gradient is not used."
        if names[i] == "grad_b":
            first = np.resize(grad_out.sum(axis=1), numeric[i].shape)
            yield first, "The sum runs over the wrong axis."

    worst = 0.0
    for i, name in enumerate(names):
        value = as_array(yours[i], name, numeric[i].shape)
        worst = max(worst, _compare_gradient(name, yours[i], value, numeric[i], slips(i)))
    again = call("fc_backward", fc_backward, {"grad_out": grad_out, "cache": cache}, names)
    for i, name in enumerate(names):
        if not near(as_array(again[i], name, numeric[i].shape), numeric[i], LAYER_TOLERANCE):
            fail(f"{name}: fc_backward {_AGAIN}")
    passed(f"fc backward: gradients and central differences agree (at most {worst:.0e} apart).")


def _check_order(yours, point: dict) -> None:
    shapes = [np.shape(g) for g in yours]
    wanted = [v.shape for v in point.values()]
    if shapes != wanted and sorted(shapes) == sorted(wanted):
        fail(
            f"fc_backward returns gradients of shapes {shapes}; those of x, w, b are {wanted}. "
            "Look at the order of the values that it returns."
        )


# --- ReLU ---------------------------------------------------------------------------------


def check_relu_forward(relu_forward: Callable) -> None:
    """Compare the output of ReLU with a stored sample."""
    sample = _sample("relu")
    x, expected = sample["x"], sample["out"]
    out, _ = call("relu_forward", relu_forward, {"x": x}, ("out", "cache"))
    yours = as_array(out, "out of relu_forward", expected.shape)
    slips = (
        (x, "That is the input, unchanged."),
        (np.abs(x), "That is the absolute value."),
        ((x > 0).astype(float), "That is the mask: positive inputs should pass as they are."),
        (np.minimum(x, 0.0), "Positive and negative are mixed up."),
        (np.full_like(x, max(0.0, x.max())), "That is one number for all entries."),
    )
    worst = compare("out", yours, expected, FORWARD_TOLERANCE, slips, single=is_single(out))
    passed(f"relu forward: the stored sample agrees (largest difference {worst:.0e}).")


def check_relu_backward(relu_forward: Callable, relu_backward: Callable, seed: int = SEED) -> None:
    """Compare the gradient of ReLU with central differences, away from the kink."""
    rng = np.random.default_rng(seed)
    x, other, grad_out = (
        _away_from_zero(rng, (4, 5)),
        rng.normal(size=(4, 5)),
        rng.normal(size=(4, 5)),
    )

    def read(value):
        return as_array(value, "out of relu_forward", grad_out.shape)

    out = Repeated("relu_forward", relu_forward, ("out", "cache"), read=read)
    cache = call("relu_forward", relu_forward, {"x": x}, ("out", "cache"))[1]
    call("relu_forward", relu_forward, {"x": other}, ("out", "cache"))
    arguments = {"grad_out": grad_out, "cache": cache}
    returned = _one_array("relu_backward", call("relu_backward", relu_backward, arguments))
    yours = as_array(returned, "grad_x", x.shape)
    numeric = numeric_gradient_of_array(out, (x,), grad_out, h=_LINEAR_STEP)[0]
    slope = np.where(grad_out == 0, 0.0, numeric / grad_out)
    slips = (
        (np.where(other > 0, grad_out, 0.0), f"relu_{_STATE}"),
        (grad_out, "That is the upstream gradient, unchanged. Not every entry lets it pass."),
        (slope, "That is the local derivative alone. The upstream gradient is missing."),
        (numeric * x, "A factor of x is too much: the slope of ReLU is 0 or 1."),
        (np.where(grad_out > 0, grad_out, 0.0), "Whose sign decides: that of the input, or that "
         "of the upstream gradient?"),
        (grad_out - numeric, "It passes where it should not, and the other way round."),
    )  # fmt: skip
    worst = _compare_gradient("grad_x", returned, yours, numeric, slips)
    again = _one_array("relu_backward", call("relu_backward", relu_backward, arguments))
    if not near(as_array(again, "grad_x", x.shape), numeric, LAYER_TOLERANCE):
        fail(f"relu_backward {_AGAIN}")
    passed(f"relu backward: gradient and central differences agree (at most {worst:.0e} apart).")


# --- Softmax loss -------------------------------------------------------------------------


def check_softmax_loss(softmax_loss: Callable) -> None:
    """Compare the softmax loss with a stored sample."""
    sample = _sample("softmax")
    x, y, expected = sample["x"], sample["y"].astype(np.int64), float(sample["loss"])
    loss, _ = call("softmax_loss", softmax_loss, {"x": x, "y": y}, ("loss", "grad_x"))
    yours = as_float(loss, "loss of softmax_loss")
    count, classes = x.shape
    columns = _log_share(x.T).T
    shifted = x - x.max(axis=1, keepdims=True)
    mixed = _log_share(shifted.T).T
    axis = "The sum in the denominator runs over the wrong axis."
    slips = (
        (expected * count, "That is the sum over the minibatch; the mean is asked for."),
        (expected / count, "The mean is taken twice."),
        (expected * count / classes, "It is divided by the number of classes, not of examples."),
        (-expected, "The sign is wrong: a loss of this kind is positive."),
        (-np.mean(_chosen(columns, y)), axis),
        (-np.mean(_chosen(mixed, y)), axis),
        (-np.mean(_log_share(x)), "All classes count here; only the right class of each example "
         "belongs into the loss."),
        (np.mean(np.exp(_chosen(_log_share(x), y))), "The logarithm is missing."),
        (expected / np.log(2), "That is the logarithm to the base 2; the natural one is meant."),
    )  # fmt: skip
    worst = compare(
        "loss", np.array(yours), np.array(expected), FORWARD_TOLERANCE, slips,
        single=is_single(loss),
    )  # fmt: skip
    passed(f"softmax loss: the stored sample agrees (difference {worst:.0e}).")


def check_softmax_gradient(softmax_loss: Callable, seed: int = SEED) -> None:
    """Compare the gradient of the softmax loss with central differences."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(4, 5)), rng.integers(0, 5, size=4)
    results = ("loss", "grad_x")

    def read(value):
        return np.array(as_float(value, "loss of softmax_loss"))

    loss = Repeated("softmax_loss", softmax_loss, results, (y,), read)
    returned = call("softmax_loss", softmax_loss, {"x": x, "y": y}, results)[1]
    yours = as_array(returned, "grad_x", x.shape)
    numeric = _extrapolated(loss, x)
    right = np.zeros_like(x)
    right[np.arange(len(y)), y] = 1.0
    slips = [
        *_batch_slips(numeric, len(x)),
        (numeric + right / len(x), "The right class needs a further term: look at the numerator."),
        ((len(x) * numeric + right) - right / len(x), "One of its two terms is not divided by N."),
        (len(x) * numeric / x.shape[1], "It is divided by the number of classes, not of examples."),
    ]
    worst = _compare_gradient("grad_x", returned, yours, numeric, slips)
    again = call("softmax_loss", softmax_loss, {"x": x, "y": y}, results)[1]
    if not near(as_array(again, "grad_x", x.shape), numeric, LAYER_TOLERANCE):
        fail(f"softmax_loss {_AGAIN}")
    passed(f"softmax gradient: central differences agree (at most {worst:.0e} apart).")


def check_softmax_stable(softmax_loss: Callable) -> None:
    """Check the softmax loss with scores of plus and minus 1,000.

    Scores that all grow by the same number leave loss and gradient as they are. And a
    loss stays finite where the probability of the right class is too small for a float.
    """
    results = ("loss", "grad_x")
    # Multiples of 1/8: adding 1,000 to them is exact, so nothing may change.
    x = np.array([[0.5, -1.25, 2.0], [0.0, 0.75, -0.375]])
    y = np.array([2, 1])
    plain = _finite_softmax(softmax_loss, x, y, "small scores")
    for shift in (1000.0, -1000.0):
        label = f"scores near {shift:+.0f}"
        moved = _finite_softmax(softmax_loss, x + shift, y, label)
        if not (near(moved[0], plain[0], 1e-12) and near(moved[1], plain[1], 1e-12)):
            fail(
                f"softmax_loss: with {label}, loss or gradient differ from those of the same "
                "scores near 0. Adding a number to all scores of an example changes nothing."
            )
    mixed = np.array([[1000.0, 0.0, -1000.0]])
    for number, expected in ((0, 0.0), (1, 1000.0), (2, 2000.0)):
        loss, grad = _finite_softmax(
            softmax_loss, mixed, np.array([number]), "the scores 1000, 0 and -1000", _LOG_OF_ZERO
        )
        if not near(loss, np.array(expected), 1e-9):
            fail(
                f"softmax_loss: for the scores 1000, 0, -1000 and class {number} the loss is "
                f"{float(loss):.6g}; it is {expected:g}. A small constant inside the logarithm, or "
                "clipping, keeps it finite and makes it wrong."
            )
        if abs(float(grad.sum())) > 1e-12:
            fail("softmax_loss: the gradient of each example adds up to 0. Here it does not.")
    rows = np.array([[1000.0, 999.0], [-1000.0, -1001.0]])
    loss, _ = _finite_softmax(softmax_loss, rows, np.array([0, 0]), "rows at +1000 and at -1000")
    if not near(loss, np.log1p(np.exp(-1.0)), 1e-12):
        fail(
            "softmax_loss: one example with scores near +1000 spoils another one near -1000. "
            "What you subtract belongs to each example by itself."
        )
    call("softmax_loss", softmax_loss, {"x": mixed, "y": np.array([1])}, results)
    passed("softmax is stable for scores between -1000 and 1000.")


_OVERFLOW = (
    "The largest exponential overflows, or all of them vanish. Which number can you subtract from "
    "all scores of an example without changing the loss?"
)
_LOG_OF_ZERO = (
    "If the probability of the right class is rounded to 0, its logarithm is infinite. Simplify "
    "the logarithm of the quotient on paper before you write it."
)


def _finite_softmax(
    softmax_loss: Callable, x, y, label: str, hint: str = _OVERFLOW
) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(all="ignore"):
        loss, grad = call("softmax_loss", softmax_loss, {"x": x, "y": y}, ("loss", "grad_x"))
    value, gradient = np.asarray(loss, np.float64), np.asarray(grad, np.float64)
    if np.all(np.isfinite(value)) and not np.all(np.isfinite(gradient)):
        fail(
            f"softmax_loss: with {label} the gradient is not finite, though the loss is. "
            "Use the stable form for both."
        )
    if not np.all(np.isfinite(value)):
        fail(f"softmax_loss: with {label} the loss is {float(value)}. {hint}")
    return value, as_array(gradient, "grad_x", x.shape)


def _log_share(x: np.ndarray) -> np.ndarray:
    """Return logarithms of softmax along the rows, for slips on small scores."""
    return x - np.logaddexp.reduce(x, axis=1, keepdims=True)


def _chosen(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.take_along_axis(values, y[:, np.newaxis], axis=1)


# --- L2 regularization --------------------------------------------------------------------


def check_l2_loss(l2_regularization: Callable) -> None:
    """Compare the L2 penalty with a stored sample."""
    sample = _sample("l2")
    w, reg, expected = sample["w"], float(sample["reg"]), float(sample["loss"])
    arguments = {"w": w, "reg": reg}
    loss, _ = call("l2_regularization", l2_regularization, arguments, ("loss", "grad_w"))
    yours = as_float(loss, "loss of l2_regularization")
    square = 2.0 * expected / reg
    slips = (
        (2.0 * expected, "The half is missing."),
        (expected / 2.0, "The half is taken twice."),
        (square, "The strength `reg` is not used."),
        (square / 2.0, "The strength `reg` is not used."),
        (expected / w.size, "It is divided by the number of entries; the sum is asked for."),
        (reg / 2.0 * np.sqrt(square), "That is the length of w; its square is asked for."),
        (reg / 2.0 * np.abs(w).sum(), "That is the sum of absolute values: L1, not L2."),
        (reg * expected, "The strength `reg` is used twice."),
    )
    worst = compare(
        "loss", np.array(yours), np.array(expected), FORWARD_TOLERANCE, slips,
        single=is_single(loss),
    )  # fmt: skip
    passed(f"l2 loss: the stored sample agrees (difference {worst:.0e}).")


def check_l2_gradient(l2_regularization: Callable, seed: int = SEED) -> None:
    """Compare the gradient of the L2 penalty with central differences."""
    rng = np.random.default_rng(seed)
    results = ("loss", "grad_w")
    for shape in ((3, 4), (6,)):
        w, reg = rng.normal(size=shape), float(rng.uniform(0.2, 0.8))

        loss = Repeated("l2_regularization", l2_regularization, results, (reg,), _penalty)
        arguments = {"w": w, "reg": reg}
        returned = call("l2_regularization", l2_regularization, arguments, results)[1]
        yours = as_array(returned, "grad_w", w.shape)
        # The penalty is quadratic: central differences have no truncation error.
        numeric = numeric_gradient_of_array(loss, (w,), np.array(1.0), h=_LINEAR_STEP)[0]
        slips = (
            (2.0 * numeric, "The 2 of the derivative meets a half. Look at both."),
            (numeric / reg, "The strength `reg` is missing."),
            (numeric / 2.0, "A factor of 2 is missing. Derive the square once more."),
            (numeric + w, "w itself is in it: return the gradient of the penalty alone."),
        )
        worst = _compare_gradient("grad_w", returned, yours, numeric, slips)
    passed(f"l2 gradient: central differences agree (at most {worst:.0e} apart).")


def _penalty(value: object) -> np.ndarray:
    return np.array(as_float(value, "loss of l2_regularization"))


# --- Classifiers --------------------------------------------------------------------------

_SIZES = {"N": 3, "D": 4, "C": 5, "H": 6}


def check_two_layer_parameters(build: Callable) -> None:
    """Check names, shapes and first values of the parameters of a two-layer network.

    Parameters
    ----------
    build : callable
        The student's class.
    """
    D, C, H = _SIZES["D"], _SIZES["C"], _SIZES["H"]
    model = _built(build, D, C, H)
    found = _parameters(model)
    _roles(found, D, C, H)
    large = _parameters(_built(build, 300, 50, 200, 0.05))
    roles = _roles(large, 300, 50, 200)
    for role in ("b1", "b2"):
        if np.any(large[roles[role]] != 0):
            fail(f"The bias {roles[role]} does not start at zero.")
    for role in ("W1", "W2"):
        _check_gaussian(roles[role], large[roles[role]], 0.05)
    first, second = (_parameters(_built(build, D, C, H)) for _ in range(2))
    role = _roles(first, D, C, H)["W1"]
    if np.array_equal(first[role], second[role]):
        fail(
            f"Two new networks have the same {role}. Draw the weights anew each time; a fixed "
            "seed belongs to the caller."
        )
    _check_own_arrays(model, found, _roles(found, D, C, H))
    passed(f"net parameters: {', '.join(found)} have the right shapes and first values.")


def _check_gaussian(name: str, value: np.ndarray, scale: float) -> None:
    if not np.any(value):
        fail(f"{name} starts at zero. All hidden units would stay alike: draw random weights.")
    spread = float(value.std())
    if not 0.94 * scale < spread < 1.06 * scale:
        fail(
            f"The standard deviation of {name} is {spread:.3g} at the start; weight_scale is "
            f"{scale:g}. Draw Gaussian numbers, and multiply them by weight_scale."
        )
    # About 0.046 of Gaussian numbers lie further out than two deviations, none of uniform ones.
    outside = float(np.mean(np.abs(value) > 2.0 * scale))
    if abs(float(value.mean())) > 0.06 * scale or not 0.03 < outside < 0.065:
        fail(f"{name} is not Gaussian with mean 0 at the start: use a normal distribution.")


def _check_own_arrays(model, found: dict, roles: dict) -> None:
    """See whether changing the arrays that parameters() gives changes the model."""
    rng = np.random.default_rng(SEED)
    X = rng.normal(size=(_SIZES["N"], _SIZES["D"]))
    before = _scores(model, X)
    changed = {k: v + 1.0 for k, v in found.items()}
    _set(model, changed)
    now = _parameters(model)
    after = _scores(model, X)
    for role, name in roles.items():
        if not np.array_equal(now[name], changed[name]) or np.array_equal(before, after):
            fail(
                "parameters() gives copies, so an optimizer could never change the model. "
                f"Changing {name} in place had no effect (it plays the part of {role}). "
                "Return the very arrays that forward uses, the same ones at every call."
            )
    for name in roles.values():
        _set(model, changed)
        _set(model, {**changed, name: changed[name] + 1.0})
        if np.array_equal(_scores(model, X), after):
            fail(
                f"The scores do not depend on {name} as parameters() gives it. Is it a copy, or "
                "is it not used in forward?"
            )


def check_two_layer_forward(build: Callable) -> None:
    """Compare the scores of a two-layer network with a stored sample."""
    sample = _sample("net")
    model = _built(build, _SIZES["D"], _SIZES["C"], _SIZES["H"])
    roles = _roles(_parameters(model), _SIZES["D"], _SIZES["C"], _SIZES["H"])
    _set(model, {name: sample[role] for role, name in roles.items()})
    yours = _scores(model, sample["X"])
    hidden = np.einsum("nd,dh->nh", sample["X"], sample["W1"]) + sample["b1"]
    linear = np.einsum("nh,hc->nc", hidden, sample["W2"]) + sample["b2"]
    slips = (
        (linear, "ReLU between the two layers is missing."),
        (np.maximum(sample["scores"], 0.0), "There is a ReLU after the last layer; scores may be "
         "negative."),
        (sample["scores"] - sample["b2"], "The second bias is missing."),
    )  # fmt: skip
    worst = compare("scores", yours, sample["scores"], FORWARD_TOLERANCE, slips)
    passed(f"net forward: the stored sample agrees (largest difference {worst:.0e}).")


def check_two_layer_backward(build: Callable, seed: int = SEED) -> None:
    """Compare the gradients of a two-layer network with central differences.

    The inputs and weights are drawn so that no step crosses a kink of ReLU.
    """
    N, D, C, H = (_SIZES[k] for k in "NDCH")
    rng = np.random.default_rng(seed)
    model = _built(build, D, C, H)
    roles = _roles(_parameters(model), D, C, H)
    X, values = _away_from_kinks(rng, N, D, C, H)
    worst = _check_model_gradients(model, {n: values[r] for r, n in roles.items()}, X, C, rng)
    passed(f"net backward: gradients and central differences agree (at most {worst:.0e} apart).")


def check_linear_classifier(build: Callable, seed: int = SEED) -> None:
    """Compare the gradients of the given linear classifier with central differences."""
    N, D, C = (_SIZES[k] for k in "NDC")
    rng = np.random.default_rng(seed)
    model = build(input_dim=D, num_classes=C)
    values = {"W": rng.normal(size=(D, C)), "b": rng.normal(size=C)}
    worst = _check_model_gradients(model, values, rng.normal(size=(N, D)), C, rng)
    passed(f"linear classifier: central differences agree (at most {worst:.0e} apart).")


def _check_model_gradients(
    model,
    values: dict,
    X: np.ndarray,
    classes: int,
    rng,
    slopes: dict[str, np.ndarray] | None = None,
) -> float:
    """Compare a model's gradients with central differences; return the largest difference.

    ``slopes``, where they are known already, are the derivatives of the scores: for each
    parameter ndarray, (*shape, examples, classes).
    """
    grad_scores = rng.normal(size=(len(X), classes))
    other = rng.normal(size=X.shape)
    _set(model, values)
    _, cache = call("forward", model.forward, {"X": X}, ("scores", "cache"))
    call("forward", model.forward, {"X": other}, ("scores", "cache"))
    yours = _model_gradients(model, grad_scores, cache, values)
    if slopes is None:
        numeric = {k: _numeric_of_parameter(model, values, k, X, grad_scores) for k in values}
    else:
        numeric = {k: (slope * grad_scores).sum(axis=(-2, -1)) for k, slope in slopes.items()}
        _set(model, values)
    worst = 0.0
    for name in values:
        slips = _slips_of_parameter(model, values, name, (X, other), grad_scores, numeric[name])
        worst = max(
            worst,
            compare(
                f"The gradient of {name}, ", yours[name], numeric[name], MODEL_TOLERANCE, slips,
                source="central differences give",
            ),
        )  # fmt: skip
    again = _model_gradients(model, grad_scores, cache, values)
    for name in values:
        if not near(again[name], numeric[name], MODEL_TOLERANCE):
            fail(f"The gradient of {name}: backward {_AGAIN}")
    now = _parameters(model)
    if any(not np.array_equal(now[k], values[k]) for k in values):
        fail("backward changes the parameters. It returns gradients; the optimizer does the rest.")
    return worst


def _slips_of_parameter(
    model, values: dict, name: str, inputs: tuple, grad_scores, numeric: np.ndarray
) -> Iterator[tuple[np.ndarray, str]]:
    """Yield wrong gradients; the first, which costs many calls, only to whom is wrong."""
    yield _numeric_of_parameter(model, values, name, inputs[1], grad_scores), _STATE
    yield from _batch_slips(numeric, len(inputs[0]))
    yield numeric + values[name], f"{name} itself is in it. Is the penalty added here?"


def _model_gradients(model, grad_scores, cache, values: dict) -> dict[str, np.ndarray]:
    arguments = {"grad_scores": grad_scores, "cache": cache}
    returned = call("backward", model.backward, arguments)
    if not isinstance(returned, dict):
        fail(f"backward returned {type(returned).__name__}; a dictionary of gradients is expected.")
    if set(returned) != set(values):
        fail(
            f"backward returns gradients named {', '.join(map(str, returned))}; parameters() has "
            f"{', '.join(values)}. Use the same names."
        )
    return {
        k: as_array(returned[k], f"The gradient of {k}", v.shape).copy() for k, v in values.items()
    }


def _numeric_of_parameter(model, values: dict, name: str, X, grad_scores) -> np.ndarray:
    scores = _MovedScores(model, values, name, X)
    slopes = numeric_gradient_of_array(
        scores, (values[name],), grad_scores, h=_LINEAR_STEP, argnum=0
    )
    _set(model, values)
    return slopes


@dataclass(frozen=True)
class _MovedScores:
    """The scores of a model as a function of one of its parameters, for many values at once."""

    model: Any
    values: dict[str, np.ndarray]
    name: str
    X: np.ndarray

    def __call__(self, moved: np.ndarray) -> np.ndarray:
        return self.__call_each__([(moved,)], np.asarray)[0]

    def __call_each__(self, rows: Sequence[tuple], then: Callable) -> list:
        points = [({**self.values, self.name: moved}, self.X) for (moved,) in rows]
        return call_each(
            self.model.scores_with, points, lambda scores: then(_read_scores(scores, len(self.X)))
        )


def _built(build: Callable, input_dim: int, num_classes: int, hidden: int, scale: float = 1e-3):
    try:
        return build(
            input_dim=input_dim, num_classes=num_classes, hidden_dim=hidden, weight_scale=scale
        )
    except NotImplementedError:
        fail("TwoLayerNet is not written yet: begin with its `__init__`.")


def _parameters(model) -> dict[str, np.ndarray]:
    found = call("parameters", model.parameters, {})
    if not isinstance(found, dict) or not found:
        fail(f"parameters() returned {type(found).__name__}; a dictionary of arrays is expected.")
    for name, value in found.items():
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            fail(f"parameters()[{name!r}] is not an array of floating-point numbers.")
    return {name: np.array(value, np.float64) for name, value in found.items()}


def _roles(found: dict, D: int, C: int, H: int) -> dict[str, str]:
    """Tell by the shapes which parameter is which; sizes are chosen to differ."""
    wanted = {"W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)}
    names = {}
    for role, shape in wanted.items():
        fitting = [name for name, value in found.items() if value.shape == shape]
        if len(fitting) != 1:
            listing = ", ".join(f"{k} {v.shape}" for k, v in found.items())
            fail(
                f"With input_dim={D}, num_classes={C}, hidden_dim={H} the parameters are "
                f"{listing}. Exactly one of shape {shape} is expected. Shapes: w is (inputs, "
                "outputs), b is (outputs,)."
            )
        names[role] = fitting[0]
    if len(found) != 4:
        fail(f"There are {len(found)} parameters; a two-layer network has four.")
    return names


def _set(model, values: dict) -> None:
    call("parameters", model.set_parameters, {"values": values})


def _scores(model, X: np.ndarray) -> np.ndarray:
    scores, _ = call("forward", model.forward, {"X": X}, ("scores", "cache"))
    return _read_scores(scores, len(X))


def _read_scores(scores: Any, examples: int) -> np.ndarray:
    value = np.asarray(scores)
    if value.ndim != 2 or len(value) != examples:
        fail(
            f"The scores have shape {value.shape}; one row for each of {examples} examples, please."
        )
    return as_array(scores, "scores", value.shape)


# --- Inside -------------------------------------------------------------------------------


def _sample(name: str) -> dict[str, np.ndarray]:
    text = (resources.files("chainrule.neuralnet") / "samples" / "layers.json").read_text("utf-8")
    return {key: np.array(value) for key, value in json.loads(text)[name].items()}


def _one_array(name: str, returned):
    if isinstance(returned, (tuple, list)):
        fail(f"{name} returned {len(returned)} things; the gradient alone is expected.")
    return returned


def _batch_slips(numeric: np.ndarray, count: int) -> list[tuple[np.ndarray, str]]:
    return [
        (numeric / count, "It is divided by the size of the minibatch once too often. The mean "
         "over the minibatch belongs to the loss, and to the loss only."),
        (numeric * count, "It is not divided by the size of the minibatch: the loss is a mean."),
        (-numeric, "The sign is wrong everywhere."),
    ]  # fmt: skip


def _compare_gradient(name: str, returned, yours, numeric, slips) -> float:
    return compare(
        name, yours, numeric, LAYER_TOLERANCE, slips, source="central differences give",
        single=is_single(returned),
    )  # fmt: skip


def _extrapolated(function: Callable, x: np.ndarray) -> np.ndarray:
    """Combine three step sizes: the error falls with the sixth power of the step."""
    one = np.array(1.0)
    coarse, middle, fine = (
        numeric_gradient_of_array(function, (x,), one, h=_SMOOTH_STEP / k)[0] for k in (1, 2, 4)
    )
    first, second = (4.0 * middle - coarse) / 3.0, (4.0 * fine - middle) / 3.0
    return (16.0 * second - first) / 15.0


def _away_from_zero(rng, shape: tuple[int, ...]) -> np.ndarray:
    sign = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    sign.flat[:2] = (-1.0, 1.0)  # at least one of each, whatever the seed
    return sign * rng.uniform(_MARGIN, 2.0, size=shape)


def _away_from_kinks(rng, N: int, D: int, C: int, H: int) -> tuple[np.ndarray, dict]:
    """Draw inputs and weights until each hidden value is far from 0."""
    while True:
        X = rng.uniform(-1.0, 1.0, size=(N, D))
        values = {"W1": rng.normal(size=(D, H)), "b1": rng.normal(size=H)}
        hidden = np.einsum("nd,dh->nh", X, values["W1"]) + values["b1"]
        on = hidden > 0
        if np.abs(hidden).min() > 5 * _LINEAR_STEP and np.any(on.any(axis=1) & ~on.all(axis=1)):
            values |= {"W2": rng.normal(size=(H, C)), "b2": rng.normal(size=C)}
            return X, values
