"""What was executed, kept until it is recorded, and how each submission ended.

One small file a student under ``.fairmark/grading/ASSIGNMENT/`` in the course
folder. While the marks are not in the gradebook, the file holds all that came
out of the execution; afterwards only the key and the numbers. A grader that was
killed reads it and goes on; one that is called again does not execute what is
unchanged.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat

from fairmark.model import Execution, NotebookRun, Status
from fairmark.private_folder import private_folder, write_whole

from .handin import Handin

_VERSION = 2


@dataclass
class Entry:
    """What the journal knows of one submission.

    Attributes
    ----------
    key : str
        Fingerprint of what was executed; empty when it must be executed again.
    recorded : bool
        Whether the gradebook has it.
    ended : str
        How the last run ended, one of `Status`; empty while not recorded.
    execution : Execution
        Without notebooks once it is recorded.
    handin : Handin
        What was handed in, in short.
    """

    key: str
    recorded: bool
    ended: str
    execution: Execution
    handin: Handin


class Journal:
    """The journal of one assignment.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str
        The name of the assignment.
    """

    def __init__(self, root: Path, assignment: str):
        self.folder = private_folder(root) / "grading" / quote(assignment, safe="")

    def read(self, student: str) -> Entry | None:
        """Return what is known of a student's submission, None when nothing is.

        A file that cannot be read is as good as none: the work is done again.
        """
        try:
            data = json.loads(self._path(student).read_text(encoding="utf-8"))
            if data["version"] != _VERSION:
                return None
            execution = _execution(data["execution"])
            handin = Handin(**{**data["handin"], "repairs": tuple(data["handin"]["repairs"])})
            return Entry(data["key"], data["recorded"], data["ended"], execution, handin)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, student: str, entry: Entry) -> None:
        """Keep executed work until it is recorded."""
        self._write(student, replace(entry, recorded=False, ended=""))

    def settle(self, student: str, entry: Entry, ended: Status) -> None:
        """Note that the gradebook has it."""
        self._write(student, replace(entry, recorded=True, ended=str(ended)))

    def _path(self, student: str) -> Path:
        return self.folder / f"{quote(student, safe=' @+')}.json"

    def _write(self, student: str, entry: Entry) -> None:
        data = {
            "version": _VERSION,
            "key": entry.key,
            "recorded": entry.recorded,
            "ended": entry.ended,
            "execution": _as_dict(entry.execution, with_notebooks=not entry.recorded),
            "handin": asdict(entry.handin),
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(student), json.dumps(data))


def _as_dict(execution: Execution, *, with_notebooks: bool) -> dict[str, Any]:
    notebooks = []
    for run in execution.notebooks:
        kept = asdict(NotebookRun(**{**vars(run), "notebook": None, "status": str(run.status)}))
        if with_notebooks and run.notebook is not None:
            kept["notebook"] = run.notebook
        notebooks.append(kept)
    data = {name: getattr(execution, name) for name in ("reason", "seconds", "peak_mb")}
    return {**data, "status": str(execution.status), "notebooks": notebooks}


def _execution(data: dict[str, Any]) -> Execution:
    runs = []
    for kept in data["notebooks"]:
        fields = {**kept, "status": Status(kept["status"])}
        if fields["notebook"] is not None:
            fields["notebook"] = nbformat.from_dict(fields["notebook"])
        runs.append(NotebookRun(**fields))
    return Execution(runs, Status(data["status"]), data["reason"], data["seconds"], data["peak_mb"])
