"""The test set is used once, and the run is written down."""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from chainrule.handin.arrays import ResultError
from chainrule.handin.json_file import read_json
from chainrule.whole_file import write_text

_WHY = (
    "Whoever looks at the test accuracy, changes something and looks again, chooses by the test "
    "set. Its accuracy then says too much, just like the training accuracy. Tune with the "
    "validation set."
)

_NOT_A_RECORD = "is not a record of test runs ({}). run_test_once writes it; do not edit it."


class AlreadyTested(RuntimeError):
    """The test set was used before; the message says when and why a second run is refused."""


def run_once(
    measure: Callable[[], int], images: int, model: str, record: str | Path, again: bool = False
) -> float:
    """Measure a model on the test set, and write the run down.

    Parameters
    ----------
    measure : callable
        Returns how many test images were classified correctly. It is called once, and
        not at all when the run is refused.
    images : int
        How many test images there are.
    model : str
        Fingerprint of the model's parameters.
    record : str or Path
        The file that remembers the run.
    again : bool
        True runs a second time all the same. The record keeps both runs.

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
    if images == 0:
        raise ValueError("there are no test images")
    if not again:
        refuse_second_run(path)
    runs = read_record(path) if path.exists() else []
    accuracy = measure() / images
    runs.append(
        {
            "time": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "accuracy": accuracy,
            "images": images,
            "model": model,
        }
    )
    write_text(path, json.dumps({"runs": runs}, indent=1) + "\n")
    return accuracy


def refuse_second_run(record: str | Path) -> None:
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


def read_record(record: str | Path) -> list[dict]:
    """Return all runs on the test set that were written down.

    Raises
    ------
    ResultError
        If the file is missing, or was not written by `run_test_once`.
    """
    name = Path(record).name
    written = read_json(
        record, 100_000, ResultError, "There has been no test run yet.", _NOT_A_RECORD
    )
    try:
        return [
            {
                "time": str(run["time"])[:40],
                "accuracy": float(run["accuracy"]),
                "images": int(run["images"]),
                "model": str(run["model"]),
            }
            for run in written["runs"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ResultError(f"{name} {_NOT_A_RECORD.format(reason)}") from None
