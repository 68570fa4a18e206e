"""Checks for ``fashion_mnist.ipynb`` and ``cifar10.ipynb``.

`train` and `evaluate` are run with a given model that keeps a record. Nothing that was
handed in is trained again: weights are read without unpickling anything else, put into
the model that the student's own function builds, and measured on images.

A student's model is only ever built, called, and asked through the methods of
``torch.nn.Module`` in `_Network`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import torch

from chainrule.checks.core import as_float, describe, fail, passed
from chainrule.convnet.history import History, HistoryError, read_history
from chainrule.convnet.images import SEED as SPLIT_SEED
from chainrule.convnet.images import fashion_tensor, hash_order
from chainrule.convnet.predictions import CLASSES, PredictionsError, read_predictions
from chainrule.convnet.single_test import RECORD
from chainrule.convnet.weights import WeightsError, fingerprint, read_weights
from chainrule.data import CIFAR10, FASHION_MNIST, DataUnavailable
from chainrule.handin.arrays import ResultError
from chainrule.handin.single_test import read_record

SEED = 442

LOWEST_MLP = 0.82
FEWEST_EPOCHS = 8
FULL_TEST, LOWEST_TEST = 0.85, 0.70
FULL_CIFAR, HALF_CIFAR = 0.75, 0.70

#: Rounding may turn over the class of an image with two nearly equal scores.
_SLACK = 0.002
_CLAIM = 0.02
#: Enough images to compare what was handed in with what was said about it.
_SAMPLE = 2000
#: A batch of this size fits into a processor's cache.
_BATCH = 100
_PLACES = "cifar10_test_places.npy"


# --- evaluate -----------------------------------------------------------------------------


def check_evaluate(
    evaluate: Callable, model: Callable, loader: Callable, report: Callable, seed: int = SEED
) -> None:
    """Check `evaluate`: the fraction of right images, in evaluation mode, mode put back.

    Parameters
    ----------
    evaluate : callable
        The student's function.
    model, loader, report : callable
        ``practice_model``, ``practice_loader``, ``practice_report``.
    seed : int
        Seed of the scores.

    Raises
    ------
    CheckFailed
        With a guess at the reason.
    """
    case = _evaluation_case(np.random.default_rng(seed))
    for training in (True, False):
        practice = model("scores", training)
        batches = loader(case.images, case.labels, case.batch)
        yours = as_float(_run(evaluate, "evaluate", practice, batches), "What evaluate returns")
        if abs(yours - case.accuracy) > 1e-6:
            fail(
                f"evaluate returns {yours:.6g} where {case.right} of {len(case.labels)} images are "
                f"right, which is {case.accuracy:.6g}. {_evaluation_reason(yours, case)}"
            )
        seen = report(practice)
        if seen["training"] is not training:
            before, after = ("training", "evaluation") if training else ("evaluation", "training")
            fail(
                f"evaluate gets the model in {before} mode and leaves it in {after} mode. Remember "
                "the mode that the model was in, and put it back at the end."
            )
        if any(entry["grad"] for entry in seen["passes"]):
            fail(
                "evaluate records gradients that nobody needs, which takes time and memory. "
                "torch.no_grad() switches that off."
            )
    passed("evaluate: the fraction of right images; the model's mode is put back.")


@dataclass(frozen=True)
class _EvaluationCase:
    images: np.ndarray
    labels: np.ndarray
    batch: int
    hits: np.ndarray
    turned: float

    @property
    def right(self) -> int:
        return int(self.hits.sum())

    @property
    def accuracy(self) -> float:
        return float(self.hits.mean())


def _evaluation_case(rng) -> _EvaluationCase:
    """Draw 24 images in batches of 10, 10 and 4; the small batch is much worse."""
    count, batch = 24, 10
    images = np.zeros((count, 1, 4, 4))
    scores = rng.permuted(np.tile(np.arange(15.0), (count, 1)), axis=1)
    images.reshape(count, 16)[:, 1:] = scores
    images[:, 0, 0, 0] = np.arange(count)
    hits = np.ones(count, bool)
    hits[rng.choice(20, 4, replace=False)] = False
    hits[rng.choice(np.arange(20, 24), 3, replace=False)] = False
    best, lowest = scores.argmax(axis=1), scores.argmin(axis=1)
    others = (best + 1) % 15
    others = np.where(others == lowest, (best + 2) % 15, others)
    labels = np.where(hits, best, others)
    return _EvaluationCase(images, labels, batch, hits, float(np.mean(lowest == labels)))


def _evaluation_reason(yours: float, case: _EvaluationCase) -> str:
    parts = [case.hits[i : i + case.batch] for i in range(0, len(case.hits), case.batch)]
    slips = (
        (100 * case.accuracy, "That is in percent; a fraction from 0 to 1 is asked for."),
        (case.right, "That is the number of right images; divide it by the number of images."),
        (
            np.mean([part.mean() for part in parts]),
            "That is the mean over the batches. The last batch is smaller, so its images count "
            "too much. Count right images and all images.",
        ),
        (
            case.right / (len(parts) * case.batch),
            "It is divided by the number of batches times their size. The last batch is smaller.",
        ),
        (
            case.right / len(parts),
            "It is divided by the number of batches. Divide by the number of images.",
        ),
        (1 - case.accuracy, "That is the fraction of wrong images."),
        (parts[0].mean(), "Only the first batch is counted. Is `return` inside the loop?"),
        (parts[-1].mean(), "Only the last batch is counted."),
        (
            case.turned,
            "The model was in training mode, where dropout and batch normalisation do other "
            "things. Switch to evaluation mode first.",
        ),
    )
    for value, sentence in slips:
        if abs(yours - float(value)) < 1e-6:
            return sentence
    return "The prediction for an image is the class with the largest score."


# --- train --------------------------------------------------------------------------------

_RESULTS = "the losses, the training accuracies and the validation accuracies"


@dataclass(frozen=True)
class _TrainingCase:
    images: np.ndarray
    labels: np.ndarray
    val_images: np.ndarray
    val_labels: np.ndarray


@dataclass(frozen=True)
class _Trained:
    lists: list[list[float]]
    report: dict
    accuracy: float
    train_accuracy: float
    true_loss: float


def _training_case(seed: int) -> _TrainingCase:
    rng = np.random.default_rng(seed)

    def part(count: int, first: int):
        labels = rng.permutation(np.arange(count) % 3)
        flat = rng.normal(scale=0.7, size=(count, 16))
        flat[np.arange(count), 1 + labels] += 2.0
        flat[:, 0] = first + np.arange(count)
        return flat.reshape(count, 1, 4, 4), labels

    images, labels = part(110, 0)
    val_images, val_labels = part(44, 1000)
    return _TrainingCase(images, labels, val_images, val_labels)


def _train(train, model, loader, report, seed: int, epochs: int) -> _Trained:
    case = _training_case(seed)
    practice = model("learner", True)
    torch.manual_seed(seed)
    returned = _run(
        train,
        "train",
        practice,
        loader(case.images, case.labels, 20),
        loader(case.val_images, case.val_labels, 20),
        epochs,
    )
    seen = report(practice)
    lists = _three_lists(returned, epochs)
    # Computed here, from the weights alone: what comes from the student's side is data.
    weight = np.asarray(seen["weight"], np.float32)
    scores, val_scores = (_features(x) @ weight for x in (case.images, case.val_images))
    return _Trained(
        lists,
        seen,
        float(np.mean(val_scores.argmax(axis=1) == case.val_labels)),
        float(np.mean(scores.argmax(axis=1) == case.labels)),
        _cross_entropy(scores, case.labels),
    )


def _features(images: np.ndarray) -> np.ndarray:
    """Return what a practice model looks at: all pixels but the first, which is a number."""
    return images.reshape(len(images), -1)[:, 1:].astype(np.float32)


def _cross_entropy(scores: np.ndarray, labels: np.ndarray) -> float:
    wide = scores.astype(np.float64)
    return float(np.mean(np.logaddexp.reduce(wide, axis=1) - wide[np.arange(len(wide)), labels]))


def _three_lists(returned, epochs: int) -> list[list[float]]:
    if not isinstance(returned, (tuple, list)) or len(returned) < 3:
        fail(f"train returned {describe(returned)}; three lists are expected: {_RESULTS}.")
    found = []
    names = ("losses", "training accuracies", "validation accuracies")
    for name, values in zip(names, returned, strict=False):
        if not isinstance(values, (list, tuple, np.ndarray, torch.Tensor)) or np.ndim(values) == 0:
            fail(f"The {name} that train returns are {describe(values)}; a list is expected.")
        if len(values) != epochs:
            fail(
                f"train was asked for {epochs} epochs and returned {len(values)} {name}; one for "
                "each epoch is expected. Is num_epoch used, and is there one entry for an epoch, "
                "not for a batch?"
            )
        found.append([as_float(value, f"One of the {name}") for value in values])
    for name, values in zip(names[1:], found[1:], strict=True):
        if max(values) > 1.0 + 1e-9 or min(values) < -1e-9:
            fail(f"The {name} go up to {max(values):.4g}. Return fractions from 0 to 1.")
    return found


def check_train_returns(
    train: Callable, model: Callable, loader: Callable, report: Callable, seed: int = SEED
) -> None:
    """Check what `train` returns: three lists, and true validation accuracies.

    Parameters
    ----------
    train : callable
        The student's function.
    model, loader, report, seed
        As in `check_evaluate`.
    """
    for epochs in (3, 1):
        done = _train(train, model, loader, report, seed, epochs)
        claimed = done.lists[2]
        if min(abs(claimed[-1] - done.accuracy), abs(max(claimed) - done.accuracy)) <= 1e-6:
            continue
        text = (
            f"The last validation accuracy that train returns is {claimed[-1]:.4f}; measured "
            f"afterwards, the model reaches {done.accuracy:.4f} on the validation images."
        )
        if abs(claimed[-1] - done.train_accuracy) <= 1e-6:
            fail(f"{text} On the training images it is {done.train_accuracy:.4f}: which loader?")
        fail(
            f"{text} Evaluate after each epoch, on valloader, the argument, and with the model "
            "that train was given."
        )
    passed("train: three lists with one entry for each epoch, and the accuracies are true.")


def check_train_learns(
    train: Callable, model: Callable, loader: Callable, report: Callable, seed: int = SEED
) -> None:
    """Check that `train` improves the model that it is given, on all of its images."""
    done = _train(train, model, loader, report, seed, 3)
    backwards = done.report["backwards"]
    if not backwards:
        fail(
            "train never goes backwards through the model that it is given. Is loss.backward() "
            "called, on a loss of this model's scores?"
        )
    _double_softmax(backwards, seed)
    if not np.any(done.report["weight"]):
        fail(
            "After train, the weights of the model are what they were. Does the optimizer take "
            "steps, and is it made inside train, with the parameters of this model?"
        )
    losses = done.lists[0]
    if not losses[-1] < losses[0]:
        fail(
            f"The loss goes from {losses[0]:.4g} to {losses[-1]:.4g} in three epochs on an easy "
            "problem. It should fall. Look at the loss, the sign of the step and the learning rate."
        )
    if not done.true_loss < np.log(3.0) - 1e-5:
        fail(
            f"After train, the cross-entropy of the model on its training images is "
            f"{done.true_loss:.4g}; before, with all weights 0, it was {np.log(3.0):.4g}. It "
            "should be smaller. Look at the loss, the sign of the step and the learning rate."
        )
    trained = [n for entry in backwards for n in entry["images"] if n < 1000]
    counts = np.bincount(trained, minlength=110)
    if counts.min() < 3:
        fail(
            f"In three epochs, {int(np.sum(counts < 3))} of 110 training images were used less "
            "than three times. Does the loop go through all of trainloader, every epoch?"
        )
    passed("train: the model learns from every training image, and the loss falls.")


def _double_softmax(backwards: list[dict], seed: int) -> None:
    case = _training_case(seed)
    entry = next((e for e in backwards if max(e["images"]) < 1000), None)
    if entry is None:
        return
    scores = torch.tensor(entry["scores"], dtype=torch.float64, requires_grad=True)
    labels = torch.as_tensor(case.labels[entry["images"]])
    twice = torch.nn.functional.cross_entropy(scores.softmax(dim=1), labels)
    (wrong,) = torch.autograd.grad(twice, scores)
    if np.allclose(entry["gradient"], wrong.numpy(), rtol=1e-3, atol=1e-7):
        fail(
            "The scores pass through a softmax before the cross-entropy. PyTorch's cross-entropy "
            "contains the softmax: give it the scores as they are. With two of them the gradients "
            "become small, and the network learns slowly."
        )


def check_train_clean(
    train: Callable, model: Callable, loader: Callable, report: Callable, seed: int = SEED
) -> None:
    """Check the order inside `train`: gradients cleared, modes right, validation apart."""
    done = _train(train, model, loader, report, seed, 3)
    backwards = done.report["backwards"]
    if not backwards:
        fail("train never goes backwards through the model that it is given.")
    if any(max(entry["images"]) >= 1000 for entry in backwards):
        fail(
            "train also learns from the validation images. Their accuracy then says nothing about "
            "images that the model has not seen."
        )
    if any(entry["stale"] for entry in backwards):
        fail(
            "The gradients of earlier steps are still there when the next ones are added. PyTorch "
            "adds gradients up; clear them before each backward pass."
        )
    off = [place for place, entry in enumerate(backwards) if not entry["training"]]
    if off:
        where = "from the first step on" if off[0] == 0 else f"from step {off[0] + 1} on"
        fail(
            f"The model is trained in evaluation mode {where}, so dropout and batch normalisation "
            "are off. Switch to training mode at the beginning of each epoch, whatever an "
            "evaluation has left behind."
        )
    judged = [e for e in done.report["passes"] if max(e["images"]) >= 1000]
    if not judged:
        fail("train never looks at the validation images.")
    if any(entry["training"] for entry in judged):
        fail("The validation images pass through the model in training mode.")
    passed("train: gradients are cleared, modes are right, validation images are only looked at.")


def _run(function: Callable, name: str, *arguments):
    try:
        return function(*arguments)
    except NotImplementedError:
        fail(f"{name} is not written yet: replace `raise NotImplementedError` by your own lines.")
    except NameError as error:
        fail(
            f"{name} uses a name that is not there ({error}). It should work with its arguments "
            "alone, and with what it makes itself."
        )


# --- Networks and their weights -----------------------------------------------------------


class _Network:
    """A student's model, asked only through the methods of ``torch.nn.Module``."""

    def __init__(self, make: Callable, name: str):
        self.name = name
        try:
            self.model = make()
        except NotImplementedError:
            fail(f"{name} is not written yet: replace `raise NotImplementedError` by your lines.")
        if self.model is None or not callable(getattr(self.model, "state_dict", None)):
            fail(
                f"{name}() returns {describe(self.model)}; a torch.nn.Module is expected. "
                "Does it return the model?"
            )

    def load(self, file: str | Path) -> dict[str, torch.Tensor]:
        """Put handed-in weights into the model."""
        try:
            state = read_weights(file)
        except WeightsError as error:
            fail(str(error))
        try:
            self.model.load_state_dict(state)
        except (RuntimeError, KeyError) as error:
            fail(
                f"The weights in {Path(file).name} do not fit the model that {self.name}() builds. "
                f"{_mismatch(error)} Was {self.name} changed after the training? Train again, or "
                "put back the model that you trained."
            )
        # From here on it is only measured. torch.no_grad would not reach a process apart.
        self.model.requires_grad_(False)
        return state

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the weights that the model has now."""
        return self.model.state_dict()

    def scores(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores in evaluation mode, (N, 10), and see to their form."""
        self.model.eval()
        found = [self._batch(images[i : i + _BATCH]) for i in range(0, len(images), _BATCH)]
        return torch.cat(found)

    def _batch(self, images: torch.Tensor) -> torch.Tensor:
        try:
            with torch.no_grad():
                scores = self.model(images)
        except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
            fail(
                f"The model of {self.name}() cannot take images of shape {tuple(images.shape)}: "
                f"{type(error).__name__}: {_first_line(error)}. Compare the shape that goes into "
                "each layer with the one that it expects."
            )
        if not isinstance(scores, torch.Tensor):
            fail(f"The model of {self.name}() returns {describe(scores)}; a tensor is expected.")
        if tuple(scores.shape) != (len(images), CLASSES):
            fail(
                f"For {len(images)} images the model of {self.name}() returns shape "
                f"{tuple(scores.shape)}; ({len(images)}, {CLASSES}) is expected: a row of ten "
                "scores for each image."
            )
        scores = scores.detach().float().cpu()
        if not bool(torch.isfinite(scores).all()):
            fail(f"The scores of the model of {self.name}() hold NaN or infinity.")
        return scores


