"""Checks for the assignment ``modules``: layers as classes, a network, and runs on Iris.

Forward passes are compared with the definitions in the tasks, backward passes with
central differences of the student's own forward pass.

The student's objects are only ever asked through their methods, in `_ask`, and
what comes back is numbers, arrays, lists and dicts: the objects themselves may live
in another process. ``read_parameters``, ``write_parameters`` and ``read_gradients``
belong to the given base classes.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.checks.arrays import as_array, near, worst
from chainrule.checks.core import as_float, describe, fail, passed
from chainrule.checks.inspect_source import source_of
from chainrule.data import load_iris
from chainrule.gradcheck import numeric_gradient_of_array
from chainrule.modules.iris_results import ResultsError, load_results
from chainrule.modules.layers import Scale
from chainrule.modules.losses import SquaredError
from chainrule.runtime import call_each

SEED = 442

#: Forward passes agree up to rounding; the values are of size 1.
FORWARD_TOLERANCE = 1e-9

#: Central differences with h = 1e-6 are right to about 1e-9 for values of size 1.
GRADIENT_TOLERANCE = 1e-6

#: What the text of the assignment asks of the runs on Iris.
FEWEST_RUNS = 4
LARGEST_TEST_ERROR = 0.1

_ONCE_MORE = "The same call gives another result the second time"


# --- ReLU --------------------------------------------------------------------------------


def check_relu_forward(relu: Callable, seed: int = SEED) -> None:
    """Compare ReLU's forward pass with its definition.

    Parameters
    ----------
    relu : callable
        The student's class.
    seed : int
        Seed of the inputs.

    Raises
    ------
    CheckFailed
        With a guess at the reason.
    """
    activation = relu()
    for shape in ((4, 3), (1, 5), (6, 1)):
        Z = _away_from_zero(np.random.default_rng(seed), shape)
        Y = _pure(activation, "ReLU", "forward", {"Z": Z}, shape)
        if np.any(Y[Z > 0] != Z[Z > 0]):
            fail("ReLU.forward changes positive entries. They should pass as they are.")
        if np.any(Y[Z < 0] != 0):
            worst = _entry(Y, np.where(Z < 0, np.abs(Y), 0.0))
            fail(f"ReLU.forward: negative entries should become 0, and {worst} is not.")
    _without_loops(activation, "ReLU", "forward")
    passed("ReLU forward: positive entries stay, negative ones become 0.")


def check_relu_backward(relu: Callable, seed: int = SEED) -> None:
    """Compare ReLU's backward pass with central differences, away from the kink."""
    activation = relu()
    rng = np.random.default_rng(seed)
    Z, dY = _away_from_zero(rng, (4, 3)), rng.normal(size=(4, 3))
    _ask(activation, "ReLU", "forward", -Z)  # an activation may not remember this
    dZ = _pure(activation, "ReLU", "backward", {"Z": Z, "dY": dY}, Z.shape)
    forward = _Forward(activation, "ReLU")
    numeric = _numeric(forward, Z, dY)

    def slips() -> Iterator[tuple[np.ndarray, str]]:
        yield dY, "That is the upstream gradient, unchanged. Not every entry lets it pass."
        yield (
            numeric / dY,
            "That is the local derivative alone; the upstream gradient is missing.",
        )
        yield np.where(dY > 0, dY, 0.0), "Whose sign decides: that of dY, or that of Z?"
        yield (
            _numeric(forward, -Z, dY),
            "It belongs to the Z of an earlier forward pass. An activation keeps nothing "
            "between calls: use the Z that backward is given.",
        )
        yield Z * numeric, "A factor of Z is too much."

    _compare("ReLU.backward", "dL/dZ", dZ, numeric, slips())
    _without_loops(activation, "ReLU", "backward")
    passed("ReLU backward: the gradient agrees with central differences.")


# --- Fully-connected layer ---------------------------------------------------------------


