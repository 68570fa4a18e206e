"""Trained parameters in ``.npz`` files, read without trusting them.

A file that somebody handed in may be damaged or made to do harm. Nothing is
unpickled, sizes are checked before memory is taken, and every problem has a
sentence that says what to do.
"""

import io
import json
import math
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chainrule.data.cifar10 import MEAN, STD

#: A two-layer network with 1,900 hidden units still fits, in float32.
LARGEST_FILE = 25_000_000
MOST_ARRAYS = 40
_PREFIX = "parameters/"
_LARGEST_HEADER = 10_000
_CLASSES = 10
_INPUTS = 3072
_TRAINING_IMAGES = 50_000


class ResultError(ValueError):
    """A file with results cannot be used; the message says why and what to do."""


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


def save_results(file, model, settings: Mapping, train_index, input_mean=MEAN, input_std=STD):
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


def write_arrays(file: str | Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write an ``.npz`` file; it is complete or not there at all."""
    path = Path(file)
    unfinished = path.with_name(path.name + ".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for name, value in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(value), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue())
    os.replace(unfinished, path)


def read_arrays(file: str | Path) -> dict[str, np.ndarray]:
    """Read all arrays of an ``.npz`` file, without unpickling anything.

    Raises
    ------
    ResultError
        If the file is missing, too large, damaged, or holds anything but arrays of
        numbers and text.
    """
    path = Path(file)
    if not path.is_file():
        raise ResultError(f"There is no file {path.name} beside the notebook.")
    if path.stat().st_size > LARGEST_FILE + 1_000_000:
        raise ResultError(
            f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; at most "
            f"{LARGEST_FILE / 1e6:.0f} MB are read. Use fewer hidden units."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_sizes(path.name, members)
            return {m.filename.removesuffix(".npy"): _read_member(archive, m) for m in members}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError,
            RuntimeError) as error:  # fmt: skip
        raise ResultError(
            f"{path.name} is damaged or is no .npz file ({error}). Save it again with save_results."
        ) from None


def _check_sizes(name: str, members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MOST_ARRAYS or total > LARGEST_FILE + 1_000_000:
        raise ResultError(
            f"{name} unpacks to {len(members)} arrays and {total / 1e6:.0f} MB; at most "
            f"{MOST_ARRAYS} arrays and {LARGEST_FILE / 1e6:.0f} MB are read."
        )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Read one array; its header is compared with its size before memory is taken."""
    with archive.open(member) as stream:
        content = stream.read(member.file_size)
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            header = np.lib.format.read_array_header_1_0(stream, _LARGEST_HEADER)
        else:
            header = np.lib.format.read_array_header_2_0(stream, _LARGEST_HEADER)
        shape, fortran, dtype = header
        if dtype.hasobject:
            raise ResultError(
                f"{member.filename} holds Python objects, which are never unpickled. "
                "Save plain arrays, with save_results."
            )
        if any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize != len(content) - (
            stream.tell()
        ):
            raise ValueError("its header does not fit its size")
        data = np.frombuffer(content, dtype, offset=stream.tell())
    except ResultError:
        raise
    except ValueError as error:
        raise ResultError(
            f"{member.filename} is no NumPy array ({error}). Save it again with save_results."
        ) from None
    return data.reshape(shape, order="F" if fortran else "C").copy()


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
