"""The test set is used once, and the run is written down."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from chainrule.neuralnet.results import ResultError

RECORD = "test_run.json"

_WHY = (
    "Whoever looks at the test accuracy, changes something and looks again, chooses by the test "
    "set. Its accuracy then says too much, just like the training accuracy. Tune with the "
    "validation set."
)


class AlreadyTested(RuntimeError):
    """The test set was used before; the message says when and why a second run is refused."""


def fingerprint(parameters: Mapping[str, np.ndarray]) -> str:
    """Return a short hash of parameters in float32, independent of their names and order."""
    hashes = sorted(
        hashlib.sha256(
            repr(np.shape(value)).encode() + np.ascontiguousarray(value, np.float32).tobytes()
        ).hexdigest()
        for value in parameters.values()
    )
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]


def run_test_once(model, X_test, y_test, record: str | Path = RECORD, again: bool = False) -> float:
    """Measure the accuracy on the test set, and write the run down.

    Parameters
    ----------
    model : Classifier
        The network that you have chosen.
    X_test : ndarray, (N, D)
        Test images, prepared like the training images.
    y_test : ndarray, (N,)
        Their classes.
    record : str or Path
        The file that remembers the run; you hand it in.
    again : bool
        Say True to run a second time all the same, for example when the first run
        was a mistake. The record keeps both runs.

    Returns
    -------
    float
        The fraction of test images that were classified correctly.

    Raises
    ------
    AlreadyTested
        If the record holds a run already, and `again` is False.
    ResultError
        If the record is there and cannot be read.
    ValueError
        If there are no test images.
    """
    path = Path(record)
    if len(y_test) == 0:
        raise ValueError("there are no test images")
    if not again:
        refuse_second_run(path)
    runs = read_record(path) if path.exists() else []
    correct = int(np.sum(model.predict(X_test) == y_test))
    runs.append(
        {
            "time": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "accuracy": correct / len(y_test),
            "images": len(y_test),
            "model": fingerprint(model.parameters()),
        }
    )
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(json.dumps({"runs": runs}, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return correct / len(y_test)


def refuse_second_run(record: str | Path = RECORD) -> None:
    """Raise if a run on the test set was written down already.

    Raises
    ------
    AlreadyTested
        Says when it was, what came of it, and why a second run is refused.
    ResultError
        If the record is there and cannot be read.
    """
    path = Path(record)
    runs = read_record(path) if path.exists() else []
    if runs:
        first = runs[0]
        raise AlreadyTested(
            f"The test set was used on {first['time']}; the accuracy was "
            f"{100 * first['accuracy']:.2f} %. A second run is refused. {_WHY} If that run was a "
            "mistake, say why in your report, and ask for another one explicitly (again=True, or "
            "--again on the command line). The record keeps every run."
        )


def read_record(record: str | Path = RECORD) -> list[dict]:
    """Return all runs on the test set that were written down.

    Raises
    ------
    ResultError
        If the file is missing, or was not written by `run_test_once`.
    """
    path = Path(record)
    if not path.is_file():
        raise ResultError(f"There is no file {path.name} beside the notebook: no test run yet.")
    if path.stat().st_size > 100_000:
        raise ResultError(f"{path.name} is too large to be a record of test runs.")
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        return [
            {
                "time": str(run["time"])[:40],
                "accuracy": float(run["accuracy"]),
                "images": int(run["images"]),
                "model": str(run["model"]),
            }
            for run in runs
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ResultError(
            f"{path.name} is not a record of test runs ({type(error).__name__}: {error}). "
            "run_test_once writes it; do not edit it."
        ) from None