def check_fc_forward(fully_connected: Callable, seed: int = SEED) -> None:
    """Check the first values of the parameters, and compare the output with its definition.

    Parameters
    ----------
    fully_connected : callable
        The student's class.
    seed : int
        Seed of inputs and parameters.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(5, 4))
    layer = fully_connected(3, "tanh")
    first = _pure_layer(layer, X, (5, 3))
    parameters = _parameters(layer, 4, 3)
    if np.any(parameters["b"] != 0):
        fail("FullyConnected: the bias should start at zero.")
    again = as_array(_ask(layer, "FullyConnected", "forward", X), "the output", (5, 3))
    if np.any(again != first):
        fail(
            f"FullyConnected.forward: {_ONCE_MORE}. Are the parameters drawn anew in every forward "
            "pass? They should be drawn once, when the layer sees its first input."
        )
    _check_initialiser(fully_connected, X)

    W, b = rng.normal(size=(4, 3)), rng.normal(size=(1, 3))
    _ask(layer, "FullyConnected", "write_parameters", {"W": W, "b": b})
    Y = as_array(_ask(layer, "FullyConnected", "forward", X), "the output", (5, 3))
    scores = _weighted_sums(X, W, b)
    _compare_forward(
        "FullyConnected.forward",
        Y,
        np.tanh(scores),
        (
            (
                first,
                "The output did not change when the arrays in `parameters` did: forward works "
                "with other arrays than those. Put the arrays themselves into `parameters`, no "
                "copies, and use them in forward.",
            ),
            (scores, "The activation is missing: return act(Z), not Z."),
            (np.tanh(_weighted_sums(X, W, 0 * b)), "The bias is missing."),
            (np.tanh(_weighted_sums(X, W, -b)), "The bias has the wrong sign."),
        ),
    )
    longer = rng.normal(size=(7, 4))
    Y = as_array(_ask(layer, "FullyConnected", "forward", longer), "the output", (7, 3))
    _compare_forward(
        "FullyConnected.forward, second batch", Y, np.tanh(_weighted_sums(longer, W, b)), ()
    )
    _without_loops(layer, "FullyConnected", "forward")
    passed("FullyConnected forward: parameters and output are right.")


def check_fc_backward(fully_connected: Callable, seed: int = SEED) -> None:
    """Compare the gradients of a fully-connected layer with central differences."""
    rng = np.random.default_rng(seed)
    for m, activation in ((5, "tanh"), (1, "linear")):
        _check_fc_gradients(fully_connected, rng, m, activation)
    _without_loops(fully_connected(3, "tanh"), "FullyConnected", "backward")
    passed("FullyConnected backward: dL/dW, dL/db and dL/dX agree with central differences.")


def _check_fc_gradients(fully_connected: Callable, rng, m: int, activation: str) -> None:
    name = "FullyConnected"
    X, dY = rng.normal(size=(m, 4)), rng.normal(size=(m, 3))
    values = {"W": 0.5 * rng.normal(size=(4, 3)), "b": rng.normal(size=(1, 3))}
    layer = fully_connected(3, activation)
    _ask(layer, name, "forward", X)
    _parameters(layer, 4, 3)
    _ask(layer, name, "write_parameters", values)
    _ask(layer, name, "forward", X)
    given = dY.copy()
    dX = _ask(layer, name, "backward", given)
    if np.any(given != dY):
        fail(f"{name}.backward changes dLdY in place. Look for `*=` or `[...] =`; use a new name.")
    dX = as_array(dX, "what backward returns, dL/dX,", (m, 4))
    gradients = _ask(layer, name, "read_gradients")
    if set(gradients) != {"W", "b"}:
        fail(
            f"{name}.backward stored gradients under {_names(gradients)}; they need the names of "
            "the parameters, 'W' and 'b'."
        )
    found = {"X": dX}
    for key, shape in (("W", (4, 3)), ("b", (1, 3))):
        found[key] = _gradient_array(gradients[key], key, shape, m)
    kept = _ask(layer, name, "read_parameters")
    if any(np.any(kept[key] != values[key]) for key in values):
        fail(f"{name}.backward changes the parameters. Only the optimizer should move them.")

    def through(key):
        def output(value):
            _ask(
                layer, name, "write_parameters", {**values, **({key: value} if key != "X" else {})}
            )
            return as_array(
                _ask(layer, name, "forward", value if key == "X" else X), "the output", (m, 3)
            )

        return output

    def scores(key):
        def linear(value):
            point = {**values, "X": X, key: value}
            return _weighted_sums(point["X"], point["W"], point["b"])

        return linear

    points = {"X": X, **values}
    numeric = {key: _numeric(through(key), points[key], dY) for key in points}
    ignored = {key: _numeric(scores(key), points[key], dY) for key in points}
    for key in ("W", "b", "X"):
        _compare(
            f"{name}.backward",
            f"dL/d{key}",
            found[key],
            numeric[key],
            (
                (
                    ignored[key],
                    "That would be right without the activation. dL/dY has to pass through the "
                    "activation's backward first.",
                ),
                *_size_slips(numeric[key], m),
            ),
        )
    _ask(layer, name, "write_parameters", values)
    _ask(layer, name, "forward", X)
    _ask(layer, name, "backward", dY.copy())
    second = _ask(layer, name, "read_gradients")
    for key in ("W", "b"):
        if not near(np.asarray(second[key]), found[key], GRADIENT_TOLERANCE):
            fail(
                f"{name}.backward: {_ONCE_MORE} (dL/d{key}). Are gradients added to those of the "
                "call before? Each backward pass replaces them."
            )


def _check_initialiser(fully_connected: Callable, X: np.ndarray) -> None:
    for scheme, value in (("zeros", 0.0), ("ones", 1.0)):
        layer = fully_connected(3, "linear", scheme)
        _ask(layer, "FullyConnected", "forward", X)
        if np.any(_parameters(layer, 4, 3)["W"] != value):
            fail(
                f"FullyConnected(3, 'linear', '{scheme}') does not start with {scheme}. "
                "Draw W with `initialize` and the scheme that the layer was given."
            )
    weights = []
    for seed in (1, 1, 2):
        layer = fully_connected(3, "linear", "xavier_uniform", seed)
        _ask(layer, "FullyConnected", "forward", X)
        weights.append(_parameters(layer, 4, 3)["W"])
    limit = math.sqrt(6 / 7)
    if np.any(np.abs(weights[0]) > limit) or np.ptp(weights[0]) == 0:
        fail(
            "FullyConnected: the weights do not look like Xavier's uniform ones for 4 inputs and 3 "
            "outputs. Hand the shape (n_in, n_out) to `initialize`, and use what it returns."
        )
    if np.any(weights[0] != weights[1]) or np.all(weights[0] == weights[2]):
        fail(
            "FullyConnected: the same seed should give the same weights, and another seed others. "
            "Hand the layer's seed to `initialize`."
        )


def _parameters(layer, n_in: int, n_out: int) -> dict[str, np.ndarray]:
    found = _ask(layer, "FullyConnected", "read_parameters")
    if set(found) != {"W", "b"}:
        fail(
            f"After the first forward pass `parameters` holds {_names(found)}; it should hold "
            "'W' and 'b'."
        )
    for key, shape in (("W", (n_in, n_out)), ("b", (1, n_out))):
        actual = np.shape(found[key])
        if actual != shape:
            turned = " It looks transposed." if actual == shape[::-1] and key == "W" else ""
            flat = " Keep two axes, so that a bias is a row." if actual == (n_out,) else ""
            fail(f"parameters['{key}'] has shape {actual}; expected {shape}.{turned}{flat}")
    return {key: np.asarray(value, dtype=np.float64) for key, value in found.items()}


def _gradient_array(value, key: str, shape: tuple[int, ...], m: int) -> np.ndarray:
    actual = np.shape(value)
    if key == "b" and actual in ((m, 1), (m,)) and m != shape[1]:
        fail(
            f"gradients['b'] has shape {actual}; expected {shape}. There is one number for each "
            f"example: that is a sum over the wrong axis."
        )
    if key == "b" and actual == (shape[1],):
        fail(
            f"gradients['b'] has shape {actual}; expected {shape}, the shape of b. "
            "The sum has dropped an axis that should stay."
        )
    if key == "b" and actual == (m, shape[1]) and actual != shape:
        fail(
            f"gradients['b'] has shape {actual}; expected {shape}. The same row b is used for "
            "every example. What happens to the gradients of copies?"
        )
    if key == "W" and actual == shape[::-1]:
        fail(f"gradients['W'] has shape {actual}; expected {shape}. It is transposed.")
    return as_array(value, f"gradients['{key}']", shape)


def _weighted_sums(X, W, b) -> np.ndarray:
    """Return Z = XW + 1b as the task defines it, entry by entry."""
    (m, n_in), n_out = np.shape(X), np.shape(W)[1]
    return np.array(
        [
            [math.fsum(X[i, k] * W[k, j] for k in range(n_in)) + b[0, j] for j in range(n_out)]
            for i in range(m)
        ]
    )


# --- Softmax -----------------------------------------------------------------------------


def check_softmax_forward(softmax: Callable, seed: int = SEED) -> None:
    """Compare softmax with its definition, and try very large scores."""
    activation = softmax()
    rng = np.random.default_rng(seed)
    for shape in ((4, 3), (1, 5), (3, 2)):
        Z = rng.normal(size=shape)
        Y = _pure(activation, "SoftMax", "forward", {"Z": Z}, shape)
        expected = np.array([_shares(row) for row in Z])
        _compare_forward(
            "SoftMax.forward",
            Y,
            expected,
            (
                (
                    np.array([_shares(column) for column in Z.T]).T,
                    "The columns add up to 1. Each row is one example, and its entries should.",
                ),
                (
                    np.exp(Z) / math.fsum(np.exp(Z).ravel()),
                    "All entries together add up to 1. Each row should, on its own.",
                ),
                (np.exp(Z), "The exponentials are not divided by anything yet."),
            ),
        )
    _check_large_scores(activation)
    _without_loops(activation, "SoftMax", "forward")
    passed("SoftMax forward: rows of probabilities, for small and for very large scores.")


def check_softmax_backward(softmax: Callable, seed: int = SEED) -> None:
    """Compare softmax's backward pass with central differences."""
    activation = softmax()
    rng = np.random.default_rng(seed)
    for shape in ((4, 3), (1, 5)):
        Z, dY = rng.normal(size=shape), rng.normal(size=shape)
        # An activation may not remember this.
        _ask(activation, "SoftMax", "forward", Z[::-1, ::-1].copy() + 0.5)
        dZ = _pure(activation, "SoftMax", "backward", {"Z": Z, "dY": dY}, shape)

        forward = _Forward(activation, "SoftMax")
        numeric = _numeric(forward, Z, dY)
        slips = _softmax_slips(forward, Z, dY, numeric)
        _compare("SoftMax.backward", "dL/dZ", dZ, numeric, slips)
    passed("SoftMax backward: the gradient agrees with central differences.")


