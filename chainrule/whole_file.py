"""Write a file whole: nobody ever reads half of it, not even after a crash."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` that takes its place once everything is written.

    Parameters
    ----------
    path : str or Path
        The file; an older one is replaced. Where an error ends the writing, it stays as it
        was, and what was begun is removed.

    Yields
    ------
    file
        Open for bytes.

    Raises
    ------
    OSError
        If it cannot be written there.
    """
    path = Path(path)
    # Two that write the same file at once do not meet in this one.
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with unfinished.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file whole, in UTF-8; see `replacing`."""
    with replacing(path) as stream:
        stream.write(text.encode())
