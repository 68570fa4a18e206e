"""Take the student's layers from the notebook beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chainrule.handin.student_code import StudentCode, StudentCodeError, load_definitions


class MissingLayers:
    """Stands for layers that could not be loaded; says so whenever one is asked for."""

    def __init__(self, reason: str) -> None:
        self.__dict__["_reason"] = reason

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise StudentCodeError(self.__dict__["_reason"])


def load_layers(path: str | Path = "layers") -> StudentCode | MissingLayers:
    """Load the functions and classes of ``layers.ipynb``; run nothing else of it.

    After you have changed and saved ``layers.ipynb``, load it again.

    Parameters
    ----------
    path : str or Path
        The notebook. Without a suffix, its Python backup is taken where there is no
        notebook.

    Returns
    -------
    StudentCode or MissingLayers
        The functions and classes as attributes. If the file is missing or cannot be
        read, the reason is printed now, and raised by everything that needs a layer.
    """
    try:
        return load_definitions(path)
    except StudentCodeError as error:
        print(f"NOT LOADED: {error}")
        return MissingLayers(str(error))
