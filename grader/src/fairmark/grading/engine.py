"""Grading a class: many submissions at once, and one writer.

A submission that breaks a step, in whatever way, becomes a row that needs
review. It never stops the others.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from fairmark.execution import default_executor
from fairmark.folder import CourseFolder
from fairmark.grade_log import PLACE, grade_log
from fairmark.handin_times import times_of
from fairmark.judged import Judge
from fairmark.limits import Limits
from fairmark.model import Executor, GradingError, Result, Status, Template
from fairmark.private_folder import only_grader
from fairmark.program import called

from .calibration import judging_of
from .gradebook import open_gradebook
from .handin import handin_of
from .journal import Entry, Journal
from .judged_checks import Calibration
from .one_submission import Setting, Task, Work, fingerprint_of_files, version_of
from .pools import Pool, pool_for
from .record import Recorder
from .rows import Standing
from .template import load_template

log = logging.getLogger(__name__)

#: How long a locked gradebook is waited for, in seconds, all submissions together.
PATIENCE = 60.0
_PAUSE = 0.5
#: How often to see whether the workers are still there, in seconds.
_CHECK = 5.0
#: So many submissions that may be unchanged are looked up in the gradebook at once.
_AT_ONCE = 200


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
    regrade : bool
        Whether what is unchanged is executed again.
    calibration : Calibration or None
        How the checks are judged; None where nobody asked, and all are judged apart.
    """

    course: CourseFolder
    template: Template
    submissions: dict[str, Path]
    absent: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    regrade: bool = False
    calibration: Calibration | None = None


def default_workers() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def plan(
    course: CourseFolder,
    assignment: str,
    students: Sequence[str] = (),
    *,
    regrade: bool = False,
    only_failed: bool = False,
    patience: float = PATIENCE,
) -> Job:
    """Find out what is to be graded, and make the gradebook ready for it.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.
    students : sequence of str, optional
        Only these; everybody when empty.
    regrade : bool, optional
        Execute again what was graded and is unchanged.
    only_failed : bool, optional
        Leave out those whom the last run graded; execute the others again.
    patience : float, optional
        How long to wait for a locked gradebook, in seconds.

    Raises
    ------
    GradingError
        For an unknown assignment, an unknown student, no submissions, or a
        gradebook that cannot be used.
    """
    template, notices = _load_patiently(course, assignment, patience)
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
    if only_failed:
        journal = Journal(course.root, assignment)
        chosen = {name: path for name, path in chosen.items() if not _is_graded(journal, name)}
    absent = [] if students else found.absent
    return Job(course, template, chosen, absent, notices, regrade or only_failed)


def _is_graded(journal: Journal, student: str) -> bool:
    entry = journal.read(student)
    return entry is not None and entry.recorded and entry.ended == str(Status.GRADED)


def _load_patiently(
    course: CourseFolder, assignment: str, patience: float
) -> tuple[Template, list[str]]:
    end = time.monotonic() + patience
    while True:
        try:
            return load_template(course, assignment)
        except OperationalError as error:
            if time.monotonic() > end:
                raise GradingError(f"The gradebook cannot be used: {error.orig}.") from error
        except GradingError as error:
            locked = isinstance(error.__cause__, OperationalError)
            if not locked or time.monotonic() > end:
                raise
        time.sleep(_PAUSE)


def calibrated(
    job: Job,
    limits: Limits | None = None,
    executor: Executor | None = None,
    *,
    judge: Judge = Judge.AUTO,
    anyway: bool = False,
) -> Job:
    """Let the reference decide how the checks of a job are judged; see `calibration`.

    Parameters
    ----------
    job : Job
        From `plan`.
    limits : Limits, optional
        What one notebook may use.
    executor : Executor, optional
        Runs the reference and the untouched release, unless the outcome is kept.
    judge : Judge, optional
        Another way than the reference's decision.
    anyway : bool, optional
        True goes on where the reference fails checks both ways; these stay undecided.

    Raises
    ------
    GradingError
        Where the reference fails checks both ways, or cannot be run here.
    """
    found = judging_of(
        job.course, job.template, judge, anyway=anyway, limits=limits, executor=executor
    )
    return replace(job, template=found.applied_to(job.template), calibration=found)