def _mismatch(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines()[1:] if line.strip()]
    return " ".join(lines)[:400] or _first_line(error)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]


def check_network(make: Callable, name: str, convolution: bool = False, seed: int = SEED) -> None:
    """Check a fresh model: ten scores for an image, the same ones every time.

    Parameters
    ----------
    make : callable
        The student's function; returns a new model.
    name : str
        Its name.
    convolution : bool
        Whether there has to be a convolution in it.
    seed : int
        Seed of the images.
    """
    network = _Network(make, name)
    images = torch.randn(7, 1, 28, 28, generator=torch.Generator().manual_seed(seed))
    scores = network.scores(images)
    _not_probabilities(scores, name)
    _repeatable(network, images, scores)
    if convolution and not _has_convolution(network.weights()):
        fail(
            f"There is no convolution in the model of {name}(): no weights of shape (filters, "
            "channels, rows, columns) with more than one row or column. This task asks for a "
            "convolutional network."
        )
    passed(f"{name}: ten scores for each image.")


def _not_probabilities(scores: torch.Tensor, name: str) -> None:
    sums = scores.sum(dim=1)
    if bool((scores >= 0).all()) and bool(torch.allclose(sums, torch.ones_like(sums), atol=1e-4)):
        fail(
            f"The model of {name}() returns probabilities: they are positive and sum up to 1. "
            "Return scores, without a softmax; PyTorch's cross-entropy contains it."
        )
    columns = scores.sum(dim=0)
    if bool((scores >= 0).all()) and bool(
        torch.allclose(columns, torch.ones_like(columns), atol=1e-4)
    ):
        fail(
            f"The scores of {name}() sum up to 1 over the images: a softmax over the wrong axis. "
            "Return scores, without a softmax."
        )


