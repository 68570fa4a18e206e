"""The folder ``.fairmark`` of a course: made, written into, and kept to one grader at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from fairmark.model import GradingError
from fairmark.program import called

FOLDER = ".fairmark"


def private_folder(root: Path) -> Path:
    """Return ``.fairmark`` of a course, made when it is not there, and kept out of git.

    Parameters
    ----------
    root : Path
        The course folder.
    """
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever sees half of it, not even after a crash.

    Parameters
    ----------
    path : Path
        The file; it is replaced.
    text : str
        All of it.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}.new")  # two may write at once
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


@contextmanager
def only_grader(root: Path) -> Iterator[None]:
    """Keep a second grader out of the course while this one writes.

    Parameters
    ----------
    root : Path
        The course folder.

    Raises
    ------
    GradingError
        When another one is at work. A killed one is not: the system frees its lock.
    """
    lock = FileLock(private_folder(root) / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise GradingError(f"Another `{called('grade')}` is at work in {root}.") from error
    try:
        yield
    finally:
        lock.release()