def _softmax_slips(
    forward: Callable, Z: np.ndarray, dY: np.ndarray, numeric: np.ndarray
) -> Iterator[tuple[np.ndarray, str]]:
    """Yield wrong gradients; the first, which costs many calls, only to whom is wrong."""
    own = np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        only = np.zeros(Z.shape)
        only[place] = dY[place]
        own[place] = _numeric(forward, Z, only)[place]
    yield (
        own,
        "Only the diagonal of the Jacobian is there. Each score also moves the other "
        "probabilities of its row.",
    )
    yield dY, "That is the upstream gradient, unchanged."
    yield -numeric, "The sign is wrong."
    yield from _size_slips(numeric, len(Z))


def _check_large_scores(activation) -> None:
    Z = np.array([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -1000.0]])
    Y = np.asarray(_ask(activation, "SoftMax", "forward", Z.copy()), dtype=np.float64)
    if not np.all(np.isfinite(Y)):
        fail(
            "SoftMax.forward gives NaN or infinity for scores of 1000 or -1000: exp(1000) is too "
            "large for a float, and exp(-1000) is rounded to 0. Adding the same number to all "
            "scores of a row changes no probability. Which number helps?"
        )
    small = np.array([[1.0, 0.0, -1999.0], [1.0, 0.0, 1.0]])
    _compare_forward(
        "SoftMax.forward, scores of 1000 and -1000", Y, np.array([_shares(r) for r in small]), ()
    )