def _repeatable(network: _Network, images: torch.Tensor, scores: torch.Tensor) -> None:
    if not torch.allclose(network.scores(images), scores, rtol=1e-4, atol=1e-5):
        fail(
            f"In evaluation mode the model of {network.name}() gives other scores for the same "
            "images the second time. Something stays in training mode: nn.Dropout switches itself "
            "off, but F.dropout needs training=self.training."
        )
    alone = network.scores(images[:1])
    if not torch.allclose(alone, scores[:1], rtol=1e-3, atol=1e-4):
        fail(
            f"In evaluation mode the model of {network.name}() gives an image other scores when it "
            "comes alone than in a batch. Scores of one image should not depend on the others: "
            "does a layer normalise or sum over the batch, or stay in training mode?"
        )


def _has_convolution(state) -> bool:
    return any(value.ndim == 4 and max(value.shape[2:]) > 1 for value in state.values())


@dataclass(frozen=True)
class _Images:
    """Images with their classes; `complete` says whether they are all that were asked for."""

    bytes: np.ndarray
    labels: np.ndarray
    complete: bool

    def lenience(self, level: float) -> float:
        """Return what chance may take away on so few images: three standard errors."""
        if self.complete:
            return _SLACK
        return _SLACK + _three_errors(level, len(self.labels))

    def note(self) -> str:
        """Say when it was measured on a sample."""
        if self.complete:
            return ""
        return (
            f" (The whole data set is not on this machine. Measured on the {len(self.labels)} "
            "images of it that ship with the course, with an allowance for chance.)"
        )


