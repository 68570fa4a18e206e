"""Checks for ``neuralnet/cifar.ipynb``: the training step, and trained parameters.

The training step is checked with a given practice model, so that a mistake in the
two-layer network does not count twice. Where `softmax_loss` or `l2_regularization` of
``layers.ipynb`` fail their own checks, the step is judged with them as they are.

Trained parameters are read without unpickling anything. Their scores are computed
anew, and compared with the labels of images that the student did not train on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import is_
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.checks.arrays import as_array, call, compare, near
from chainrule.checks.core import CheckFailed, as_float, fail, passed
from chainrule.data import CIFAR10, DataUnavailable
from chainrule.data.images import split
from chainrule.gradcheck import numeric_gradient_of_array
from chainrule.handin.single_test import read_record
from chainrule.neuralnet import checks as neuralnet
from chainrule.neuralnet.saved_network import (
    ResultError,
    Results,
    as_two_layers,
    load_results,
    predictions,
)
from chainrule.neuralnet.single_test import RECORD, fingerprint

SEED = 442
SPLIT_SEED = 442
VALIDATION_IMAGES = 5000

LOSS_TOLERANCE = 1e-10
GRADIENT_TOLERANCE = 1e-8

LOWEST_VALIDATION = 0.40
LOWEST_OVERFIT = 0.75
FEWEST_OVERFIT_IMAGES = 500
#: Far below any network with 40 percent on validation images: six standard errors.
LOWEST_ELSEWHERE = 0.30

#: Rounding may turn over the class of an image with two nearly equal scores.
_SLACK = 0.002
_FEWEST_HELD_OUT = 1000
_RESULTS = ("loss", "grads")


# --- The training step --------------------------------------------------------------------


@dataclass
class _Judge:
    """Which of the two functions of ``layers.ipynb`` can be relied upon."""

    softmax: bool
    l2: bool


def judge_layers(layers: Any) -> _Judge:
    """See whether the functions that a training step uses pass their own checks.

    Parameters
    ----------
    layers : object
        With ``softmax_loss`` and ``l2_regularization``.

    Returns
    -------
    object
        With two truth values, ``softmax`` and ``l2``.
    """
    functions = (layers.softmax_loss, layers.l2_regularization)
    if _judged and all(map(is_, _judged[0][0], functions)):
        return _judged[0][1]
    found = _Judge(
        softmax=_passes(
            (neuralnet.check_softmax_loss, neuralnet.check_softmax_gradient), functions[0]
        ),
        l2=_passes((neuralnet.check_l2_loss, neuralnet.check_l2_gradient), functions[1]),
    )
    _judged[:] = [(functions, found)]
    return found


#: The functions that were judged last, with the outcome: several checks ask in turn.
_judged: list[tuple[tuple[Callable, Callable], _Judge]] = []


def _passes(checks: tuple, function: Callable) -> bool:
    import contextlib
    import io

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for check in checks:
                check(function)
    except CheckFailed:
        return False
    except Exception:  # noqa: BLE001  (a student's function may raise anything)
        return False
    return True


def check_step_loss(training_step: Callable, practice_model: Callable, layers: Any) -> None:
    """Check the loss of a training step: the data's part, then the penalty.

    Parameters
    ----------
    training_step : callable
        The student's function.
    practice_model : callable
        Makes the given practice model from a dictionary of parameters.
    layers : object
        The student's layers.

    Raises
    ------
    CheckFailed
        With a guess at the reason.
    """
    case = _stored_case()
    judged = judge_layers(layers)
    for name in ("softmax_loss", "l2_regularization"):
        _not_open(getattr(layers, name), name)
    model = practice_model(case.values)
    plain = _loss(training_step, model, case, 0.0)
    expected = case.loss
    if not judged.softmax:
        _tell("softmax_loss")
        expected = _own_data_loss(model, case, layers)[0]
    slips: Sequence[tuple[float, str]] = (
        (expected * len(case.y), "That is the sum over the minibatch; the mean is asked for."),
        (0.0, "The loss of the data is missing."),
        (2 * expected, "The loss of the data is counted twice."),
    )
    _compare_loss("The loss without a penalty (reg = 0)", plain, expected, slips)

    reg = 0.5
    penalty = _loss(training_step, model, case, reg) - plain
    parts = {k: _penalty(v, reg, layers, judged)[0] for k, v in case.values.items()}
    weights = [k for k in parts if case.values[k].ndim == 2]
    expected = sum(parts[k] for k in weights)
    if not judged.l2:
        _tell("l2_regularization")
    slips = [
        (0.0, "The penalty is missing in the loss."),
        (sum(parts.values()), "Biases are in the penalty. It is for weight matrices only."),
        (expected * 2, "The penalty is counted twice, or its half is missing."),
        (expected / 2, "Half of the penalty is missing: it has its own half already."),
        (expected / len(case.y), "The penalty is divided by the size of the minibatch. It has "
         "nothing to do with the examples."),
        (expected / reg, "The penalty does not use reg."),
        (expected * reg, "The penalty uses reg twice."),
        (-expected, "The penalty is subtracted."),
        *((parts[k], f"Only {k} is in the penalty. The model has {len(weights)} weight matrices.")
          for k in weights),
    ]  # fmt: skip
    _compare_loss(f"What reg = {reg} adds to the loss", penalty, expected, slips)
    passed("step loss: the data's part and the penalty are right.")


def check_step_gradients(
    training_step: Callable, practice_model: Callable, layers: Any, seed: int = SEED
) -> None:
    """Check the gradients of a training step against central differences of its loss.

    Parameters
    ----------
    training_step, practice_model, layers
        As in `check_step_loss`.
    seed : int
        Seed of minibatch and parameters.
    """
    case = _drawn_case(seed)
    judged = judge_layers(layers)
    for name in ("softmax_loss", "l2_regularization"):
        _not_open(getattr(layers, name), name)
    model = practice_model(case.values)
    first = _grads(training_step, model, case, 0.0)
    expected = {k: _slope_of_loss(training_step, model, case, k) for k in case.values}
    if not judged.softmax:
        _tell("softmax_loss")
        expected = _own_data_loss(model, case, layers)[1]
    slips: Sequence[tuple[np.ndarray, str]]
    for name, right in expected.items():
        slips = (
            (len(case.y) * right, "It is not divided by the size of the minibatch."),
            (right / len(case.y), "It is divided by the size of the minibatch once too often."),
            (right + case.values[name], f"{name} itself is in it, though reg is 0."),
        )
        compare(
            f"Without a penalty (reg = 0), the gradient of {name}, ",
            first[name], right, GRADIENT_TOLERANCE, slips, source="central differences give",
        )  # fmt: skip

    reg = 0.5
    second = _grads(training_step, model, case, reg)
    if not judged.l2:
        _tell("l2_regularization")
    for name, value in case.values.items():
        own = _penalty(value, reg, layers, judged)[1]
        right = own if value.ndim == 2 else np.zeros_like(value)
        slips = (
            (0 * own, "The penalty of this weight matrix is missing in the gradients."),
            (own, "This is a bias: it has no part in the penalty."),
            (2 * own, "The gradient of the penalty is added twice, or a factor of 2 is too much."),
            (own / reg, "reg is missing."),
            (own - first[name], "The gradient of the penalty replaces that of the data. Add them."),
            (-own, "The gradient of the penalty is subtracted."),
            (own / len(case.y), "The penalty is divided by the size of the minibatch."),
        )
        compare(
            f"What reg = {reg} adds to the gradient of {name}, ",
            second[name] - first[name], right, GRADIENT_TOLERANCE, slips,
        )  # fmt: skip
    again = _grads(training_step, model, case, 0.0)
    if any(not near(again[k], first[k], GRADIENT_TOLERANCE) for k in first):
        fail(
            "training_step gives other gradients when it is called again. Nothing of an earlier "
            "call may be left: are gradients added to those of the step before?"
        )
    now = call("parameters", model.parameters, {})
    if any(not np.array_equal(now[k], case.values[k]) for k in case.values):
        fail(
            "training_step changes the parameters of the model. It only returns gradients; the "
            "optimizer takes the step."
        )
    passed("step gradients: data and penalty agree with central differences.")


@dataclass
class _Case:
    values: dict[str, np.ndarray]
    X: np.ndarray
    y: np.ndarray
    loss: float = 0.0


def _stored_case() -> _Case:
    sample = neuralnet._sample("step")
    values = {k: sample[k] for k in ("W1", "b1", "W2", "b2")}
    return _Case(values, sample["X"], sample["y"].astype(np.int64), float(sample["loss"]))


def _drawn_case(seed: int) -> _Case:
    rng = np.random.default_rng(seed)
    values = {}
    for number in (1, 2):
        values[f"W{number}"] = rng.normal(size=(2, 4))
        values[f"b{number}"] = rng.normal(size=4)
    return _Case(values, rng.uniform(-1.5, 1.5, size=(5, 4)), rng.integers(0, 4, size=5))


def _step(training_step: Callable, model, case: _Case, reg: float):
    arguments = {"model": model, "X_batch": case.X, "y_batch": case.y, "reg": reg}
    try:
        return call("training_step", training_step, arguments, _RESULTS)
    except KeyError as error:
        fail(
            f"training_step looks for a parameter named {error}. It should work for every "
            "classifier, whatever its parameters are called: go through model.parameters(). "
            "A weight matrix is one with two axes."
        )


def _not_open(function: Callable, name: str) -> None:
    """Say which task of layers.ipynb is open, before its error looks like one of this task."""
    arguments = {
        "softmax_loss": (np.zeros((1, 2)), np.zeros(1, np.int64)),
        "l2_regularization": (np.zeros((1, 2)), 0.0),
    }
    try:
        function(*arguments[name])
    except NotImplementedError:
        fail(f"{name} in layers.ipynb is not written yet, and the training step needs it.")
    except Exception:  # noqa: BLE001  (what else is wrong with it, its own check says)
        return


def _loss(training_step: Callable, model, case: _Case, reg: float) -> float:
    loss, grads = _step(training_step, model, case, reg)
    if isinstance(loss, dict) and not isinstance(grads, dict):
        fail("training_step returns gradients first. The order is: loss, grads.")
    return as_float(loss, "The loss of training_step")


def _grads(training_step: Callable, model, case: _Case, reg: float) -> dict:
    loss, grads = _step(training_step, model, case, reg)
    if isinstance(loss, dict) and not isinstance(grads, dict):
        fail("training_step returns gradients first. The order is: loss, grads.")
    if not isinstance(grads, dict):
        fail(f"The gradients are of type {type(grads).__name__}; a dictionary is expected.")
    if set(grads) != set(case.values):
        fail(
            f"There are gradients for {', '.join(map(str, grads)) or 'nothing'}; the parameters of "
            f"the model are {', '.join(case.values)}."
        )
    return {
        k: as_array(grads[k], f"The gradient of {k}", v.shape).copy()
        for k, v in case.values.items()
    }


def _slope_of_loss(training_step: Callable, model, case: _Case, name: str) -> np.ndarray:
    one = np.array(1.0)

    def loss_with(moved):
        call("set_parameters", model.set_parameters, {"values": {**case.values, name: moved}})
        return np.array(_loss(training_step, model, case, 0.0))

    value = (case.values[name],)
    coarse, fine = (
        numeric_gradient_of_array(loss_with, value, one, h=h, argnum=0) for h in (0.005, 0.0025)
    )
    call("set_parameters", model.set_parameters, {"values": case.values})
    return (4.0 * fine - coarse) / 3.0


def _own_data_loss(model, case: _Case, layers) -> tuple[float, dict]:
    """Return the data's loss and gradients as the student's own softmax_loss makes them."""
    output = call("forward", model.forward, {"X": case.X}, ("scores", "cache"))
    found = call(
        "softmax_loss", layers.softmax_loss, {"x": output[0], "y": case.y}, ("loss", "grad_x")
    )
    arguments = {"grad_scores": np.asarray(found[1]), "cache": output[1]}
    return float(found[0]), call("backward", model.backward, arguments)


def _penalty(value: np.ndarray, reg: float, layers, judged: _Judge) -> tuple[float, np.ndarray]:
    if judged.l2:
        return reg * float(np.square(value).sum()) / 2.0, reg * value
    arguments = {"w": value, "reg": reg}
    found = call("l2_regularization", layers.l2_regularization, arguments, ("loss", "grad_w"))
    return float(found[0]), np.asarray(found[1], np.float64)


def _compare_loss(what: str, yours: float, expected: float, slips) -> None:
    arrays = [(np.array(wrong), sentence) for wrong, sentence in slips]
    compare(what, np.array(yours), np.array(expected), LOSS_TOLERANCE, arrays)


def _tell(name: str) -> None:
    print(
        f"note: {name} of layers.ipynb does not pass its own checks. "
        "Your training step is judged with it as it is."
    )


# --- Trained parameters -------------------------------------------------------------------


@dataclass
class _Images:
    """Images of CIFAR-10 that a check can use, with their positions in the whole."""

    images: np.ndarray
    labels: np.ndarray
    index: np.ndarray
    complete: bool

    def take(self, rows: np.ndarray) -> _Images:
        """Keep some of them."""
        return _Images(self.images[rows], self.labels[rows], self.index[rows], self.complete)

    def accuracy(self, results: Results) -> float:
        """Measure a handed-in network on them."""
        return float(np.mean(predictions(results, self.images) == self.labels))

    def lenience(self, level: float) -> float:
        """Return what chance may take away on so few images: three standard errors."""
        if self.complete:
            return _SLACK
        return _SLACK + 3.0 * float(np.sqrt(level * (1.0 - level) / max(1, len(self.labels))))


def check_best(file: str | Path = "best.npz") -> None:
    """Measure the handed-in network on validation images: at least 40 percent.

    Raises
    ------
    CheckFailed
        If the file cannot be used, or the accuracy is too low.
    """
    results = _two_layer_results(file)
    images = _held_out(results)
    reached = images.accuracy(results)
    if reached < LOWEST_VALIDATION - images.lenience(LOWEST_VALIDATION):
        fail(
            f"{Path(file).name}: {100 * reached:.2f} % of {len(images.labels)} validation images "
            f"are right; {100 * LOWEST_VALIDATION:.0f} % are asked for. "
            f"{_accuracy_hint(reached, results)}"
        )
    passed(
        f"best: {100 * reached:.2f} % on {len(images.labels)} images that were not trained on."
        f"{_few_images(images)}"
    )


def check_overfit(file: str | Path = "overfit.npz") -> None:
    """Measure the handed-in network on its own training images: at least 75 percent."""
    results = _two_layer_results(file)
    named = np.unique(results.train_index)
    if len(named) < FEWEST_OVERFIT_IMAGES:
        fail(
            f"{Path(file).name} names {len(named)} training images; at least "
            f'{FEWEST_OVERFIT_IMAGES} are asked for. Save data["index_train"] with it.'
        )
    images = _training_images()
    images = images.take(np.flatnonzero(np.isin(images.index, named)))
    if len(images.labels) < min(100, len(named)):
        fail(
            f"Only {len(images.labels)} of the {len(named)} named images are on this machine, too "
            "few to judge by. Fetch CIFAR-10 with: chainrule data cifar10"
        )
    reached = images.accuracy(results)
    missing = len(images.labels) < len(named)
    lenience = images.lenience(LOWEST_OVERFIT) if missing else _SLACK
    if reached < LOWEST_OVERFIT - lenience:
        fail(
            f"{Path(file).name}: {100 * reached:.2f} % of {len(images.labels)} training images are "
            f"right; {100 * LOWEST_OVERFIT:.0f} % are asked for. "
            f"{_accuracy_hint(reached, results)}"
        )
    passed(
        f"overfit: {100 * reached:.2f} % on {len(images.labels)} of its own training images."
        f"{_few_images(images) if missing else ''}"
    )


def check_test_run(record: str | Path = RECORD, file: str | Path = "best.npz") -> None:
    """Check the record of the test run: one run, of the network in ``best.npz``."""
    results = _two_layer_results(file)
    try:
        runs = read_record(record)
    except ResultError as error:
        fail(str(error))
    if not runs:
        fail(f"{Path(record).name} holds no run.")
    if len(runs) > 1:
        fail(
            f"{Path(record).name} holds {len(runs)} runs on the test set; one is allowed. "
            "Explain in your report how that came about: a person will read it."
        )
    run = runs[0]
    if run["model"] != fingerprint(results.parameters):
        fail(
            f"The run in {Path(record).name} belongs to other parameters than {Path(file).name}. "
            "Was the network trained again after the test run? Hand in the one that was tested."
        )
    images = _test_images()
    reached = images.accuracy(results)
    same = len(images.labels) == run["images"]
    noise = 5.0 * np.sqrt(0.25 / min(len(images.labels), max(1, run["images"])))
    if abs(reached - run["accuracy"]) > (_SLACK if same else noise):
        fail(
            f"{Path(record).name} says {100 * run['accuracy']:.2f} %; measured anew on "
            f"{len(images.labels)} test images it is {100 * reached:.2f} %. "
            "Were the test images prepared like the training images?"
        )
    passed(f"test: one run, {100 * run['accuracy']:.2f} % on {run['images']} test images.")


def check_elsewhere(file: str | Path = "best.npz") -> None:
    """Check on other images that the accuracy of the handed-in network is no accident."""
    results = _two_layer_results(file)
    data = CIFAR10.open("subset")
    reached = float(np.mean(predictions(results, data.test_images) == data.test_labels))
    if reached < LOWEST_ELSEWHERE:
        fail(
            f"{Path(file).name} is right for the validation images and for only "
            f"{100 * reached:.0f} % of other images. Was it trained on the validation images?"
        )


def _two_layer_results(file: str | Path) -> Results:
    try:
        results = load_results(file)
        as_two_layers(results.parameters)
    except ResultError as error:
        fail(str(error))
    return results


def _training_images() -> _Images:
    try:
        data = CIFAR10.open("cache", tell=_silent)
    except DataUnavailable:
        data = CIFAR10.open("subset")
    return _Images(data.train_images, data.train_labels, data.train_index, data.complete)


def _test_images() -> _Images:
    try:
        data = CIFAR10.open("cache", tell=_silent)
    except DataUnavailable:
        data = CIFAR10.open("subset")
    return _Images(data.test_images, data.test_labels, data.test_index, data.complete)


def _silent(_text: str) -> None:
    """Keep the loader's remarks out of a check's output."""


def _held_out(results: Results) -> _Images:
    """Return the validation images that the network was not trained on.

    Where only the bundled subset is at hand, its images that were not trained on.
    """
    if not len(results.train_index):
        fail(
            "The file does not say which images were trained on. Save it with "
            'save_results(file, model, settings, data["index_train"]).'
        )
    images = _training_images()
    if images.complete:
        data = CIFAR10.open("cache", tell=_silent)
        rows = split(data, 0, VALIDATION_IMAGES, 0, SPLIT_SEED)[1]
    else:
        rows = np.arange(len(images.labels))
    fresh = rows[~np.isin(images.index[rows], results.train_index)]
    fewest = _FEWEST_HELD_OUT if images.complete else 100
    if len(fresh) < fewest:
        fail(
            f"Of the validation images, {len(rows) - len(fresh)} were trained on, and only "
            f"{len(fresh)} are left to judge by. Keep the split of load_images, and leave its "
            "validation images out of the training."
        )
    return images.take(fresh)


def _accuracy_hint(reached: float, results: Results) -> str:
    if reached < 0.16:
        plain = np.allclose(results.input_mean, 0) and np.allclose(results.input_std, 1)
        return (
            "That is no better than guessing. Were these parameters trained at all"
            + ("" if plain else ", on images from load_images, which are standardized")
            + "?"
        )
    return "Look at the curves: is the loss still falling, or do training and validation differ?"


def _few_images(images: _Images) -> str:
    if images.complete:
        return ""
    return " CIFAR-10 as a whole is not here, so that few images decide, with a lower threshold."