def _shares(scores) -> list[float]:
    """Return exp(z_j) / sum of exp(z_k), as the task defines it, for scores that are small."""
    powers = [math.exp(z) for z in scores]
    return [power / math.fsum(powers) for power in powers]


# --- Cross-entropy -----------------------------------------------------------------------


def check_cross_entropy_forward(cross_entropy: Callable, seed: int = SEED) -> None:
    """Compare the loss with its definition."""
    loss = cross_entropy()
    rng = np.random.default_rng(seed)
    for m, classes in ((5, 3), (1, 4), (6, 2)):
        Y, Y_hat = _labels(rng, m, classes), _probabilities(rng, m, classes)
        given = {"Y": Y, "Y_hat": Y_hat}
        value = _pure(loss, "CrossEntropy", "forward", given, None)
        yours = as_float(value, "the loss that CrossEntropy.forward returns")
        chosen = [float(p[y == 1][0]) for p, y in zip(Y_hat, Y, strict=True)]
        expected = math.fsum(-math.log(p) for p in chosen) / m
        _check_loss("CrossEntropy.forward", yours, expected, _loss_slips(expected, m, classes))
    _without_loops(loss, "CrossEntropy", "forward")
    passed("CrossEntropy forward: the mean loss of the batch is right.")


def check_cross_entropy_backward(cross_entropy: Callable, seed: int = SEED) -> None:
    """Compare dL/dY_hat with central differences."""
    loss = cross_entropy()
    rng = np.random.default_rng(seed)
    for m, classes in ((5, 3), (1, 4)):
        Y, Y_hat = _labels(rng, m, classes), _probabilities(rng, m, classes)
        # A loss may not remember this.
        _ask(loss, "CrossEntropy", "forward", Y[::-1].copy(), _probabilities(rng, m, classes))
        given = {"Y": Y, "Y_hat": Y_hat}
        gradient = _pure(loss, "CrossEntropy", "backward", given, Y.shape)

        def forward(p, Y=Y):
            value = _ask(loss, "CrossEntropy", "forward", Y, p)
            return np.array([as_float(value, "the loss")])

        numeric = _numeric(forward, Y_hat, np.ones(1))
        _compare(
            "CrossEntropy.backward",
            "dL/dY_hat",
            gradient,
            numeric,
            (
                *_size_slips(numeric, m),
                (-numeric, "The sign is wrong. Does the loss grow or fall with that probability?"),
                (
                    (Y_hat - Y) / m,
                    "That is the gradient with respect to the scores before softmax. Here the "
                    "gradient with respect to the probabilities is asked for.",
                ),
                (
                    Y_hat - Y,
                    "That looks like the gradient with respect to the scores before softmax. Here "
                    "the gradient with respect to the probabilities is asked for.",
                ),
            ),
        )
    _without_loops(loss, "CrossEntropy", "backward")
    passed("CrossEntropy backward: the gradient agrees with central differences.")


def _loss_slips(expected: float, m: int, classes: int):
    return (
        (m * expected, "That is the sum over the batch. The loss is the mean."),
        (expected / m, "It is divided by the number of examples twice."),
        (expected / classes, "It is divided by the number of classes too: look at the mean."),
        (-expected, "The sign is wrong."),
        (expected / math.log(2), "Use the natural logarithm."),
        (expected / math.log(10), "Use the natural logarithm."),
    )