def _three_errors(level: float, count: int) -> float:
    return 3.0 * float(np.sqrt(level * (1.0 - level) / max(1, count)))


def _open(image_set):
    with contextlib.suppress(DataUnavailable):
        return image_set.open("cache", tell=lambda text: None)
    return image_set.open("subset")


def _validation_images(limit: int | None = None) -> _Images:
    """Return images of the validation part of the usual split."""
    data = _open(FASHION_MNIST)
    rows = np.random.RandomState([SPLIT_SEED, 0]).permutation(60000)[50000:]
    if data.complete:
        chosen = rows[:limit]
    else:
        chosen = np.flatnonzero(np.isin(data.train_index, rows))[:limit]
    complete = data.complete and limit is None
    return _Images(np.array(data.train_images[chosen]), data.train_labels[chosen], complete)


def _test_images(limit: int | None = None) -> _Images:
    data = _open(FASHION_MNIST)
    return _Images(np.array(data.test_images[:limit]), data.test_labels[:limit], data.complete)


def _accuracy(network: _Network, images: _Images, prepare: Callable = fashion_tensor) -> float:
    predictions = network.scores(prepare(images.bytes)).argmax(dim=1).numpy()
    return float(np.mean(predictions == images.labels))


def _low_because(network: _Network, images: _Images, reached: float) -> str:
    """Look for a reason of a low accuracy: images prepared in another way."""
    few = _Images(images.bytes[:1000], images.labels[:1000], False)
    others = (
        (lambda pixels: _plain(pixels, 255.0), "on pixels from 0 to 1"),
        (lambda pixels: _plain(pixels, 1.0), "on pixels from 0 to 255"),
        (lambda pixels: 2.0 * _plain(pixels, 255.0) - 1.0, "on pixels from -1 to 1"),
    )
    for prepare, where in others:
        if _accuracy(network, few, prepare) > reached + 0.05:
            return (
                f"It does better {where}. The images are standardized, at test time as in "
                "training: use load_fashion and load_fashion_test as they are, and scale "
                "nothing again inside the model."
            )
    if reached < 0.2:
        return (
            "That is near guessing. Are these the trained weights, and were images and labels kept "
            "together in training?"
        )
    return "Train longer, or change the network or the learning rate."


