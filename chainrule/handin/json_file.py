"""Small JSON files that are handed in, read without trusting them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_json(
    file: str | Path,
    largest: int,
    error: type[Exception],
    remedy: str,
    damaged: str = "is damaged ({}). Save it again.",
) -> Any:
    """Read a JSON file that somebody handed in.

    Parameters
    ----------
    file : str or Path
        Beside the notebook.
    largest : int
        In bytes; nothing larger is read.
    error : exception class
        Raised with a sentence for the student.
    remedy : str
        What to do where there is no such file.
    damaged : str
        What to say of a file that is no JSON, with a place for the reason.

    Returns
    -------
    object
        What the file holds.

    Raises
    ------
    error
        If the file is missing, too large or damaged.
    """
    path = Path(file)
    if not path.is_file():
        raise error(f"There is no {path.name} beside the notebook. {remedy}")
    if path.stat().st_size > largest:
        raise error(f"{path.name} is larger than {largest:,} bytes.")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise error(f"{path.name} {damaged.format(wrong)}") from None
