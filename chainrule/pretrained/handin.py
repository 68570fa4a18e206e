"""Choose a photograph, and hand in what the network said about it."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.handin.json_file import read_json
from chainrule.pretrained.photos import PhotoError, keep_photo
from chainrule.runtime import is_live
from chainrule.whole_file import write_text

#: The file that is handed in beside the photographs.
PREDICTIONS = "predictions.json"
_LARGEST = 100_000
_CLASSES = 1000


class HandInError(ValueError):
    """What was handed in cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Prediction:
    """What a network said about one photograph.

    Attributes
    ----------
    photo : str
        Name of the file.
    sha256 : str
        Of its content.
    network : str
        The network's name.
    top : list of (int, float)
        Class numbers and probabilities, the most probable first.
    """

    photo: str
    sha256: str
    network: str
    top: list[tuple[int, float]]


def choose_photo(save_as: str, folder: Path | str = ".") -> None:
    """Show an upload button; a photograph that is chosen is saved beside the notebook.

    In Colab it is Colab's own button, elsewhere one of ipywidgets. Where nobody can press
    it, a line says what to do instead.

    Parameters
    ----------
    save_as : str
        The name of the copy, for example ``"img1.jpg"``; see `keep_photo`.
    folder : path
        Where it is written.
    """
    if not is_live():
        print(f'No button here: use keep_photo("your-file", "{save_as}") in a live notebook.')
    elif "google.colab" in sys.modules:
        _ask_colab(save_as, folder)
    else:
        _ask_widget(save_as, folder)


def _ask_colab(save_as: str, folder: Path | str) -> None:
    from google.colab import files

    for name, content in files.upload().items():
        _take(name, content, save_as, folder)


def _ask_widget(save_as: str, folder: Path | str) -> None:
    from IPython.display import display

    try:
        import ipywidgets
    except ModuleNotFoundError:
        print(
            "The button needs the package ipywidgets: pip install ipywidgets. Or put the file "
            f'beside the notebook, and use keep_photo("your-file", "{save_as}").'
        )
        return
    button = ipywidgets.FileUpload(accept="image/*", multiple=False, description=save_as)
    said = ipywidgets.Output()

    def chosen(change) -> None:
        said.clear_output()
        with said:
            for name, content in uploaded(change["new"]):
                _take(name, content, save_as, folder)

    button.observe(chosen, names="value")
    display(button, said)


def uploaded(value: dict[str, Any] | Sequence[dict[str, Any]]) -> list[tuple[str, bytes]]:
    """Return names and contents from the value of an upload button, old or new.

    ipywidgets 8 gives a tuple of records, ipywidgets 7 a dictionary by name.
    """
    if isinstance(value, dict):
        return [(name, bytes(record["content"])) for name, record in value.items()]
    return [(record["name"], bytes(record["content"])) for record in value]


def _take(name: str, content: bytes, save_as: str, folder: Path | str) -> None:
    from IPython.display import Image, display

    try:
        keep_photo(content, save_as, folder)
    except PhotoError as error:
        print(f"{name}: {error}")
        return
    print(f"{name} is saved as {save_as}.")
    display(Image(filename=str(Path(folder) / save_as), width=320, alt=name))


def save_predictions(
    network: str, predictions: dict[str, Sequence[tuple[int, float]]], folder: Path | str = "."
) -> str:
    """Write what a network said about photographs into the file that you hand in.

    Parameters
    ----------
    network : str
        Its name.
    predictions : dict of str to list of (int, float)
        From the name of a photograph beside the notebook to its class numbers and
        probabilities, the most probable first.
    folder : path
        Where the photographs lie, and the file is written.

    Returns
    -------
    str
        The file's name.

    Raises
    ------
    HandInError
        If there is no such photograph.
    """
    rows = []
    for name, top in predictions.items():
        path = Path(folder) / name
        if not path.is_file():
            raise HandInError(f"There is no {name} beside the notebook.")
        rows.append(
            {
                "photo": path.name,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "network": network,
                "top": [[int(number), float(chance)] for number, chance in top],
            }
        )
    text = json.dumps({"format": 1, "predictions": rows}, indent=1)
    write_text(Path(folder) / PREDICTIONS, text + "\n")
    return PREDICTIONS


def read_predictions(folder: Path | str = ".") -> dict[str, Prediction]:
    """Read the file that `save_predictions` wrote.

    Returns
    -------
    dict of str to Prediction
        By the names of the photographs.

    Raises
    ------
    HandInError
        If it is missing, too large, damaged, or has another form.
    """
    record = read_json(
        Path(folder) / PREDICTIONS,
        _LARGEST,
        HandInError,
        "Run the cell that saves it, and hand the file in together with the notebook.",
    )
    rows = record.get("predictions") if isinstance(record, dict) else None
    if not isinstance(rows, list):
        raise HandInError(f"{PREDICTIONS} has another form; write it with save_predictions.")
    read = [_prediction(row, place) for place, row in enumerate(rows, start=1)]
    return {row.photo: row for row in read}


def _prediction(row, place: int) -> Prediction:
    what = f"entry {place} of {PREDICTIONS}"
    if not isinstance(row, dict):
        raise HandInError(f"{what} is not a record; write the file with save_predictions.")
    words = [row[key] for key in ("photo", "sha256", "network") if isinstance(row.get(key), str)]
    if len(words) != 3:
        raise HandInError(f"{what} lacks its photo, sha256 or network.")
    top = row.get("top")
    if not isinstance(top, list) or not top or not all(_is_pair(pair) for pair in top):
        raise HandInError(
            f"The predictions in {what} are not pairs of a class number and a probability."
        )
    photo, sha256, network = words
    pairs = [(number, float(chance)) for number, chance in top]
    return Prediction(photo, sha256, network, pairs)


def _is_pair(pair) -> bool:
    if not isinstance(pair, list) or len(pair) != 2:
        return False
    number, chance = pair
    return (
        isinstance(number, int)
        and not isinstance(number, bool)
        and 0 <= number < _CLASSES
        and isinstance(chance, (int, float))
        and not isinstance(chance, bool)
        and math.isfinite(chance)
        and 0.0 <= chance <= 1.0
    )