def _plain(pixels: np.ndarray, divisor: float) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels)).float().unsqueeze(1) / divisor


def check_mlp_weights(make: Callable, file: str | Path = "mlp.pt") -> None:
    """Measure the handed-in multi-layer perceptron on validation images: at least 82 percent."""
    network = _Network(make, "make_mlp")
    state = network.load(file)
    if _has_convolution(state):
        fail("There is a convolution in the model of make_mlp(). Task 3 asks for one without.")
    images = _validation_images()
    _repeatable(network, fashion_tensor(images.bytes[:20]),
                network.scores(fashion_tensor(images.bytes[:20])))  # fmt: skip
    reached = _accuracy(network, images)
    if reached < LOWEST_MLP - images.lenience(LOWEST_MLP):
        fail(
            f"{Path(file).name}: {100 * reached:.2f} % of {len(images.labels)} validation images "
            f"are right; {100 * LOWEST_MLP:.0f} % are asked for. "
            f"{_low_because(network, images, reached)}{images.note()}"
        )
    passed(f"mlp: {100 * reached:.2f} % of {len(images.labels)} validation images.{images.note()}")


def check_mlp_curves(
    make: Callable, file: str | Path = "mlp.pt", history: str | Path = "mlp_history.json"
) -> None:
    """Check the curves of the perceptron: at least eight epochs, and true."""
    curves = _curves(history)
    _long_enough(curves, history)
    network = _Network(make, "make_mlp")
    network.load(file)
    _claim_is_true(network, curves, file, history)
    passed(f"mlp curves: {len(curves.loss)} epochs, and the last accuracy is true.")