def _check_loss(name: str, yours: float, expected: float, slips) -> None:
    if abs(yours - expected) <= FORWARD_TOLERANCE * max(1.0, abs(expected)):
        return
    for value, sentence in slips:
        if abs(yours - value) <= 1e-8 * max(1.0, abs(value)):
            fail(f"{name}: the loss is {yours:.8g}; expected {expected:.8g}. {sentence}")
    fail(
        f"{name}: the loss is {yours:.8g}; expected {expected:.8g}. Work the loss of one example "
        "out by hand, and compare."
    )


def _labels(rng, m: int, classes: int) -> np.ndarray:
    return np.eye(classes)[rng.integers(classes, size=m)]


def _probabilities(rng, m: int, classes: int) -> np.ndarray:
    shares = rng.uniform(0.3, 1.0, size=(m, classes))
    return shares / shares.sum(axis=1, keepdims=True)


# --- Network -----------------------------------------------------------------------------

_KINDS = ("tanh", "sigmoid", "linear")


def check_network_forward(build: Callable, seed: int = SEED) -> None:
    """Compare the forward pass of a network of given layers with those layers, one by one.

    Parameters
    ----------
    build : callable
        ``build(activations, learning_rate)`` returns the student's network, made of
        `chainrule.modules.Scale` layers.
    seed : int
        Seed of inputs and parameters.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(5, 3))
    network = build(list(_KINDS), 0.1)
    values = _write_scales(network, X, rng)
    expected = _scaled(X, values, _KINDS)
    given = X.copy()
    out = _ask(network, "NeuralNetwork", "forward", given)
    if np.any(given != X):
        fail("NeuralNetwork.forward changes X in place. Use a new name for what passes through.")
    out = as_array(out, "what forward returns", X.shape)
    slips = [
        (
            _scaled(X, values[::-1], _KINDS[::-1]),
            "That is the output with the layers in reverse order.",
        ),
        (_scaled(X, values[:1], _KINDS[:1]), "That is the output of the first layer alone."),
        (_scaled(X, values[:2], _KINDS[:2]), "The last layer is left out."),
        (_scaled(X, values[2:], _KINDS[2:]), "Each layer got X, instead of the layer's output."),
        (X, "That is X: the layers were not used."),
    ]
    _compare_forward("NeuralNetwork.forward", out, expected, slips)
    again = as_array(_ask(network, "NeuralNetwork", "forward", X), "the output", X.shape)
    if np.any(again != out):
        fail(f"NeuralNetwork.forward: {_ONCE_MORE}. Does it change the list of layers?")
    one = build(["sigmoid"], 0.1)
    out = as_array(_ask(one, "NeuralNetwork", "forward", X), "the output", X.shape)
    _compare_forward("NeuralNetwork.forward, one layer", out, Scale("sigmoid").forward(X), ())
    passed("NeuralNetwork forward: the layers are used in their order.")


def check_network_backward(build: Callable, seed: int = SEED) -> None:
    """Compare the gradients that reach the layers with central differences of the loss."""
    name = "NeuralNetwork"
    rng = np.random.default_rng(seed)
    X, target = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    network = build(list(_KINDS), 0.1)
    values = _write_scales(network, X, rng)

    def loss_with(parameters) -> float:
        _ask(network, name, "write_parameters", parameters)
        return as_float(_run_backward(network, X, target), "the loss that backward returns")

    out = np.asarray(_ask(network, name, "forward", X), dtype=np.float64)
    if out.shape != X.shape:
        fail("NeuralNetwork.forward is not right yet: see the check above.")
    loss = as_float(
        _ask(network, name, "backward", target, out), "the loss that NeuralNetwork.backward returns"
    )
    expected = SquaredError().forward(target, out)
    _check_loss(
        f"{name}.backward",
        loss,
        expected,
        ((SquaredError().forward(out, 0 * out), "Does it compare the output with the target?"),),
    )
    found = _ask(network, name, "read_gradients")
    _check_reached(found)
    kept = _ask(network, name, "read_parameters")
    if any(np.any(kept[k][key] != values[k][key]) for k in range(3) for key in values[k]):
        fail(
            f"{name}.backward changes the parameters, or the order of the layers. It should only "
            "compute gradients; `update` moves the parameters."
        )
    for k in reversed(range(3)):
        for key in ("gain", "shift"):
            _check_network_gradient(network, loss_with, values, found, k, key, X)
    loss_with(values)
    second = _ask(network, name, "read_gradients")
    for k in range(3):
        for key in second[k]:
            if not near(np.asarray(second[k][key]), np.asarray(found[k][key]), GRADIENT_TOLERANCE):
                fail(f"{name}.backward: {_ONCE_MORE}. Does it change the list of layers?")
    passed("NeuralNetwork backward: every layer gets the gradient that central differences give.")


def check_network_predict(build: Callable, train: Callable, seed: int = SEED) -> None:
    """Check ``predict``, and that a network can be trained twice.

    Parameters
    ----------
    build : callable
        As for `check_network_forward`.
    train : callable
        ``train(network, parts, epochs)`` trains a network on the parts of a data set.
    seed : int
        Seed of inputs and parameters.
    """
    name = "NeuralNetwork"
    rng = np.random.default_rng(seed)
    X, target = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    network = build(list(_KINDS), 0.1)
    values = _write_scales(network, X, rng)
    _run_backward(network, X, target)
    before = _ask(network, name, "read_gradients")
    other, labels = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    given = (other.copy(), labels.copy())
    result = _ask(network, name, "predict", *given)
    if np.any(given[0] != other) or np.any(given[1] != labels):
        fail(f"{name}.predict changes its inputs in place.")
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        fail(f"{name}.predict returned {describe(result)}; two things are expected: Y_hat, loss.")
    if np.size(result[0]) == 1 and np.shape(result[1]) == (4, 3):
        fail(f"{name}.predict returns the loss first. The order is Y_hat, loss.")
    Y_hat = as_array(result[0], "the first thing that predict returns, Y_hat,", (4, 3))
    expected = _scaled(other, values, _KINDS)
    _compare_forward(f"{name}.predict", Y_hat, expected, ())
    loss = as_float(result[1], "the second thing that predict returns, the loss,")
    _check_loss(f"{name}.predict", loss, SquaredError().forward(labels, expected), ())
    after = _ask(network, name, "read_gradients")
    if any(np.any(after[k][key] != before[k][key]) for k in range(3) for key in before[k]):
        fail(f"{name}.predict changes the gradients. It should not go backward at all.")
    kept = _ask(network, name, "read_parameters")
    if any(np.any(kept[k][key] != values[k][key]) for k in range(3) for key in values[k]):
        fail(f"{name}.predict changes the parameters. It should only look.")
    _check_training(build, train, rng)
    passed("NeuralNetwork predict: output and loss are right, and nothing else changes.")


def _check_training(build: Callable, train: Callable, rng) -> None:
    """Train twice: the loss has to fall, and the number of layers to stay."""
    X = rng.uniform(-1.0, 1.0, size=(20, 3))
    target = 0.5 * X + 0.2
    parts = {f"{letter}_{part}": value for part in ("train", "val", "test")
             for letter, value in (("X", X), ("y", target))}  # fmt: skip
    network = build(["linear", "linear"], 0.1)
    layers = None
    start = math.inf
    for turn in ("first", "second"):
        rows = train(network, parts, 5)
        count = len(_ask(network, "NeuralNetwork", "read_parameters"))
        if layers is not None and count != layers:
            fail(
                f"After the {turn} training the network has {count} layers instead of {layers}. "
                "forward, backward and predict may not add or remove any."
            )
        layers = count
        end = rows[-1]["val_loss"]
        if not end < start:
            fail(
                f"The {turn} training of five epochs does not lower the loss "
                f"({rows[0]['val_loss']:.4g} to {end:.4g}). Training calls forward, backward and "
                "update in turn; does each of them leave the list of layers as it was?"
            )
        start = end


def _check_reached(found) -> None:
    if len(found) != len(_KINDS):
        fail(
            f"After NeuralNetwork.backward the network has {len(found)} layers; it was built with "
            f"{len(_KINDS)}. The list of layers should stay as it is."
        )
    for k, own in enumerate(found, start=1):
        if set(own) != {"gain", "shift"}:
            fail(
                f"After NeuralNetwork.backward, layer {k} of {len(found)} has no gradients. "
                "Does the backward pass reach every layer?"
            )


def _check_network_gradient(network, loss_with, values, found, k: int, key: str, X) -> None:
    def moved(value):
        point = [dict(own) for own in values]
        point[k][key] = value
        return np.array([loss_with(point)])

    def outputs(value):
        point = [dict(own) for own in values]
        point[k][key] = value
        return _scaled(X, point, _KINDS)

    numeric = _numeric(moved, values[k][key], np.ones(1))
    _compare(
        "NeuralNetwork.backward",
        f"the gradient of {key} in layer {k + 1} of 3",
        as_array(found[k][key], f"the gradient of {key}", np.shape(values[k][key])),
        numeric,
        (
            (
                _numeric(outputs, values[k][key], np.ones(X.shape)),
                "The backward pass begins with ones. It should begin with the gradient that the "
                "loss returns.",
            ),
            *_size_slips(numeric, len(X)),
        ),
        "Which layer gets its upstream gradient from where? Follow the drawing from right to left.",
    )


def _run_backward(network, X, target):
    out = _ask(network, "NeuralNetwork", "forward", X)
    return _ask(network, "NeuralNetwork", "backward", target, out)


def _write_scales(network, X, rng) -> list[dict[str, np.ndarray]]:
    """Give the layers of a network random parameters, and return them."""
    _ask(network, "NeuralNetwork", "forward", X)
    width = (1, X.shape[1])
    values = [
        {"gain": rng.uniform(0.5, 1.5, size=width), "shift": rng.uniform(0.2, 0.9, size=width)}
        for _ in _KINDS
    ]
    found = _ask(network, "NeuralNetwork", "read_parameters")
    if len(found) != len(values):
        fail(f"The network has {len(found)} layers after forward; it was built with {len(values)}.")
    if not all(set(own) == {"gain", "shift"} for own in found):
        fail(
            "After NeuralNetwork.forward some layers have seen no input yet: "
            "each layer's forward has to be called."
        )
    _ask(network, "NeuralNetwork", "write_parameters", values)
    return values


def _scaled(X, values, kinds) -> np.ndarray:
    for own, kind in zip(values, kinds, strict=True):
        given = Scale(kind)
        given.parameters = {key: value.copy() for key, value in own.items()}
        X = given.forward(X)
    return X


# --- Iris --------------------------------------------------------------------------------


def check_runs(folder: Path | str = ".") -> None:
    """Check what is handed in of the runs: at least four different combinations.

    Parameters
    ----------
    folder : path
        Where ``iris_results.json`` and ``iris_best.npz`` lie.

    Raises
    ------
    CheckFailed
        If a file is missing or damaged, or there are too few different runs.
    """
    results = _results(folder)
    pairs = {(run.learning_rate, run.hidden_size) for run in results.runs}
    if len(pairs) < FEWEST_RUNS:
        fail(
            f"There are {len(pairs)} different combinations of learning rate and hidden size; "
            f"at least {FEWEST_RUNS} are asked for."
        )
    for what, values in (
        ("learning rate", {pair[0] for pair in pairs}),
        ("hidden size", {pair[1] for pair in pairs}),
    ):
        if len(values) < 2:
            fail(f"All runs have the same {what}. Try at least two, to see what it does.")
    for run in results.runs:
        if not run.learning_rate > 0:
            fail(
                f"The learning rate of {run.name} is {run.learning_rate:g}; it has to be positive."
            )
        if len(run.train_loss) != len(run.val_loss):
            fail(f"{run.name} has not as many validation losses as training losses.")
        if not 0 <= run.val_error <= 1:
            fail(f"The validation error of {run.name} is {run.val_error:g}; it is a fraction.")
    passed(f"{len(pairs)} combinations of learning rate and hidden size are there.")


def check_best(folder: Path | str = ".") -> None:
    """Check that the best run was chosen by its validation loss, and that its parameters fit."""
    results = _results(folder)
    best = results.best_run
    last = best.val_loss[-1]
    if not math.isfinite(last):
        fail(f"The best run, {best.name}, ends with a validation loss of {last}.")
    better = [run for run in results.runs if run.val_loss[-1] < last - 1e-12]
    if better:
        fail(
            f"{better[0].name} ends with a lower validation loss ({better[0].val_loss[-1]:.4f}) "
            f"than the run called best, {best.name} ({last:.4f}). Choose by the validation loss."
        )
    shapes = {
        "0.W": (4, best.hidden_size),
        "0.b": (1, best.hidden_size),
        "1.W": (best.hidden_size, 3),
        "1.b": (1, 3),
    }
    found = {name: array.shape for name, array in results.parameters.items()}
    if found != shapes:
        fail(
            f"iris_best.npz holds {_shapes(found)}. A network with {best.hidden_size} hidden units "
            f"has {_shapes(shapes)}. Did you save the network of the best run?"
        )
    passed(f"{best.name} has the lowest validation loss, {last:.4f}, and its parameters fit.")


def check_test_error(folder: Path | str = ".") -> None:
    """Check the error on the test set, as it is reported."""
    results = _results(folder)
    count = len(load_iris()["X_test"])
    wrong = results.test_error * count
    if not 0 <= results.test_error <= 1 or abs(wrong - round(wrong)) > 1e-6:
        fail(
            f"The test error is {results.test_error:g}. It is the fraction of the {count} test "
            "flowers that are wrong, so it is a whole number of thirtieths."
        )
    if results.test_error > LARGEST_TEST_ERROR + 1e-9:
        fail(
            f"The test error is {100 * results.test_error:.1f} %; at most "
            f"{100 * LARGEST_TEST_ERROR:.0f} % is asked for. Does the loss of the best run still "
            "fall at its end? Then train it longer, or try other combinations."
        )
    passed(f"The test error is {100 * results.test_error:.1f} % ({round(wrong)} of {count}).")


def _results(folder):
    try:
        return load_results(folder)
    except ResultsError as error:
        fail(str(error))


def _shapes(shapes: dict) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in sorted(shapes.items())) or "nothing"


# --- What all checks here share ----------------------------------------------------------


def _ask(thing, kind: str, method: str, *arguments):
    """Call a method of a student's object; the only place where such an object is touched."""
    try:
        return getattr(thing, method)(*arguments)
    except NotImplementedError:
        fail(f"{kind}.{method} is not written yet, or it uses something that is not.")


