"""A submission in short: what its row needs of it, and the fingerprint of its files.

With both, a submission that is as it was when it was graded is told from its raw files:
nothing of it is read as a notebook, and nothing repaired.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairmark.cells import grade_id_of, marking
from fairmark.model import Prepared

from .prepare import MOST_FILES


@dataclass(frozen=True)
class Handin:
    """What preparing has found out about a submission.

    Attributes
    ----------
    raw : str
        Fingerprint of the files as they lay there, see `raw_fingerprint`; empty where it
        tells too little.
    timestamp : str
        When it was handed in; empty when nobody recorded it.
    repairs : tuple of str
        Every repair, as `Prepared.all_repairs` gives them.
    empty : bool
        Whether no answer was touched.
    """

    raw: str
    timestamp: str
    repairs: tuple[str, ...]
    empty: bool


def handin_of(prepared: Prepared, raw: str = "") -> Handin:
    """Return the short form of a submission.

    Parameters
    ----------
    prepared : Prepared
        After the first step.
    raw : str, optional
        From `raw_fingerprint`.
    """
    return Handin(raw, prepared.timestamp, tuple(prepared.all_repairs()), _is_empty(prepared))


def _is_empty(prepared: Prepared) -> bool:
    """Tell whether no answer of the whole submission was touched."""
    answers = [
        cell
        for notebook in prepared.notebooks
        if notebook.notebook is not None
        for cell in notebook.notebook.cells
        if marking(cell).solution
    ]
    untouched = [notebook.untouched for notebook in prepared.notebooks]
    empty = frozenset().union(*untouched)
    return bool(answers) and all(grade_id_of(cell) in empty for cell in answers)


def raw_fingerprint(folder: Path, most_bytes: int, beside: Sequence[object]) -> str:
    """Return a key that changes with every byte, name and file of a submission.

    Parameters
    ----------
    folder : Path
        Of the submission; it need not exist.
    most_bytes : int
        The most that is read.
    beside : sequence
        What else decides how it is prepared: plain data whose ``repr`` tells them apart.

    Returns
    -------
    str
        Empty where the folder holds more than plain files and folders, or more than is
        read, or what cannot be read: such a submission has to be prepared.
    """
    digest = hashlib.sha256(repr(tuple(beside)).encode())
    try:
        for place, content in _contents(str(folder), most_bytes):
            digest.update(os.fsencode(place) + b"\0" + content)
    except (_Unusual, OSError):
        return ""
    return digest.hexdigest()


class _Unusual(Exception):
    """The folder holds what a fingerprint does not tell."""


def _contents(root: str, room: int) -> Iterator[tuple[str, bytes]]:
    """Give the path inside the folder, and the digest of the content, of all that is there."""
    if not os.path.lexists(root):
        return
    if not stat.S_ISDIR(os.lstat(root).st_mode):
        raise _Unusual
    # By a list of folders and not by recursion: a student may nest them as deep as they like.
    folders, number = [root], 0
    while folders:
        with os.scandir(folders.pop()) as entries:
            here = sorted(entries, key=lambda entry: entry.name)
        for entry in here:
            number += 1
            about = entry.stat(follow_symlinks=False)
            place = entry.path[len(root) :]
            if stat.S_ISDIR(about.st_mode):
                folders.append(entry.path)
                yield place, b"folder"
                continue
            room -= about.st_size
            if not stat.S_ISREG(about.st_mode) or number > MOST_FILES or room < 0:
                raise _Unusual
            with open(entry.path, "rb", buffering=0) as file:
                yield place, hashlib.sha256(file.read()).digest()
