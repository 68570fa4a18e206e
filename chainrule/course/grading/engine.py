"""Grading a class: the three steps for one submission after the other.

A submission that breaks a step, in whatever way, becomes a row that needs
review. It never stops the ones after it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from .execute import execute
from .folder import CourseFolder
from .gradebook import open_gradebook
from .model import (
    Execution,
    Executor,
    GradingError,
    Limits,
    NotebookRun,
    Prepared,
    PreparedNotebook,
    Result,
    Status,
    Template,
)
from .prepare import prepare, submission_folder
from .record import Recorder
from .template import load_template

log = logging.getLogger(__name__)


@dataclass
class Job:
    """What is to be graded.

    Attributes
    ----------
    course : CourseFolder
        The course.
    template : Template
        The instructors' version of the assignment.
    submissions : dict
        Student to the folder of the submission.
    absent : list of str
        Students who handed in other assignments, but not this one.
    notices : list of str
        What the instructor should know beforehand.
    """

    course: CourseFolder
    template: Template
    submissions: dict[str, Path]
    absent: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def plan(course: CourseFolder, assignment: str, students: Sequence[str] = ()) -> Job:
    """Find out what is to be graded, and make the gradebook ready for it.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.
    students : sequence of str, optional
        Only these; everybody when empty.

    Raises
    ------
    GradingError
        For an unknown assignment, an unknown student, or no submissions.
    """
    template, notices = load_template(course, assignment)
    found = course.submissions(assignment)
    expected = course.path("submitted", "STUDENT", assignment)
    if not found.students:
        raise GradingError(
            f"There are no submissions of {assignment}. They are expected in {expected}."
        )
    chosen = found.students
    if students:
        unknown = sorted(set(students) - set(chosen))
        if unknown:
            raise GradingError(
                f"No submission of {assignment} by {', '.join(unknown)}. "
                f"There are: {', '.join(chosen)}."
            )
        chosen = {name: chosen[name] for name in chosen if name in set(students)}
    absent = [] if students else found.absent
    return Job(course, template, chosen, absent, notices)


def run(job: Job, limits: Limits | None = None, executor: Executor = execute) -> Iterator[Result]:
    """Grade the submissions of a job, one after the other.

    Parameters
    ----------
    job : Job
        From `plan`.
    limits : Limits, optional
        What one notebook may use.
    executor : Executor, optional
        The second step; `execute.execute` unless another one is given.

    Yields
    ------
    Result
        As soon as a submission is recorded.
    """
    limits = limits or Limits()
    course = job.course
    with (
        open_gradebook(course.db_url, course.coursedir.course_id) as gradebook,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        recorder = Recorder(course, gradebook, job.template)
        for student, path in job.submissions.items():
            prepared = _contained(
                pool.submit(_prepare, course, student, path, job.template),
                lambda why, student=student: _unprepared(student, job.template, why),
            )
            execution = _contained(
                pool.submit(executor, prepared.notebooks, prepared.files, limits),
                lambda why: _unexecuted(job.template, why),
            )
            yield _record(recorder, prepared, execution)


def _prepare(course: CourseFolder, student: str, path: Path, template: Template) -> Prepared:
    folder = submission_folder(path, course.coursedir.ignore, course.coursedir.max_file_size)
    return prepare(student, folder, template)


def _contained(future: Future, otherwise: Callable[[str], object]):
    """Return the future's result, or a stand-in that tells what went wrong."""
    error = future.exception()
    if error is None:
        return future.result()
    log.error("a step of grading failed", exc_info=error)
    return otherwise(f"the grader failed on it ({type(error).__name__}: {error})"[:500])


def _unprepared(student: str, template: Template, why: str) -> Prepared:
    books = tuple(PreparedNotebook(book.name, None, why) for book in template.notebooks)
    return Prepared(student, template.assignment, books)


def _unexecuted(template: Template, why: str) -> Execution:
    runs = [
        NotebookRun(book.name, None, status=Status.REVIEW, reason=why)
        for book in template.notebooks
    ]
    return Execution(runs, Status.REVIEW, why, 0.0, 0.0)


def _record(recorder: Recorder, prepared: Prepared, execution: Execution) -> Result:
    try:
        return recorder.record(prepared, execution)
    except (SQLAlchemyError, OSError) as error:
        log.error("a result could not be recorded", exc_info=error)
        why = f"the marks could not be written ({error})"[:500]
        return Result(
            prepared.student,
            prepared.assignment,
            Status.REVIEW,
            why,
            score=0.0,
            max_score=recorder.template.max_score,
            repairs=prepared.all_repairs(),
            seconds=round(execution.seconds, 3),
            peak_mb=round(execution.peak_mb, 1),
        )


def grade(
    course: Path | None,
    assignment: str,
    students: Sequence[str] = (),
    limits: Limits | None = None,
    executor: Executor = execute,
) -> list[Result]:
    """Grade an assignment and return the rows of its table.

    Parameters
    ----------
    course : Path or None
        The course folder; None for the present one.
    assignment : str
        The name of the assignment.
    students : sequence of str, optional
        Only these.
    limits : Limits, optional
        What one notebook may use.
    executor : Executor, optional
        The second step.
    """
    job = plan(CourseFolder(course), assignment, students)
    return list(run(job, limits, executor))
