"""``predictions.csv``: one class for each test image, by its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from chainrule.whole_file import write_text

HEADER = ("Id", "Category")
COUNT = 10_000
CLASSES = 10
_LARGEST = 1_000_000


class PredictionsError(ValueError):
    """A file with predictions cannot be used; the message names the line."""


def write_predictions(classes: Iterable[int], file: str | Path = "predictions.csv") -> Path:
    """Write one row for each test image: its Id, from 1, and its class, from 0 to 9.

    Parameters
    ----------
    classes : iterable of int
        In the order of ``cifar_test_images``. A tensor is fine.
    file : str or Path

    Raises
    ------
    ValueError
        If a class is not a whole number from 0 to 9.
    """
    values = np.asarray(classes)
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise ValueError(
            f"classes have shape {values.shape} and type {values.dtype}; one whole number for each "
            "image is expected"
        )
    if values.size and not (0 <= int(values.min()) and int(values.max()) < CLASSES):
        raise ValueError("classes run from 0 to 9")
    rows = (f"{number},{value}\n" for number, value in enumerate(values, start=1))
    write_text(file, ",".join(HEADER) + "\n" + "".join(rows))
    return Path(file)


def read_predictions(file: str | Path = "predictions.csv", count: int = COUNT) -> np.ndarray:
    """Read predictions, and see to their form.

    Returns
    -------
    ndarray, (count,), int64

    Raises
    ------
    PredictionsError
        If the file is missing or too large, or a line has another form; names the line.
    """
    path = Path(file)
    name = path.name
    if not path.is_file():
        raise PredictionsError(
            f"There is no file {name} beside the notebook. Write it with write_predictions, and "
            "hand it in."
        )
    if path.stat().st_size > _LARGEST:
        raise PredictionsError(f"{name} is too large for {count:,} rows of two numbers.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PredictionsError(f"{name} is not a text file: {error}") from None
    lines = text.splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    _check_header(name, lines)
    found = [_category(name, number, line) for number, line in enumerate(lines[1:], start=1)]
    if len(found) != count:
        raise PredictionsError(
            f"{name}, line {len(lines)} is the last: {len(found):,} predictions; {count:,} are "
            "expected, one for each test image."
        )
    return np.array(found, dtype=np.int64)


def _check_header(name: str, lines: list[str]) -> None:
    first = tuple(part.strip() for part in lines[0].split(",")) if lines else ()
    if first != HEADER:
        shown = lines[0][:40] if lines else ""
        raise PredictionsError(
            f"{name}, line 1 is “{shown}”; it should be “Id,Category”, the names of the columns."
        )


def _category(name: str, number: int, line: str) -> int:
    place = f"{name}, line {number + 1}"
    parts = [part.strip() for part in line.split(",")]
    if len(parts) != 2:
        raise PredictionsError(
            f"{place} has {len(parts) if line.strip() else 0} columns; there should be two, "
            "Id and Category."
        )
    identity, category = (
        _integer(place, what, text) for what, text in zip(HEADER, parts, strict=True)
    )
    if identity != number:
        hint = " Ids begin at 1." if number == 1 and identity == 0 else ""
        raise PredictionsError(
            f"{place} has Id {identity}; {number} is expected. Rows stand in the order of the "
            f"test images.{hint}"
        )
    if not 0 <= category < CLASSES:
        raise PredictionsError(f"{place} has Category {category}; classes run from 0 to 9.")
    return category


def _integer(place: str, what: str, text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 12):
        raise PredictionsError(f"{place}: {what} is “{text[:20]}”, which is no whole number.")
    return int(text)
