"""Trained parameters of two layers with their settings, saved and read without trusting them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chainrule.data.cifar10 import MEAN, STD
from chainrule.handin.arrays import LARGEST_FILE, ResultError, read_arrays, write_arrays

if TYPE_CHECKING:
    from chainrule.neuralnet.classifier import Classifier

_PREFIX = "parameters/"
_CLASSES = 10
_INPUTS = 3072
_TRAINING_IMAGES = 50_000


@dataclass
class Results:
    """What was saved about one trained network.

    Attributes
    ----------
    parameters : dict of str to ndarray
        By the student's own names.
    settings : dict
        How the network was trained: numbers and text.
    train_index : ndarray, (n,), int64
        Positions of the training images in CIFAR-10's training set.
    input_mean, input_std : ndarray, (3,)
        What was subtracted from the values of each colour in [0, 1], and what they
        were then divided by.
    """

    parameters: dict[str, np.ndarray]
    settings: dict = field(default_factory=dict)
    train_index: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    input_mean: np.ndarray = field(default_factory=lambda: np.array(MEAN))
    input_std: np.ndarray = field(default_factory=lambda: np.array(STD))


def save_results(
    file: Path | str,
    model: Classifier,
    settings: Mapping,
    train_index: np.ndarray,
    input_mean: Sequence[float] = MEAN,
    input_std: Sequence[float] = STD,
) -> None:
    """Save what you hand in about one trained network.

    The parameters are saved in float32, which keeps the file small.

    Parameters
    ----------
    file : str or Path
        For example ``"best.npz"``. An older file is replaced.
    model : Classifier
        The trained network.
    settings : dict
        How it was trained, for example ``{"hidden_dim": 16, "reg": 1.0}``: numbers,
        text, True, False or None.
    train_index : ndarray, (n,), int
        ``data["index_train"]``: which images it was trained on.
    input_mean, input_std : sequence of 3 numbers
        Change these only if you prepared the images in a way of your own.

    Raises
    ------
    ResultError
        If a parameter holds NaN or infinity, or the file would be too large.
    TypeError
        If the settings hold something else.
    """
    arrays = {}
    for name, value in model.parameters().items():
        if not np.all(np.isfinite(value)):
            raise ResultError(
                f"{name} holds NaN or infinity: the training has diverged. Nothing was saved."
            )
        arrays[_PREFIX + name] = np.asarray(value, np.float32)
    size = sum(array.nbytes for array in arrays.values())
    if size > LARGEST_FILE:
        raise ResultError(
            f"The parameters take {size / 1e6:.0f} MB; {LARGEST_FILE / 1e6:.0f} MB can be handed "
            "in. Use fewer hidden units."
        )
    arrays["settings"] = np.array(json.dumps(dict(settings)))
    arrays["train_index"] = _positions(train_index)
    arrays["input_mean"] = np.asarray(input_mean, np.float64)
    arrays["input_std"] = np.asarray(input_std, np.float64)
    write_arrays(file, arrays)


def _positions(train_index) -> np.ndarray:
    index = np.asarray(train_index)
    if index.ndim != 1 or index.dtype.kind not in "iu":
        raise ResultError('train_index is a list of positions: data["index_train"]')
    if index.size and not (0 <= int(index.min()) and int(index.max()) < _TRAINING_IMAGES):
        raise ResultError("train_index names images that CIFAR-10 does not have")
    return index.astype(np.uint16)  # 50,000 positions fit


def read_parameters(file: str | Path) -> dict[str, np.ndarray]:
    """Read the parameters of a model, by name.

    Raises
    ------
    ResultError
        As `read_arrays`, and if there are none, or one is not finite.
    """
    return _parameters(Path(file).name, read_arrays(file))


def _parameters(name: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    found = {k.removeprefix(_PREFIX): v for k, v in arrays.items() if k.startswith(_PREFIX)}
    if not found:
        raise ResultError(
            f"{name} holds no parameters. Save it with save_results(file, model, ...)."
        )
    for key, value in found.items():
        if value.dtype.kind != "f":
            raise ResultError(f"{key} of {name} holds {value.dtype}, not floating-point numbers.")
        if not np.all(np.isfinite(value)):
            raise ResultError(f"{key} of {name} holds NaN or infinity: the training has diverged.")
    return found


def load_results(file: str | Path) -> Results:
    """Read a file that `save_results` wrote.

    Raises
    ------
    ResultError
        If it is missing, damaged, too large, not finite, or something is not in it.
    """
    name, arrays = Path(file).name, read_arrays(file)
    parameters = _parameters(name, arrays)
    for key in ("settings", "train_index", "input_mean", "input_std"):
        if key not in arrays:
            raise ResultError(f"{name} holds no {key}. Save it with save_results(file, model, ...)")
    index = arrays["train_index"]
    if index.ndim != 1 or index.dtype.kind not in "iu":
        raise ResultError(f'train_index of {name} is not a list of positions: data["index_train"]')
    if index.size and not (0 <= int(index.min()) and int(index.max()) < _TRAINING_IMAGES):
        raise ResultError(f"train_index of {name} names images that CIFAR-10 does not have.")
    mean, std = arrays["input_mean"], arrays["input_std"]
    for key, value in (("input_mean", mean), ("input_std", std)):
        if value.shape != (3,) or value.dtype.kind != "f" or not np.all(np.isfinite(value)):
            raise ResultError(f"{key} of {name} should be three numbers, one for each colour.")
    if np.any(std <= 0):
        raise ResultError(f"input_std of {name} should be positive.")
    return Results(parameters, _settings(name, arrays), index.astype(np.int64), mean, std)


def _settings(name: str, arrays: Mapping[str, np.ndarray]) -> dict:
    text = arrays["settings"]
    if text.shape != () or text.dtype.kind != "U":
        raise ResultError(f"The settings of {name} cannot be read. Save it with save_results.")
    try:
        settings = json.loads(str(text))
    except ValueError:
        raise ResultError(
            f"The settings of {name} cannot be read. Save it with save_results."
        ) from None
    if not isinstance(settings, dict):
        raise ResultError(f"The settings of {name} are no dictionary.")
    return settings


@dataclass(frozen=True)
class TwoLayers:
    """The parameters of a two-layer network, told apart by their shapes."""

    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray


def as_two_layers(parameters: Mapping[str, np.ndarray]) -> TwoLayers:
    """Find out which parameter is which, from the shapes alone.

    Parameters
    ----------
    parameters : dict of str to ndarray
        The parameters of a network for CIFAR-10, by any names. With ten hidden units
        both biases have one shape; they are then taken in the order of the matrices.

    Raises
    ------
    ResultError
        If the shapes are not those of a two-layer network; says which were found.
    """
    matrices = {k: v for k, v in parameters.items() if v.ndim == 2}
    biases = {k: v for k, v in parameters.items() if v.ndim == 1}
    listing = ", ".join(f"{k} {v.shape}" for k, v in parameters.items())
    first = [v for v in matrices.values() if v.shape[0] == _INPUTS]
    second = [v for v in matrices.values() if v.shape[1] == _CLASSES]
    if len(first) == 2:  # 3,072 hidden units
        first = [v for v in first if v.shape[1] != _CLASSES]
    if len(second) == 2:  # 10 hidden units
        second = [v for v in second if v.shape[0] != _INPUTS]
    if len(parameters) == 4 and len(first) == len(second) == 1:
        hidden = first[0].shape[1]
        if second[0].shape == (hidden, _CLASSES):
            pair = _biases(matrices, biases, first[0], hidden)
            if pair is not None:
                return TwoLayers(first[0], pair[0], second[0], pair[1])
    raise ResultError(
        f"These are not the parameters of a two-layer network for CIFAR-10: {listing}. "
        "Expected are matrices (3072, H) and (H, 10), and biases (H,) and (10,)."
    )


def _biases(matrices, biases, first, hidden):
    values = list(biases.values())
    if len(values) != 2:
        return None
    if hidden == _CLASSES:
        # The same shape: the biases stand in the order in which the matrices stand.
        firsts = [v is first for v in matrices.values()]
        pair = values if firsts[0] else values[::-1]
        return pair if all(v.shape == (_CLASSES,) for v in values) else None
    one = [v for v in values if v.shape == (hidden,)]
    two = [v for v in values if v.shape == (_CLASSES,)]
    return (one[0], two[0]) if len(one) == len(two) == 1 else None


def predictions(results: Results, images: np.ndarray, block: int = 1000) -> np.ndarray:
    """Predict the classes of images with a handed-in two-layer network.

    Each layer is one product: its matrix carries the bias as a further row, and the
    inputs a further column of ones.

    Parameters
    ----------
    results : Results
        From `load_results`.
    images : ndarray, (N, 3072), uint8
        As CIFAR-10 stores them.
    block : int
        Images at a time.

    Returns
    -------
    ndarray, (N,), int64
    """
    layers = as_two_layers(results.parameters)
    planes = [
        np.vstack([layers.first, layers.first_bias]),
        np.vstack([layers.second, layers.second_bias]),
    ]
    shift = np.repeat(results.input_mean, 1024).astype(np.float32)
    scale = np.repeat(results.input_std, 1024).astype(np.float32)
    found = []
    for start in range(0, len(images), block):
        signal = np.divide(images[start : start + block], 255, dtype=np.float32)
        signal = (signal - shift) / scale
        for number, plane in enumerate(planes):
            if number:
                signal = np.clip(signal, 0.0, None)
            signal = np.hstack([signal, np.ones((len(signal), 1), np.float32)]) @ plane
        found.append(np.argmax(signal, axis=1))
    return np.concatenate(found) if found else np.zeros(0, np.int64)
