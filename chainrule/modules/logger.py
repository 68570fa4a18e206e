"""Keep what a training run was and did, in a folder of its own.

``experiments/<model_name>/`` holds ``settings.json``, ``history.jsonl`` (one JSON
object a line, one line an epoch, written as training goes), ``parameters.npz``
and the plots ``loss.svg`` and ``error.svg``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chainrule.handin.arrays import write_arrays
from chainrule.whole_file import write_text

if TYPE_CHECKING:
    from chainrule.modules.network import Network

#: The files of a run. Overwriting removes these and nothing else.
FILES = ("settings.json", "history.jsonl", "parameters.npz", "loss.svg", "error.svg")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=+-]{0,99}")


class RunExists(FileExistsError):
    """There is an earlier run of the same name; the message says what to do."""


class Logger:
    """Write one run's settings, progress, parameters and plots.

    Parameters
    ----------
    model_name : str
        Name of the folder: letters, digits and ``. _ = + -``.
    settings : dict
        Everything that somebody needs to repeat the run: plain numbers, text, lists.
    folder : path
        Where the runs lie.
    overwrite : bool
        Say True to replace an earlier run of the same name.

    Raises
    ------
    RunExists
        If there is a run of this name and `overwrite` is False.
    ValueError
        If the name cannot be the name of a folder, or the settings cannot be written as JSON.
    """

    def __init__(
        self,
        model_name: str,
        settings: dict,
        folder: Path | str = "experiments",
        overwrite: bool = False,
    ) -> None:
        if not _NAME.fullmatch(model_name):
            raise ValueError(
                f"{model_name!r} cannot be the name of a run: use letters, digits and . _ = + -"
            )
        self.model_name = model_name
        self.settings = dict(settings)
        self.history: list[dict] = []
        self.path = Path(folder) / model_name
        text = _json(self.settings, "the settings", indent=1)
        self._make_room(overwrite)
        write_text(self.path / "settings.json", text + "\n")
        (self.path / "history.jsonl").write_text("", encoding="utf-8")

    def _make_room(self, overwrite: bool) -> None:
        if self.path.exists() and any(self.path.iterdir()):
            if not overwrite:
                free = _free_name(self.path)
                raise RunExists(
                    f"{self.path} holds an earlier run. Choose another name ({free!r} is free), "
                    "or say overwrite=True to replace it."
                )
            for name in FILES:
                (self.path / name).unlink(missing_ok=True)
        self.path.mkdir(parents=True, exist_ok=True)

    def log(self, row: dict) -> None:
        """Add one epoch: a line in ``history.jsonl``, complete before this returns.

        Raises
        ------
        ValueError
            If the row cannot be written as JSON.
        """
        line = _json(row, "the row", indent=None)
        with (self.path / "history.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        self.history.append(dict(row))

    def finish(self, network: Network) -> Path:
        """Save the parameters and the plots of the run; returns its folder.

        Parameters
        ----------
        network : Network
            Its ``read_parameters()`` are saved as ``<place of the layer>.<name>``.
        """
        write_arrays(self.path / "parameters.npz", flat_parameters(network.read_parameters()))
        if self.history:
            from chainrule.modules.figures import error_curves, loss_curves

            loss_curves(self.history, self.model_name).save(self.path / "loss.svg")
            error_curves(self.history, self.model_name).save(self.path / "error.svg")
        return self.path


def read_run(path: Path | str) -> tuple[dict, list[dict]]:
    """Read settings and history of a run's folder.

    A last line that is not complete, because the run was cut off, is left out.

    Raises
    ------
    FileNotFoundError
        If the folder holds no run.
    ValueError
        If a line other than the last is damaged.
    """
    path = Path(path)
    settings = json.loads((path / "settings.json").read_text(encoding="utf-8"))
    lines = (path / "history.jsonl").read_text(encoding="utf-8").split("\n")
    # What follows the last line end was cut off while it was written, or is empty.
    try:
        history = [json.loads(line) for line in lines[:-1]]
    except json.JSONDecodeError as error:
        raise ValueError(f"{path / 'history.jsonl'} is damaged: {error}") from None
    return settings, history


def flat_parameters(parameters: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return all parameters in one dict, as ``"0.W"``, ``"0.b"``, ``"1.W"`` and so on."""
    return {
        f"{place}.{name}": value
        for place, own in enumerate(parameters)
        for name, value in own.items()
    }


def _free_name(path: Path) -> str:
    number = 2
    while path.with_name(f"{path.name}-{number}").exists():
        number += 1
    return f"{path.name}-{number}"


def _json(value: dict, what: str, indent) -> str:
    try:
        return json.dumps(value, indent=indent, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} cannot be written as JSON: {error}") from None


def _plain(value):
    """Turn NumPy's numbers and arrays into Python's."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is neither number, text, list nor dict")