def run(
    job: Job,
    limits: Limits | None = None,
    executor: Executor | None = None,
    *,
    workers: int = 0,
    scheduler: str | None = None,
    patience: float = PATIENCE,
    before: Callable[[], None] | None = None,
) -> Iterator[Result]:
    """Grade the submissions of a job.

    Parameters
    ----------
    job : Job
        From `plan`.
    limits : Limits, optional
        What one notebook may use.
    executor : Executor, optional
        The second step; `fairmark.execution.default_executor` unless another
        one is given. Other processes need one that can be pickled.
    workers : int, optional
        Number of processes that prepare and execute; 0 does it in this one.
    scheduler : str, optional
        Address of a Dask scheduler that takes the place of the processes.
    patience : float, optional
        How long to wait for a locked gradebook, in seconds.
    before : callable, optional
        Called once before the first submission is executed, and not where all are as they
        were: what it asks for is needed for the execution only.

    Yields
    ------
    Result
        First what is unchanged; then each as soon as it is recorded, in the order in which
        they end.

    Raises
    ------
    GradingError
        When another grader is at work, or gradebook or cluster cannot be reached.
    """
    course = job.course
    setting = _setting(job, limits, executor)
    with (
        only_grader(course.root),
        grade_log(course.root),
        open_gradebook(course.db_url, course.coursedir.course_id) as gradebook,
    ):
        recorder = Recorder(course, gradebook, job.template)
        recorder.recover(job.submissions)
        journal = Journal(course.root, job.template.assignment)
        clerk = _Clerk(recorder, journal, patience)
        tasks = _tasks(job)
        if not job.regrade:
            tasks = yield from clerk.unchanged(setting, tasks)
        if not tasks:
            return
        if before is not None:
            before()
        with pool_for(setting, workers, scheduler) as pool:
            yield from _Round(tasks, pool, clerk, job.regrade).results()


def _setting(job: Job, limits: Limits | None, executor: Executor | None) -> Setting:
    template = job.template
    return Setting(
        template, limits or Limits(), executor or default_executor(), version_of(template)
    )


def _tasks(job: Job) -> list[Task]:
    coursedir = job.course.coursedir
    times = times_of(job.course.root, job.template.assignment)
    ignore, largest = tuple(coursedir.ignore), coursedir.max_file_size
    return [
        Task(student, path, ignore, largest, times.get(student))
        for student, path in job.submissions.items()
    ]


class _Round:
    """Hands tasks to the pool and what comes back to the clerk."""

    def __init__(self, tasks: Sequence[Task], pool: Pool, clerk: _Clerk, regrade: bool):
        self.pool, self.clerk, self.regrade = pool, clerk, regrade
        self.waiting = deque(tasks)
        self.running: dict[Future[Work], Task] = {}

    def results(self) -> Iterator[Result]:
        """Yield the rows."""
        self._fill()
        while self.running:
            done, _ = wait(self.running, timeout=_CHECK, return_when=FIRST_COMPLETED)
            if not done:
                self.pool.check()
            ended = [(future, task) for future, task in self.running.items() if future in done]
            for future, _ in ended:
                del self.running[future]
            self._fill()  # the workers go on while this process writes
            for future, task in ended:
                work = future.result()
                if work.execution is None and not self.clerk.has(work):
                    # The gradebook lost what the journal has: execute it after all.
                    self._submit(replace(task, known=""))
                    continue
                yield self.clerk.write(work)
            self._fill()

    def _fill(self) -> None:
        while self.waiting and len(self.running) < self.pool.capacity:
            self._submit(self._with_key(self.waiting.popleft()))

    def _submit(self, task: Task) -> None:
        self.running[self.pool.submit(task)] = task

    def _with_key(self, task: Task) -> Task:
        """Note what need not be executed; work that a killed grader had executed never is."""
        entry = self.clerk.journal.read(task.student)
        if entry is not None and (not self.regrade or not entry.recorded):
            return replace(task, known=entry.key)
        return task


def _is_as_it_was(setting: Setting, task: Task, entry: Entry) -> bool:
    raw = entry.handin.raw
    return raw != "" and raw == fingerprint_of_files(setting, task)