@dataclass(frozen=True)
class _Forward:
    """The forward pass of a student's object as central differences call it: all at once."""

    thing: Any
    kind: str

    def __call__(self, value: np.ndarray) -> object:
        return _ask(self.thing, self.kind, "forward", value)

    def __call_each__(self, rows: Sequence[tuple], then: Callable) -> list:
        try:
            return call_each(self.thing.forward, rows, then)
        except NotImplementedError:
            fail(f"{self.kind}.forward is not written yet, or it uses something that is not.")


def _pure(thing, kind: str, method: str, inputs: dict[str, np.ndarray], shape):
    """Call a method that may change nothing, twice; return its result as an array."""
    what = f"what {kind}.{method} returns"
    results = []
    for _ in range(2):
        given = {name: value.copy() for name, value in inputs.items()}
        result = _ask(thing, kind, method, *given.values())
        for name, value in inputs.items():
            if np.any(given[name] != value):
                fail(
                    f"{kind}.{method} changes {name} in place. Others still need it: look for "
                    f"`{name}[...] =`, `+=`, `*=` or `out={name}`, and use a new array."
                )
        results.append(result if shape is None else as_array(result, what, shape).copy())
    if shape is not None and np.any(results[0] != results[1]):
        fail(f"{kind}.{method}: {_ONCE_MORE}. It should keep nothing between calls.")
    return results[0]