def check_cnn_weights(
    make: Callable, file: str | Path = "cnn.pt", history: str | Path = "cnn_history.json"
) -> None:
    """Check that the handed-in weights fit the model, and reach what the curves say."""
    network = _Network(make, "make_cnn")
    network.load(file)
    curves = _curves(history)
    _claim_is_true(network, curves, file, history)
    passed("cnn: the weights fit, and reach the validation accuracy of the curves.")


def check_cnn_test(make: Callable, file: str | Path = "cnn.pt", points: float = 5.0) -> float:
    """Measure the handed-in network on test images, and return the points.

    All points from 85 percent on; between 70 and 85 percent a share of them.

    Parameters
    ----------
    make : callable
        The student's ``make_cnn``.
    file : str or Path
    points : float
        All points of the check.

    Returns
    -------
    float

    Raises
    ------
    CheckFailed
        Below 70 percent, or if the weights cannot be used.
    """
    network = _Network(make, "make_cnn")
    state = network.load(file)
    if not _has_convolution(state):
        fail("There is no convolution in the model of make_cnn(); this task is about one.")
    images = _test_images()
    reached = _accuracy(network, images)
    lenience = images.lenience(FULL_TEST) if not images.complete else 0.0
    allowed = reached + lenience
    if allowed <= LOWEST_TEST:
        fail(
            f"{Path(file).name}: {100 * reached:.2f} % of {len(images.labels)} test images are "
            f"right; points begin at {100 * LOWEST_TEST:.0f} %. "
            f"{_low_because(network, images, reached)}{images.note()}"
        )
    earned = partial_points(allowed, points)
    passed(
        f"cnn: {100 * reached:.2f} % of {len(images.labels)} test images, {earned:g} of {points:g} "
        f"points.{images.note()}"
    )
    return earned


