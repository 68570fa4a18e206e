"""The curves of a training run in a JSON file that you hand in."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.handin.json_file import read_json
from chainrule.whole_file import write_text

_LARGEST = 1_000_000


class HistoryError(ValueError):
    """A file with curves cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class History:
    """One number for each epoch.

    Attributes
    ----------
    loss : tuple of float
        Mean training loss.
    train_accuracy, val_accuracy : tuple of float
        Fractions in [0, 1].
    """

    loss: tuple[float, ...]
    train_accuracy: tuple[float, ...]
    val_accuracy: tuple[float, ...]


_KEYS = ("loss", "train_accuracy", "val_accuracy")


def save_history(
    file: str | Path, loss: Sequence, train_accuracy: Sequence, val_accuracy: Sequence
) -> None:
    """Write the three lists that `train` returns to a JSON file.

    Parameters
    ----------
    file : str or Path
        For example ``"cnn_history.json"``.
    loss, train_accuracy, val_accuracy : sequence of numbers
        One for each epoch.

    Raises
    ------
    HistoryError
        If the lists have different lengths, are empty, or hold something else.
    """
    values = (loss, train_accuracy, val_accuracy)
    record = {
        key: [float(value) for value in list_] for key, list_ in zip(_KEYS, values, strict=True)
    }
    _history(Path(file).name, record)
    write_text(file, json.dumps(record, indent=1) + "\n")


def read_history(file: str | Path) -> History:
    """Read what `save_history` wrote.

    Raises
    ------
    HistoryError
        If the file is missing, too large, damaged, or holds other lists.
    """
    record = read_json(
        file,
        _LARGEST,
        HistoryError,
        "Train, run the cell that saves the curves, and hand the file in.",
    )
    return _history(Path(file).name, record)


def _history(name: str, record) -> History:
    if not isinstance(record, dict) or not all(isinstance(record.get(k), list) for k in _KEYS):
        raise HistoryError(
            f"{name} should hold the lists {', '.join(_KEYS)}. Write it with save_history."
        )
    lists = {key: tuple(_number(name, key, value) for value in record[key]) for key in _KEYS}
    lengths = {key: len(values) for key, values in lists.items()}
    if len(set(lengths.values())) != 1 or not lists["loss"]:
        found = ", ".join(f"{key} {length}" for key, length in lengths.items())
        raise HistoryError(f"{name}: the lists need one number for each epoch; found: {found}.")
    return History(**lists)


def _number(name: str, key: str, value) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise HistoryError(f"{name}: {key} holds {value!r}, which is no finite number.")
    if key != "loss" and not 0.0 <= value <= 1.0:
        raise HistoryError(
            f"{name}: {key} holds {value:g}. Accuracies are fractions from 0 to 1, not percent."
        )
    return float(value)