def _pure_layer(layer, X: np.ndarray, shape) -> np.ndarray:
    given = X.copy()
    out = as_array(_ask(layer, "FullyConnected", "forward", given), "the output", shape)
    if np.any(given != X):
        fail("FullyConnected.forward changes X in place. Use a new array.")
    return out.copy()


def _numeric(function: Callable, x: np.ndarray, dLdf: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(numeric_gradient_of_array(function, (x,), dLdf, argnum=0))
    except (TypeError, ValueError) as error:
        fail(f"The forward pass cannot be measured ({error}). Mend it first.")


def _compare_forward(name: str, yours: np.ndarray, expected: np.ndarray, slips) -> None:
    if near(yours, expected, FORWARD_TOLERANCE):
        return
    place = worst(yours, expected)
    text = f"{name}: entry {list(place)} is {yours[place]:.8g}; expected {expected[place]:.8g}."
    for wrong, sentence in slips:
        if wrong.shape == yours.shape and near(yours, wrong, 1e-8):
            fail(f"{text} {sentence}")
    fail(f"{text} Work one entry out by hand, and compare.")


def _compare(name, what, yours, numeric, slips, last: str = "") -> None:
    """Compare a gradient with central differences; explain a difference where one slip does."""
    if near(yours, numeric, GRADIENT_TOLERANCE):
        return
    place = worst(yours, numeric)
    text = (
        f"{name}: {what} is {yours[place]:.8g} at {list(place)}; central differences give "
        f"{numeric[place]:.8g}."
    )
    for wrong, sentence in slips:
        if wrong.shape == yours.shape and near(yours, wrong, GRADIENT_TOLERANCE):
            fail(f"{text} {sentence}")
    fail(f"{text} {last or 'Test your formula with compare_entries, one entry at a time.'}")


def _size_slips(numeric: np.ndarray, m: int):
    """Wrong sizes and signs that can befall any gradient of a batch."""
    slips = [(-numeric, "The sign is wrong."), (0 * numeric, "It is zero everywhere.")]
    if m > 1:
        slips += [
            (m * numeric, f"It is {m} times too large, and there are {m} examples: look for 1/m."),
            (
                numeric / m,
                f"It is {m} times too small, and there are {m} examples. Is it divided by m once "
                "too often? The loss does that already.",
            ),
        ]
    slips += [
        (2 * numeric, "It is twice too large. Is something added up across calls?"),
        (0.5 * numeric, "It is half of what it should be."),
    ]
    return tuple(slips)


def _entry(values: np.ndarray, sizes: np.ndarray) -> str:
    place = tuple(int(i) for i in np.unravel_index(np.argmax(sizes), sizes.shape))
    return f"entry {list(place)} ({values[place]:.6g})"


def _names(found) -> str:
    return ", ".join(repr(name) for name in sorted(found, key=str)) or "nothing"


def _away_from_zero(rng, shape) -> np.ndarray:
    """Draw entries of both signs whose size is at least 0.1, away from ReLU's kink."""
    Z = rng.uniform(0.1, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    Z.flat[0] = -abs(Z.flat[0])
    Z.flat[-1] = abs(Z.flat[-1])
    return Z


def _without_loops(thing, kind: str, method: str) -> None:
    """Fail when a method loops in Python, other than over the items of a dict."""
    tree = ast.parse(source_of(getattr(thing, method)))
    for node in ast.walk(tree):
        loops = []
        if isinstance(node, ast.For):
            loops = [node.iter]
        elif isinstance(node, ast.While):
            loops = [node.test]
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            loops = [part.iter for part in node.generators]
        elif isinstance(node, ast.Attribute) and node.attr in ("vectorize", "apply_along_axis"):
            loops = [node]
        if any(not _over_items(loop) for loop in loops):
            fail(
                f"{kind}.{method} loops in Python. Write it with array operations, which treat the "
                "whole batch at once."
            )


def _over_items(loop: ast.expr) -> bool:
    return (
        isinstance(loop, ast.Call)
        and isinstance(loop.func, ast.Attribute)
        and loop.func.attr in ("items", "keys", "values")
    )
