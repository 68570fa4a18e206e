"""When each submission was handed in, as the collection step recorded it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fairmark.model import GradingError
from fairmark.private_folder import FOLDER, private_folder, write_whole

#: Where nbgrader's own collection writes the time, in the folder of the submission.
TIMESTAMP = "timestamp.txt"
_VERSION = 1


def records_of(root: Path, assignment: str) -> dict[str, dict[str, Any]]:
    """Read what the collection step recorded of an assignment.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str
        The name of the assignment.

    Returns
    -------
    dict
        Student to a record: ``time`` (when it was handed in; empty when the
        archive does not say), ``collected``, ``source`` and what the archive
        says of the person.

    Raises
    ------
    GradingError
        When the file is damaged: without it, times inside submissions would count.
    """
    path = _path(root, assignment)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return dict(data["students"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GradingError(f"{path} cannot be read: {error}. Collect the work again.") from error


def times_of(root: Path, assignment: str) -> dict[str, str]:
    """Return the recorded times by student.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str
        The name of the assignment.
    """
    records = records_of(root, assignment)
    return {student: str(record.get("time", "")) for student, record in records.items()}


def write_records(root: Path, assignment: str, records: dict[str, dict[str, Any]]) -> None:
    """Add records to those that are there.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str
        The name of the assignment.
    records : dict
        As `records_of` returns them.
    """
    everything = {**records_of(root, assignment), **records}
    private_folder(root)
    path = _path(root, assignment)
    path.parent.mkdir(exist_ok=True)
    data = {"version": _VERSION, "students": everything}
    write_whole(path, json.dumps(data, indent=1, ensure_ascii=True, sort_keys=True))


def _path(root: Path, assignment: str) -> Path:
    return root / FOLDER / "collected" / f"{quote(assignment, safe='')}.json"
