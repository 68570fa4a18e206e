"""Prepare and execute one submission: what a worker does.

Nothing here knows the gradebook. `prepare_task` reads the submission's folder;
`execute_prepared` needs only data, so it can run on another machine.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from fairmark.course_package import course_packages
from fairmark.grade_log import PLACE
from fairmark.limits import Limits
from fairmark.model import (
    Execution,
    Executor,
    NotebookRun,
    Prepared,
    PreparedNotebook,
    Status,
    Template,
)

from .handin import raw_fingerprint
from .prepare import PYTHON, prepare, submission_folder

log = logging.getLogger(__name__)
_HERE = Path(__file__).resolve().parents[1]
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Task:
    """One submission that is to be graded.

    Attributes
    ----------
    student : str
        Whose.
    path : Path
        The folder of the submission.
    ignore : tuple of str
        nbgrader's patterns of files that do not count.
    max_kilobytes : int
        nbgrader's largest size of a file.
    collected : str or None
        When it was handed in, as the collection step recorded it; an empty text
        where that step knew no time; None when it recorded nothing.
    known : str
        The key of work that need not be executed again; empty for none.
    """

    student: str
    path: Path
    ignore: tuple[str, ...] = ()
    max_kilobytes: int = 100_000
    collected: str | None = None
    known: str = ""


@dataclass(frozen=True)
class Setting:
    """What all submissions of a run share.

    Attributes
    ----------
    template : Template
        The instructors' version.
    limits : Limits
        What one notebook may use.
    executor : Executor
        The second step; other processes need one that can be pickled.
    version : str
        Of the instructors' side, see `version_of`.
    """

    template: Template
    limits: Limits
    executor: Executor
    version: str


@dataclass
class Work:
    """What a worker hands back.

    Attributes
    ----------
    prepared : Prepared
        From the first step.
    key : str
        Fingerprint of the submission and the instructors' version; empty when
        the grader itself failed, so that nobody takes the outcome for final.
    execution : Execution or None
        None when `Task.known` said that it is there already.
    raw : str
        Fingerprint of the submission's files, see `fingerprint_of_files`.
    """

    prepared: Prepared
    key: str
    execution: Execution | None
    raw: str = ""


def perform(setting: Setting, task: Task) -> Work:
    """Prepare and execute one submission; a failing step becomes a reason.

    Parameters
    ----------
    setting : Setting
        What all submissions share.
    task : Task
        The submission.
    """
    work = prepare_task(setting, task)
    if work.execution is not None or (work.key and work.key == task.known):
        return work
    execution = contained(
        task.student,
        lambda: execute_prepared(
            setting.executor, work.prepared.notebooks, work.prepared.files, setting.limits
        ),
    )
    return finish(work, execution)


def prepare_task(setting: Setting, task: Task) -> Work:
    """Do the first step.

    Parameters
    ----------
    setting : Setting
        What all submissions share.
    task : Task
        The submission.

    Returns
    -------
    Work
        Without an execution, unless the step failed.
    """
    raw = fingerprint_of_files(setting, task)
    prepared = contained(
        task.student,
        lambda: prepare(
            task.student,
            submission_folder(task.path, list(task.ignore), task.max_kilobytes),
            setting.template,
            task.collected,
        ),
    )
    if isinstance(prepared, str):
        return failed(setting.template, task, prepared)
    # Files that were exchanged meanwhile are none of which the fingerprint tells.
    same = raw == fingerprint_of_files(setting, task)
    return Work(prepared, fingerprint(prepared, setting.version), None, raw if same else "")


def execute_prepared(
    executor: Executor,
    notebooks: Sequence[PreparedNotebook],
    files: Mapping[str, bytes],
    limits: Limits,
) -> Execution:
    """Do the second step. A function of its own, so that a cluster can be sent it.

    Parameters
    ----------
    executor : Executor
        Does the work.
    notebooks, files, limits
        As `Executor` takes them.
    """
    return executor(notebooks, files, limits)


def finish(work: Work, outcome: Execution | str) -> Work:
    """Put what came out of the second step into the work.

    Parameters
    ----------
    work : Work
        From `prepare_task`.
    outcome : Execution or str
        The execution, or why there is none.
    """
    if isinstance(outcome, str):
        notebooks = [notebook.name for notebook in work.prepared.notebooks]
        return Work(work.prepared, "", _without_marks(notebooks, outcome))
    return replace(work, execution=outcome)


def failed(template: Template, task: Task, why: str) -> Work:
    """Return work that says only why there is no mark.

    Parameters
    ----------
    template : Template
        The instructors' version.
    task : Task
        The submission.
    why : str
        The reason.
    """
    names = [notebook.name for notebook in template.notebooks]
    notebooks = tuple(PreparedNotebook(name, None, why) for name in names)
    prepared = Prepared(task.student, template.assignment, notebooks)
    return Work(prepared, "", _without_marks(names, why))


def _without_marks(names: Sequence[str], why: str) -> Execution:
    runs = [NotebookRun(name, None, status=Status.REVIEW, reason=why) for name in names]
    return Execution(runs, Status.REVIEW, why, 0.0, 0.0)


def contained(student: str, function: Callable[[], Outcome]) -> Outcome | str:
    """Call a function; when it fails, in whatever way, return a sentence about it.

    Parameters
    ----------
    student : str
        Whose submission it works on.
    function : callable
        A step of grading.
    """
    try:
        return function()
    except (Exception, SystemExit) as error:
        log.exception("the grader failed on the submission of %s", student)
        return failure(error)


def failure(error: BaseException) -> str:
    """Say in a sentence that the grader itself failed.

    Parameters
    ----------
    error : BaseException
        What it failed with; to be logged by the caller.
    """
    what = f"{type(error).__name__}: {error}"[:400]
    return f"the grader failed on it ({what}); see {PLACE}"


def fingerprint_of_files(setting: Setting, task: Task) -> str:
    """Return a key that changes with anything that could change what is prepared.

    Parameters
    ----------
    setting : Setting
        What all submissions share.
    task : Task
        The submission.

    Returns
    -------
    str
        Empty where the files alone do not tell, see `handin.raw_fingerprint`.
    """
    if any(
        book.kernelspec.get("name", "python3") not in PYTHON for book in setting.template.notebooks
    ):
        return ""  # it matters whether the kernel is installed here
    beside = (setting.version, task.collected, task.ignore, task.max_kilobytes)
    return raw_fingerprint(task.path, task.max_kilobytes * 1000, beside)


def fingerprint(prepared: Prepared, version: str) -> str:
    """Return a key that changes with anything that could change the marks.

    Parameters
    ----------
    prepared : Prepared
        A submission after the first step.
    version : str
        Of the instructors' side, see `version_of`.
    """
    digest = hashlib.sha256(version.encode())
    for notebook in prepared.notebooks:
        part = [
            notebook.name,
            notebook.problem,
            sorted(notebook.untouched),
            notebook.repairs,
            notebook.notebook,
        ]
        digest.update(json.dumps(part, sort_keys=True).encode())
    digest.update(json.dumps([prepared.repairs, prepared.timestamp]).encode())
    for name, data in sorted(prepared.files.items()):
        digest.update(json.dumps([name, hashlib.sha256(data).hexdigest()]).encode())
    return digest.hexdigest()


def version_of(template: Template) -> str:
    """Return the version of the instructors' side: assignment, files, grader, course's package.

    The checks of a notebook call functions of the course's package, so a change there
    is a change of the assignment.

    Parameters
    ----------
    template : Template
        The instructors' version.
    """
    digest = hashlib.sha256(version_of_packages().encode())
    for notebook in template.notebooks:
        digest.update(
            json.dumps(
                [notebook.name, dict(notebook.kernelspec), notebook.usual], sort_keys=True
            ).encode()
        )
        for cell in notebook.cells:
            part = [cell.grade_id, cell.cell_type, cell.source, cell.released, dict(cell.meta)]
            part += [dict(cell.own), cell.judged]
            digest.update(json.dumps(part, sort_keys=True, default=str).encode())
        shown = {text: drawing.outputs for text, drawing in notebook.drawn.items()}
        digest.update(json.dumps(shown, sort_keys=True).encode())
    for name, data in sorted(template.files.items()):
        digest.update(json.dumps([name, hashlib.sha256(data).hexdigest()]).encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def version_of_packages() -> str:
    """Return the version of the code of fairmark, of the course's packages and of what reads."""
    readers = [metadata.version(name) for name in ("nbformat", "jupytext")]
    digest = hashlib.sha256(json.dumps(readers).encode())
    for root in (_HERE, *(package.folder for package in course_packages().values())):
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root.parent).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