def partial_points(accuracy: float, points: float) -> float:
    """Return all points from 85 percent on, none up to 70, a linear share in between.

    Raises
    ------
    ValueError
        If the accuracy is no fraction.
    """
    if not 0.0 <= accuracy <= 1.5:
        raise ValueError(f"accuracy is {accuracy}, not a fraction")
    share = (accuracy - LOWEST_TEST) / (FULL_TEST - LOWEST_TEST)
    return round(points * min(1.0, max(0.0, share)), 2)


def check_test_record(
    make: Callable, file: str | Path = "cnn.pt", record: str | Path = RECORD
) -> None:
    """Check the record of the test run: one run, with the handed-in weights."""
    try:
        runs = read_record(record)
        state = read_weights(file)
    except (ResultError, WeightsError) as error:
        fail(str(error))
    if len(runs) != 1:
        fail(
            f"{Path(record).name} holds {len(runs)} runs on the test set; one is allowed. Explain "
            "in your report how that came about: a person will read it."
        )
    if runs[0]["model"] != fingerprint(state):
        fail(
            f"The run in {Path(record).name} belongs to other weights than {Path(file).name}. Was "
            "the network trained again after the test run? Hand in the one that was tested."
        )
    network = _Network(make, "make_cnn")
    network.load(file)
    images = _test_images(_SAMPLE)
    reached, count = _accuracy(network, images), runs[0]["images"]
    few = min(len(images.labels), max(1, count))
    same = few == len(images.labels) == count
    chance = 4 / 3 * _three_errors(max(0.5, min(0.95, reached)), few)  # four standard errors
    noise = _SLACK if same else _SLACK + chance
    if abs(reached - runs[0]["accuracy"]) > noise:
        fail(
            f"{Path(record).name} says {100 * runs[0]['accuracy']:.2f} %; measured anew on "
            f"{len(images.labels)} images it is {100 * reached:.2f} %. Were the test images "
            "prepared like the training images?"
        )
    passed(f"test run: one, {100 * runs[0]['accuracy']:.2f} % of {count} images.{images.note()}")


def _curves(history: str | Path) -> History:
    try:
        return read_history(history)
    except HistoryError as error:
        fail(str(error))


def _long_enough(curves: History, history: str | Path) -> None:
    if len(curves.loss) < FEWEST_EPOCHS:
        fail(
            f"{Path(history).name} holds {len(curves.loss)} epochs; at least {FEWEST_EPOCHS} are "
            "asked for."
        )
    if max(curves.loss) - min(curves.loss) == 0.0:
        fail(f"The loss in {Path(history).name} is the same after every epoch. Was it trained?")
    if not curves.loss[-1] < curves.loss[0]:
        fail(
            f"The loss in {Path(history).name} goes from {curves.loss[0]:.4g} to "
            f"{curves.loss[-1]:.4g}. It should fall."
        )


