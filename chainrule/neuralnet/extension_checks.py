"""Checks of the optional parts of ``neuralnet/cifar.ipynb``; they give no points."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from chainrule.checks.arrays import Repeated, as_array, call, compare
from chainrule.checks.core import fail, passed
from chainrule.gradcheck import numeric_gradient_of_array
from chainrule.neuralnet.checks import _check_model_gradients, _MovedScores
from chainrule.runtime import call_each

SEED = 442
TOLERANCE = 1e-8
_SIZES = (4, 6, 7, 3, 5)
#: On either side of a parameter of the deep network.
_STEP = 0.011


def _is_open(function: Callable, *arguments) -> bool:
    """Tell whether an optional task was left out."""
    try:
        function(*arguments)
    except NotImplementedError:
        return True
    return False


def check_activations(functions: dict[str, tuple[Callable, Callable]], seed: int = SEED) -> None:
    """Check activation layers: known values, central differences, large inputs.

    Parameters
    ----------
    functions : dict of str to (forward, backward)
        ``sigmoid``, ``tanh``, ``elu``. What was left out is skipped.
    seed : int
        Seed of the inputs.

    Raises
    ------
    CheckFailed
        For one that was written and is wrong.
    """
    points = {
        "sigmoid": ((0.0, 0.5), (np.log(3.0), 0.75)),
        "tanh": ((0.0, 0.0), (np.log(3.0), 0.8)),
        "elu": ((2.0, 2.0), (-np.log(2.0), -0.5)),
    }
    for name, (forward, backward) in functions.items():
        if _is_open(forward, np.ones((1, 1))):
            print(f"{name} was left out; it is optional.")
            continue
        for x, expected in points[name]:
            out, _ = call(f"{name}_forward", forward, {"x": np.full((1, 1), x)}, ("out", "cache"))
            yours = as_array(out, f"{name}_forward({x:.4g})", (1, 1))
            compare(f"{name}_forward({x:.4g})", yours, np.full((1, 1), expected), 1e-12)
        _check_slope(name, forward, backward, seed)
        _check_large(name, forward, backward)
        passed(f"{name}: values, gradient and large inputs.")


def _check_slope(name: str, forward: Callable, backward: Callable, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, grad_out = rng.uniform(0.05, 3.0, size=(4, 5)), rng.normal(size=(4, 5))
    x *= np.where(rng.random(x.shape) < 0.5, -1.0, 1.0)  # away from the joint of ELU

    def read(value):
        return as_array(value, "out", grad_out.shape)

    out = Repeated(f"{name}_forward", forward, ("out", "cache"), read=read)

    def slope(h):
        return numeric_gradient_of_array(out, (x,), grad_out, h=h)[0]

    cache = call(f"{name}_forward", forward, {"x": x}, ("out", "cache"))[1]
    arguments = {"grad_out": grad_out, "cache": cache}
    yours = as_array(call(f"{name}_backward", backward, arguments), "grad_x", x.shape)
    numeric = (4.0 * slope(0.0025) - slope(0.005)) / 3.0
    slips = ((numeric / grad_out, "The upstream gradient is missing."),)
    compare(f"{name}: grad_x", yours, numeric, TOLERANCE, slips, "central differences give")


def _check_large(name: str, forward: Callable, backward: Callable) -> None:
    limits = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "elu": (-1.0, 1000.0)}[name]
    slopes = {"sigmoid": (0.0, 0.0), "tanh": (0.0, 0.0), "elu": (0.0, 1.0)}[name]
    with np.errstate(all="ignore"):
        given = {"x": np.array([[-1000.0, 1000.0]])}
        out, cache = call(f"{name}_forward", forward, given, ("out", "cache"))
        yours = as_array(out, f"{name}_forward of -1000 and 1000", (1, 2))
        compare(f"{name}_forward of -1000 and 1000, ", yours, np.array([limits]), 1e-12)
        back = call(f"{name}_backward", backward, {"grad_out": np.ones((1, 2)), "cache": cache})
        grad = as_array(back, f"{name}_backward at -1000 and 1000", (1, 2))
    compare(f"{name}_backward at -1000 and 1000, ", grad, np.array([slopes]), 1e-12)


def check_deep_net(build: Callable, seed: int = SEED) -> None:
    """Check a network with any number of hidden layers against central differences.

    Parameters
    ----------
    build : callable
        ``build(input_dim=..., num_classes=..., hidden_dims=...)``.
    seed : int
        Seed of inputs and parameters.
    """
    D, *hidden, C = _SIZES
    try:
        model = build(input_dim=D, num_classes=C, hidden_dims=tuple(hidden))
        names = {k: np.shape(v) for k, v in model.parameters().items()}
    except NotImplementedError:
        print("The deep network was left out; it is optional.")
        return
    pairs = list(itertools.pairwise(_SIZES))
    wanted = sorted([*pairs, *((k,) for _, k in pairs)])
    if sorted(names.values()) != wanted:
        fail(f"With hidden_dims={tuple(hidden)} the shapes are {names}; expected: {wanted}.")
    rng = np.random.default_rng(seed)
    for _ in range(200):
        values = {k: rng.normal(size=s) for k, s in names.items()}
        X = rng.uniform(-1.0, 1.0, size=(3, D))
        slopes = _slopes_of_scores(model, values, X)
        if slopes is not None:
            worst = _check_model_gradients(model, values, X, C, rng, slopes)
            passed(f"deep network: central differences agree (at most {worst:.0e} apart).")
            return
    fail("The scores of the deep network are not smooth in its parameters at any of 200 points.")


def _slopes_of_scores(model, values: dict, X: np.ndarray) -> dict[str, np.ndarray] | None:
    """Return the derivatives of the scores in each parameter; None where a kink is near.

    Around the point the scores are linear in each parameter: both sides of a step tell
    that, and with it the derivative, without an error of truncation.
    """
    middle = _scores_with(model, values, X)
    slopes = {}
    for name, value in values.items():
        places = list(np.ndindex(value.shape))
        points = [_moved(value, place, step) for place in places for step in (_STEP, -_STEP)]
        sides = np.array(
            call_each(_MovedScores(model, values, name, X), [(p,) for p in points], np.array)
        ).reshape(len(places), 2, *middle.shape)
        if np.abs(sides[:, 0] + sides[:, 1] - 2.0 * middle).max() > 1e-10:
            return None
        steps = [
            above[place] - below[place]
            for place, above, below in zip(places, points[::2], points[1::2], strict=True)
        ]
        change = sides[:, 0] - sides[:, 1]
        slopes[name] = (change / np.reshape(steps, (-1, 1, 1))).reshape(*value.shape, *middle.shape)
    return slopes


def _moved(value: np.ndarray, place: tuple[int, ...], step: float) -> np.ndarray:
    moved = value.copy()
    moved[place] += step
    return moved


def _scores_with(model, values: dict, X: np.ndarray) -> np.ndarray:
    call("set_parameters", model.set_parameters, {"values": values})
    scores = call("forward", model.forward, {"X": X}, ("scores", "cache"))[0]
    return as_array(scores, "scores", (len(X), _SIZES[-1]))


def check_momentum(build: Callable) -> None:
    """Check SGD with momentum: it follows a known path, one memory for each parameter.

    Parameters
    ----------
    build : callable
        ``build(params, learning_rate, momentum)``.
    """
    params = {"first": np.array([1.0, -2.0]), "second": np.array([[0.5]])}
    try:
        optimizer = build(params, 0.1, 0.5)
        # Speeds grow 1, 1.5, 1.75, ... times the step of plain SGD for a constant gradient.
        grads = {"first": np.array([1.0, 2.0]), "second": np.array([[-4.0]])}
        kept = {k: v.copy() for k, v in grads.items()}
        for count, total in ((1, 0.1), (2, 0.25), (3, 0.425)):
            optimizer.step(grads)
            for name, start in (("first", [1.0, -2.0]), ("second", [[0.5]])):
                expected = np.array(start) - total * kept[name]
                slips = (
                    (np.array(start), "The parameter did not move: change it in place."),
                    (np.array(start) - 0.1 * count * kept[name], "That is plain SGD: nothing is "
                     "remembered from step to step."),
                )  # fmt: skip
                compare(f"After {count} steps, {name}", params[name], expected, 1e-12, slips)
    except NotImplementedError:
        print("SGD with momentum was left out; it is optional.")
        return
    if any(not np.array_equal(grads[k], kept[k]) for k in grads):
        fail("The optimizer changes the gradients that it is given.")
    passed("momentum: the parameters follow the known path.")