class _Clerk:
    """Writes what the workers hand in: journal, gradebook, journal."""

    def __init__(self, recorder: Recorder, journal: Journal, patience: float):
        self.recorder, self.journal, self.patience = recorder, journal, patience

    def unchanged(
        self, setting: Setting, tasks: Sequence[Task]
    ) -> Generator[Result, None, list[Task]]:
        """Yield the rows of what is as it was when it was graded; return the other tasks."""
        left = []
        for begin in range(0, len(tasks), _AT_ONCE):
            known = []
            for task in tasks[begin : begin + _AT_ONCE]:
                entry = self.journal.read(task.student)
                if entry is not None and entry.recorded and _is_as_it_was(setting, task, entry):
                    known.append((task, entry))
                else:
                    left.append(task)
            now = self._standings([task.student for task, _ in known])
            for task, entry in known:
                row = self._unchanged_row(task.student, entry, now.get(task.student))
                if row is None:
                    left.append(task)
                else:
                    yield row
        return left

    def _unchanged_row(self, student: str, entry: Entry, now: Standing | None) -> Result | None:
        """Return the row, None where something has to be made again."""
        if now is None or not self.recorder.still_holds(student, entry.execution, now):
            return None
        row = self.recorder.row(student, entry.execution, entry.handin, now)
        if row is None:
            return self._refreshed(student, entry)
        if entry.ended != str(row.status):
            self.journal.settle(student, entry, row.status)
        return row

    def _refreshed(self, student: str, entry: Entry) -> Result | None:
        """Bring time and lateness up to date; where that fails now, `write` waits and tells."""
        with suppress(SQLAlchemyError, ValueError):
            row = self.recorder.refresh(student, entry.execution, entry.handin)
            self.journal.settle(student, entry, row.status)
            return row
        return None

    def _standings(self, students: Sequence[str]) -> dict[str, Standing]:
        """Read the gradebook; where it cannot be read now, `write` will wait and tell."""
        if not students:
            return {}
        with suppress(SQLAlchemyError):
            return self.recorder.standings(students)
        return {}

    def has(self, work: Work) -> bool:
        """Tell whether what was executed earlier is still there."""
        student = work.prepared.student
        entry = self.journal.read(student)
        if entry is None or entry.key != work.key:
            return False
        if not entry.recorded:
            return True
        with suppress(SQLAlchemyError):
            now = self.recorder.standings([student]).get(student)
            return self.recorder.still_holds(student, entry.execution, now)
        return True  # the gradebook cannot be read now: `write` will wait and tell

    def write(self, work: Work) -> Result:
        """Record one submission; return its row, also when it cannot be recorded."""
        try:
            return self._patiently(work)
        except (SQLAlchemyError, OSError, ValueError) as error:
            student = work.prepared.student
            log.error("the marks of %s could not be written", student, exc_info=error)
            return self._unwritten(work, error)

    def _patiently(self, work: Work) -> Result:
        student = work.prepared.student
        entry = self._entry(work)
        while True:
            begun = time.monotonic()
            try:
                if entry.recorded:
                    result = self.recorder.refresh(student, entry.execution, entry.handin)
                else:
                    result = self.recorder.record(work.prepared, entry.execution)
                self.journal.settle(student, entry, result.status)
                return result
            except OperationalError:
                time.sleep(min(_PAUSE, max(self.patience, 0.0)))
                self.patience -= time.monotonic() - begun
                if self.patience <= 0:
                    raise

    def _entry(self, work: Work) -> Entry:
        """Return what is to be recorded, after keeping it in the journal."""
        student = work.prepared.student
        handin = handin_of(work.prepared, work.raw)
        if work.execution is None:
            entry = self.journal.read(student)
            if entry is None:
                raise OSError(f"what was executed earlier of {student} has gone from the journal")
            return replace(entry, handin=handin)
        entry = Entry(work.key, False, "", work.execution, handin)
        self.journal.keep(student, entry)
        return entry

    def _unwritten(self, work: Work, error: Exception) -> Result:
        why = str(getattr(error, "orig", None) or error)
        execution = work.execution
        return Result(
            work.prepared.student,
            work.prepared.assignment,
            Status.REVIEW,
            f"the marks could not be written ({why[:300]}; see {PLACE}); they are kept, "
            f"and the next `{called('grade')}` writes them",
            score=0.0,
            max_score=self.recorder.template.max_score,
            repairs=work.prepared.all_repairs(),
            seconds=round(execution.seconds, 3) if execution else 0.0,
            peak_mb=round(execution.peak_mb, 1) if execution else 0.0,
            judged=self.recorder.template.judged(),
        )


def grade(
    course: Path | None,
    assignment: str,
    students: Sequence[str] = (),
    limits: Limits | None = None,
    executor: Executor | None = None,
    workers: int = 0,
    judge: Judge = Judge.AUTO,
) -> list[Result]:
    """Grade an assignment and return the rows of its table, sorted by student.

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
    workers : int, optional
        Number of processes; 0 works in this one.
    judge : Judge, optional
        How checks are judged.
    """
    job = plan(CourseFolder(course), assignment, students)
    job = calibrated(job, limits, executor, judge=judge)
    return sorted(run(job, limits, executor, workers=workers), key=lambda row: row.student)
