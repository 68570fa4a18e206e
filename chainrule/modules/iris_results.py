"""What is handed in of the experiments: one JSON file and the best run's parameters.

Both are read back safely: sizes are limited before anything is unpacked, and
nothing is unpickled.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chainrule.handin.arrays import ResultError, read_arrays, write_arrays
from chainrule.handin.json_file import read_json
from chainrule.modules.logger import flat_parameters
from chainrule.whole_file import write_text

if TYPE_CHECKING:
    from chainrule.modules.network import Network

#: Larger files are not read. A report of a hundred runs needs about 1 MB.
LARGEST_JSON = 5_000_000

RESULTS = "iris_results.json"
PARAMETERS = "iris_best.npz"


class ResultsError(ValueError):
    """What was handed in cannot be read; the message says why and what to do."""


@dataclass
class Run:
    """One combination of settings, and how it went.

    Attributes
    ----------
    name : str
        The run's name under ``experiments/``.
    learning_rate : float
    hidden_size : int
    train_loss, val_loss : list of float
        One for each epoch.
    val_error : float
        Fraction of validation flowers that are wrong after the last epoch.
    """

    name: str
    learning_rate: float
    hidden_size: int
    train_loss: list[float]
    val_loss: list[float]
    val_error: float


@dataclass
class Results:
    """All runs, which of them is the best, and how it did on the test set."""

    runs: list[Run]
    best: str
    test_loss: float
    test_error: float
    parameters: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def best_run(self) -> Run:
        """The run that `best` names."""
        return next(run for run in self.runs if run.name == self.best)


def make_run(name: str, learning_rate: float, hidden_size: int, history: list[dict]) -> Run:
    """Return a run from the rows that ``Network.train`` gave.

    Raises
    ------
    ValueError
        If there are no rows.
    """
    if not history:
        raise ValueError(f"the history of {name} is empty: was the network trained?")
    return Run(
        name,
        float(learning_rate),
        int(hidden_size),
        [float(row["train_loss"]) for row in history],
        [float(row["val_loss"]) for row in history],
        float(history[-1]["val_error"]),
    )


def save_results(
    runs: list[Run],
    best: str,
    network: Network,
    test: tuple[float, float],
    folder: Path | str = ".",
) -> list[Path]:
    """Write the two files to hand in; an earlier version of them is replaced.

    Parameters
    ----------
    runs : list of Run
        All of them.
    best : str
        The name of the best one.
    network : Network
        The best run's network, as it was tested.
    test : (float, float)
        Its loss and error on the test set.
    folder : path
        Where to write; beside the notebook when left out.

    Returns
    -------
    list of Path

    Raises
    ------
    ValueError
        If no run, or more than one, has the best one's name.
    """
    names = [run.name for run in runs]
    if names.count(best) != 1:
        raise ValueError(f"{best!r} has to be the name of one run; there are {', '.join(names)}")
    loss, error = test
    record = {
        "format": 1,
        "runs": [vars(run) for run in runs],
        "best": best,
        "test_loss": float(loss),
        "test_error": float(error),
    }
    folder = Path(folder)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    write_text(folder / RESULTS, text + "\n")
    write_arrays(folder / PARAMETERS, flat_parameters(network.read_parameters()))
    return [folder / RESULTS, folder / PARAMETERS]


def load_results(folder: Path | str = ".") -> Results:
    """Read the two files back.

    Raises
    ------
    ResultsError
        If a file is missing, too large or damaged, or an entry has another form.
    """
    folder = Path(folder)
    record = read_json(
        folder / RESULTS,
        LARGEST_JSON,
        ResultsError,
        "Run the cells that train and save, and hand the file in together with the notebook.",
    )
    if not isinstance(record, dict) or not isinstance(record.get("runs"), list):
        raise ResultsError(f"{RESULTS} is not a record of runs; write it with save_results.")
    runs = [_run(entry, place) for place, entry in enumerate(record["runs"], start=1)]
    names = [run.name for run in runs]
    best = record.get("best")
    if not isinstance(best, str) or names.count(best) != 1:
        raise ResultsError(
            f"{RESULTS} calls {best!r} the best run; its runs are {', '.join(names) or 'none'}. "
            "Every run needs a name of its own, and one of them is the best."
        )
    results = Results(
        runs,
        best,
        _number(record.get("test_loss"), "test_loss"),
        _number(record.get("test_error"), "test_error"),
    )
    results.parameters = read_parameters(folder / PARAMETERS)
    return results


def read_parameters(path: Path | str) -> dict[str, np.ndarray]:
    """Read arrays of real numbers from an npz file that nobody vouches for.

    Raises
    ------
    ResultsError
        If the file is missing, too large, damaged, or holds anything but finite numbers.
    """
    path = Path(path)
    try:
        arrays = read_arrays(path)
    except ResultError as error:
        raise ResultsError(str(error)) from None
    for name, array in arrays.items():
        if array.dtype.kind != "f" or not np.all(np.isfinite(array)):
            raise ResultsError(f"{name} in {path.name} is not an array of finite numbers.")
    return arrays


def _run(entry, place: int) -> Run:
    what = f"run {place} in {RESULTS}"
    if not isinstance(entry, dict):
        raise ResultsError(f"{what} is not a record; write the file with save_results.")
    name, hidden = entry.get("name"), entry.get("hidden_size")
    if not isinstance(name, str):
        raise ResultsError(f"{what} has no name.")
    if isinstance(hidden, bool) or not isinstance(hidden, int) or hidden < 1:
        raise ResultsError(f"the hidden_size of {what} is {hidden!r}, not a whole number above 0.")
    return Run(
        name,
        _number(entry.get("learning_rate"), f"the learning_rate of {what}"),
        hidden,
        _numbers(entry.get("train_loss"), f"the train_loss of {what}"),
        _numbers(entry.get("val_loss"), f"the val_loss of {what}"),
        _number(entry.get("val_error"), f"the val_error of {what}"),
    )


def _numbers(values, what: str) -> list[float]:
    if not isinstance(values, list) or not values:
        raise ResultsError(f"{what} is not a list of numbers, one for each epoch.")
    # A run that diverged is a result too, so infinite and missing losses may stand here.
    return [_number(value, what, finite=False) for value in values]


def _number(value, what: str, finite: bool = True) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ResultsError(f"{what} is {value!r}, not a number.")
    if finite and not math.isfinite(value):
        raise ResultsError(f"{what} is {value}, not a finite number.")
    return float(value)