def _claim_is_true(network: _Network, curves: History, file, history) -> None:
    images = _validation_images(_SAMPLE)
    reached = _accuracy(network, images)
    nearest = min(curves.val_accuracy, key=lambda value: abs(value - reached))
    allowed = _CLAIM + _three_errors(max(0.5, min(0.95, reached)), len(images.labels))
    if abs(nearest - reached) > allowed:
        fail(
            f"{Path(file).name} reaches {100 * reached:.1f} % of {len(images.labels)} validation "
            f"images, and no epoch in {Path(history).name} comes near that: the last says "
            f"{100 * curves.val_accuracy[-1]:.1f} %. Were the weights and the curves saved from "
            f"the same training? {_low_because(network, images, reached)}"
        )


# --- CIFAR-10 -----------------------------------------------------------------------------


def check_cifar_curve(history: str | Path = "cifar10_history.json") -> None:
    """Check that there is a curve of at least eight epochs, and that the loss falls."""
    curves = _curves(history)
    _long_enough(curves, history)
    passed(f"curve: {len(curves.loss)} epochs, and the loss falls.")


def check_predictions_form(file: str | Path = "predictions.csv") -> None:
    """Check the form of the predictions; an error names the line."""
    _predictions(file)
    passed("predictions: 10,000 rows, Ids in order, classes from 0 to 9.")


def check_predictions(file: str | Path = "predictions.csv", points: float = 10.0) -> float:
    """Compare the predictions with the classes of the test images, and return the points.

    All points from 75 percent on, half of them from 70 percent on.

    Raises
    ------
    CheckFailed
        Below 70 percent, or if the file has another form.
    """
    predictions = _predictions(file)
    labels, rows, complete = _cifar_labels()
    judged = predictions[rows]
    reached = float(np.mean(judged == labels))
    lenience = 0.0 if complete else _three_errors(FULL_CIFAR, len(labels))
    note = "" if complete else (
        f" (CIFAR-10 is not on this machine. Measured on {len(labels)} of the 10,000 images, with "
        "an allowance for chance.)"
    )  # fmt: skip
    for level, share in ((FULL_CIFAR, 1.0), (HALF_CIFAR, 0.5)):
        if reached + lenience >= level:
            earned = points * share
            passed(
                f"predictions: {100 * reached:.2f} % are right, {earned:g} of {points:g} points."
                f"{note}"
            )
            return earned
    fail(
        f"{Path(file).name}: {100 * reached:.2f} % of the predictions are right; points begin at "
        f"{100 * HALF_CIFAR:.0f} %. "
        f"{_prediction_reason(predictions, judged, labels, reached)}{note}"
    )


def _predictions(file: str | Path) -> np.ndarray:
    try:
        return read_predictions(file)
    except PredictionsError as error:
        fail(str(error))


def _cifar_labels() -> tuple[np.ndarray, np.ndarray, bool]:
    """Return classes of test images, their rows in predictions.csv, and whether they are all."""
    data = _open(CIFAR10)
    if data.complete:
        order = hash_order(data)
        return np.asarray(data.test_labels)[order], np.arange(len(order)), True
    stored = resources.files("chainrule.convnet") / "samples" / _PLACES
    with stored.open("rb") as stream:
        return data.test_labels, np.load(stream, allow_pickle=False).astype(np.int64), False


def _prediction_reason(
    predictions: np.ndarray, judged: np.ndarray, labels: np.ndarray, reached: float
) -> str:
    if len(np.unique(predictions)) == 1:
        return "All predictions are the same class."
    table = np.zeros((CLASSES, CLASSES), int)
    np.add.at(table, (judged, labels), 1)
    renamed = float(table.max(axis=1).sum() / len(labels))
    if renamed > max(0.55, reached + 0.2):
        return (
            f"With the classes named differently it would be {100 * renamed:.0f} %: does Category "
            "0 mean the first class, as in y_train?"
        )
    data = _open(CIFAR10)
    if data.complete and np.mean(predictions == data.test_labels) > reached + 0.2:
        return (
            "They stand in the order of the original test set. Use the order of "
            "cifar_test_images()."
        )
    if reached < 0.2:
        return (
            "That is near guessing. Are the rows in the order of cifar_test_images(), without a "
            "loader that shuffles, and was the model in evaluation mode?"
        )
    return "Choose by the validation images, and train longer or with a larger network."
