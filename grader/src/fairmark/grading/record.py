"""The third step, and the only one that writes: gradebook and ``autograded/``.

A submission is one transaction. The executed notebooks and the other files are
written to a folder beside ``autograded/<student>/<assignment>`` that takes its
place once everything is there; then the transaction is committed. What is left
is what formgrader, ``nbgrader generate_feedback`` and ``nbgrader export`` expect.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Grade, Gradebook
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc

from fairmark.cells import grade_id_of, mark_cell
from fairmark.folder import CourseFolder
from fairmark.model import (
    Execution,
    NotebookRun,
    Prepared,
    PreparedNotebook,
    Result,
    Status,
    Template,
    TemplateCell,
    TemplateNotebook,
)

from .drawings import draw_in
from .handin import Handin, handin_of
from .rows import (
    KnownAssignment,
    Mark,
    Standing,
    SubmissionRows,
    complete_rows,
    known_assignment,
    marks_now,
    standings,
)

#: Where the status of a run stands in the metadata of an executed notebook.
METADATA = "fairmark"


@dataclass
class Recorder:
    """The writer of one assignment's results.

    Attributes
    ----------
    course : CourseFolder
        Where to write.
    gradebook : Gradebook
        Open.
    template : Template
        The instructors' version, already in the gradebook.
    """

    course: CourseFolder
    gradebook: Gradebook
    template: Template

    def record(self, prepared: Prepared, execution: Execution) -> Result:
        """Write one submission.

        Parameters
        ----------
        prepared : Prepared
            From the first step.
        execution : Execution
            From the second step.

        Returns
        -------
        Result
            The score as the gradebook has it now.

        Raises
        ------
        sqlalchemy.exc.SQLAlchemyError, OSError
            When the gradebook or the folder cannot be written; then neither is
            changed.
        """
        session = self.gradebook.db
        target = self.target(prepared.student)
        before = _answers_before(target, self.template)
        try:
            rows = self._rows(prepared.student, prepared.timestamp)
            for notebook, run in zip(prepared.notebooks, execution.notebooks, strict=True):
                self._record_notebook(rows, notebook, run, before.get(notebook.name))
            self._penalties(rows, prepared.student)
            marks = marks_now(self.gradebook, self._known, rows)
            result = self._result(prepared.student, marks, execution, handin_of(prepared))
            with _replaced(target) as folder:
                self._write_folder(folder, prepared, execution, result)
                _put_in_place(folder, target)
                session.commit()
        finally:
            # After a commit there is nothing left to take back. Without the last
            # step, the session would hold every submission of the class.
            session.rollback()
            session.expunge_all()
        return result

    def target(self, student: str) -> Path:
        """Return the folder for a student's executed notebooks.

        Parameters
        ----------
        student : str
            Whose.
        """
        return self.course.path("autograded", student, self.template.assignment)

    def recover(self, students: Iterable[str]) -> None:
        """Undo what a killed grader left half done in ``autograded/``.

        Parameters
        ----------
        students : iterable of str
            Whose folders to look at.

        Raises
        ------
        OSError
            When the folder cannot be changed.
        """
        for student in students:
            _recover(self.target(student))

    def standings(self, students: Collection[str]) -> dict[str, Standing]:
        """Read what the gradebook holds of several students, for `still_holds`.

        Parameters
        ----------
        students : collection of str
            Whose; a few hundred at a time.

        Raises
        ------
        sqlalchemy.exc.SQLAlchemyError
            When the gradebook cannot be read.
        """
        try:
            return standings(self.gradebook, self._known, students)
        finally:
            self.gradebook.db.rollback()  # what was read is no longer needed

    def still_holds(self, student: str, execution: Execution, now: Standing | None) -> bool:
        """Tell whether gradebook and folder have what an earlier execution gave.

        Another command, or an older copy of the gradebook, may have changed it.

        Parameters
        ----------
        student : str
            Whose submission.
        execution : Execution
            From the journal.
        now : Standing or None
            What the gradebook has now.
        """
        if now is None or len(execution.notebooks) != len(self.template.notebooks):
            return False
        target = self.target(student)
        for notebook, run in zip(self.template.notebooks, execution.notebooks, strict=True):
            marks = now.marks.get(notebook.name)
            if marks is None or not os.path.isfile(target / f"{notebook.name}.ipynb"):
                return False
            for cell in notebook.cells:
                if cell.check:
                    mark = marks.get(cell.grade_id)
                    if mark is None or mark.auto_score != run.points.get(cell.grade_id):
                        return False
        return True

    def row(
        self, student: str, execution: Execution, handin: Handin, now: Standing
    ) -> Result | None:
        """Return the row of a submission for which nothing has to be written.

        Parameters
        ----------
        student : str
            Whose submission, one that `still_holds`.
        execution : Execution
            From the journal.
        handin : Handin
            From the journal.
        now : Standing
            What the gradebook has now.

        Returns
        -------
        Result or None
            With the marks that a person gave since. None where rows are missing, the time
            is another one, or lateness may count: then `refresh` has something to write.
        """
        told = parse_utc(handin.timestamp) if handin.timestamp else now.timestamp
        if now.late or told != now.timestamp or not now.is_complete(self._known):
            return None
        result = self._result(student, now.marks, execution, handin)
        result.unchanged = True
        return result

    def refresh(self, student: str, execution: Execution, handin: Handin) -> Result:
        """Bring up to date what does not depend on the execution: time and lateness.

        Parameters
        ----------
        student : str
            Whose submission.
        execution : Execution
            From the journal; its notebooks are not needed.
        handin : Handin
            What was handed in.

        Returns
        -------
        Result
            The row, with the marks that a person gave since.

        Raises
        ------
        sqlalchemy.exc.SQLAlchemyError
            When the gradebook cannot be written.
        """
        session = self.gradebook.db
        try:
            rows = self._rows(student, handin.timestamp)
            self._penalties(rows, student)
            marks = marks_now(self.gradebook, self._known, rows)
            result = self._result(student, marks, execution, handin)
            session.commit()
        finally:
            session.rollback()
            session.expunge_all()
        result.unchanged = True
        return result

    @cached_property
    def _known(self) -> KnownAssignment:
        return known_assignment(self.gradebook, self.template.assignment)

    @cached_property
    def _keys(self) -> dict[tuple[str, str], str]:
        """The name in the results of each cell of a notebook, found once for the class."""
        return {
            (notebook.name, cell.grade_id): self.template.key(notebook.name, cell.grade_id)
            for notebook in self.template.notebooks
            for cell in notebook.cells
        }

    @cached_property
    def _late_penalty(self) -> AssignLatePenalties:
        """The step of nbgrader, with the course's plugin."""
        step = AssignLatePenalties(parent=self.course.app)
        step.init_plugin()
        return step

    def _rows(self, student: str, timestamp: str) -> SubmissionRows:
        rows = complete_rows(self.gradebook, self._known, student)
        if timestamp:
            rows.submission.timestamp = parse_utc(timestamp)
        return rows

    def _record_notebook(
        self,
        rows: SubmissionRows,
        notebook: PreparedNotebook,
        run: NotebookRun,
        before: Mapping[str, str] | None,
    ) -> None:
        template = next(item for item in self.template.notebooks if item.name == notebook.name)
        now = _answers(run.notebook or stand_in(template, run), template)
        cells = template.by_id()
        for name, grade in rows.grades[notebook.name].items():
            cell = cells.get(name)
            if cell is not None:
                _record_grade(grade, cell, notebook, run, _is_same(cell, before, now))
        for name, comment in rows.comments[notebook.name].items():
            cell = cells.get(name)
            if cell is not None:
                comment.auto_comment = _auto_comment(cell, notebook, run)

    def _penalties(self, rows: SubmissionRows, student: str) -> None:
        """Apply the course's plugin for late submissions, as nbgrader does."""
        session = self.gradebook.db
        session.flush()
        late = rows.submission.total_seconds_late
        for notebook in rows.notebooks.values():
            notebook.late_submission_penalty = None
            if late > 0:
                session.refresh(notebook, ["score"])
                step = self._late_penalty
                penalty = step.plugin_inst.late_submission_penalty(student, notebook.score, late)
                if penalty is not None:
                    notebook.late_submission_penalty = step._check_late_penalty(notebook, penalty)

    def _result(
        self,
        student: str,
        marks: Mapping[str, Mapping[str, Mark]],
        execution: Execution,
        handin: Handin,
    ) -> Result:
        result = Result(
            student,
            self.template.assignment,
            execution.status,
            execution.reason,
            score=0.0,
            max_score=self.template.max_score,
            repairs=list(handin.repairs),
            seconds=round(execution.seconds, 3),
            peak_mb=round(execution.peak_mb, 1),
            judged=self.template.judged(),
        )
        looked_at = False
        for notebook in self.template.notebooks:
            for cell in notebook.cells:
                mark = marks[notebook.name].get(cell.grade_id)
                if mark is not None:
                    self._add_mark(result, notebook.name, cell.grade_id, mark)
                    # A mark by hand for a drawing does not settle what a check could not.
                    concerned = cell.check or execution.status is Status.REVIEW
                    looked_at |= concerned and mark.manual_score is not None
        if result.status is Status.GRADED and not result.reason and handin.empty:
            result.reason = "nothing was filled in"
        waits = any(
            mark.needs_manual_grade for notebook in marks.values() for mark in notebook.values()
        )
        if result.status is not Status.GRADED and looked_at and not waits:
            result.status = Status.GRADED
            result.reason = f"settled by hand ({result.reason})"
        return result

    def _add_mark(self, result: Result, notebook: str, name: str, mark: Mark) -> None:
        key = self._keys[notebook, name]
        waits = mark.auto_score is None and mark.manual_score is None
        if waits:
            result.by_hand[key] = self._known.notebooks[notebook].most[name]
        else:
            result.checks[key] = float(mark.score)
            result.score += float(mark.score)

    def _write_folder(
        self, folder: Path, prepared: Prepared, execution: Execution, result: Result
    ) -> None:
        for name, data in prepared.files.items():
            inner = PurePosixPath(name)
            if not inner.is_absolute() and ".." not in inner.parts:
                path = folder / inner
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        for template, run in zip(self.template.notebooks, execution.notebooks, strict=True):
            notebook = NotebookNode(run.notebook or stand_in(template, run))
            notebook = draw_in(notebook, template.drawn)
            notebook.metadata = NotebookNode(notebook.metadata)
            status, reason = run.for_student()
            notebook.metadata[METADATA] = {
                "status": str(status),
                "reason": reason,
                "submission_status": str(result.status),
                "submission_reason": result.reason,
                "repairs": list(result.repairs),
                "failures": dict(run.failures),
                "undecided": list(run.undecided),
                "seconds": round(run.seconds, 3),
                "peak_mb": round(run.peak_mb, 1),
            }
            # Not nbformat.write: it would check the form again, which is as it was read.
            text = nbformat.v4.writes(notebook) + "\n"
            folder.joinpath(f"{run.name}.ipynb").write_text(text, "utf-8", "surrogatepass")
        permissions = int(str(self.course.autograde.permissions), 8)
        for path in folder.rglob("*"):
            if path.is_file():
                path.chmod(permissions)
        if self.course.coursedir.groupshared:
            for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
                path.chmod(path.stat().st_mode | 0o2770)


def _record_grade(
    grade: Grade, cell: TemplateCell, notebook: PreparedNotebook, run: NotebookRun, same: bool
) -> None:
    """Set what the machine found; a mark given by hand stays.

    A person has to look again at a mark given by hand when the answer changed,
    and at everything that could not be decided.
    """
    settled = grade.manual_score is not None and not grade.needs_manual_grade
    old = grade.auto_score
    if run.notebook is None or cell.task:
        grade.auto_score = None
    elif cell.by_hand:
        grade.auto_score = 0.0 if cell.grade_id in notebook.untouched else None
    else:
        grade.auto_score = run.points.get(cell.grade_id)
    if grade.manual_score is not None:
        grade.needs_manual_grade = not (settled and same and old == grade.auto_score)
    else:
        undecided = cell.grade_id in run.undecided
        grade.needs_manual_grade = grade.auto_score is None or undecided


def _is_same(cell: TemplateCell, before: Mapping[str, str] | None, now: Mapping[str, str]) -> bool:
    """Tell whether what a mark was given for is as it was: the answer, or all answers."""
    if before is None:
        return False
    if cell.solution:
        return before.get(cell.grade_id) == now.get(cell.grade_id)
    return before == now


def _auto_comment(cell: TemplateCell, notebook: PreparedNotebook, run: NotebookRun) -> str | None:
    if run.notebook is None:
        return f"This notebook could not be graded automatically: {run.reason}."
    if cell.solution and cell.grade_id in notebook.untouched:
        return "No response."
    return None


def stand_in(template: TemplateNotebook, run: NotebookRun) -> NotebookNode:
    """Return a notebook in the place of one that could not be graded.

    It says why, and holds the graded cells, so that a person can open it in
    formgrader and give points by hand.

    Parameters
    ----------
    template : TemplateNotebook
        The instructors' version.
    run : NotebookRun
        With the reason.
    """
    notebook: NotebookNode = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = dict(template.kernelspec)
    text = f"**This notebook could not be graded: {run.reason}.**"
    notebook.cells = [nbformat.v4.new_markdown_cell(text, id="fairmark-reason")]
    for number, cell in enumerate(template.cells):
        maker = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
        notebook.cells.append(maker(cell.source, id=f"stand-in-{number}"))
        mark_cell(notebook.cells[-1], cell.meta)
    return notebook


def _answers(notebook: NotebookNode, template: TemplateNotebook) -> dict[str, str]:
    """Return what the student wrote, cell by cell, to compare two versions of it."""
    locked = {cell.grade_id for cell in template.cells if cell.locked or cell.task}
    answers = {}
    for index, cell in enumerate(notebook.cells):
        grade_id = grade_id_of(cell)
        if grade_id not in locked:
            images = cell.get("attachments") or {}
            answers[grade_id or f"cell {index}"] = cell.source + "".join(map(str, images.items()))
    return answers


def _answers_before(target: Path, template: Template) -> dict[str, dict[str, str]]:
    """Read what was graded last time, as far as it can be read."""
    answers = {}
    for expected in template.notebooks:
        path = target / f"{expected.name}.ipynb"
        try:
            notebook = nbformat.read(path, as_version=4)
        except (OSError, ValueError, nbformat.ValidationError):
            continue
        answers[expected.name] = _answers(notebook, expected)
    return answers


@contextmanager
def _replaced(target: Path) -> Iterator[Path]:
    """Give a new folder to write into; put it in the target's place at the end.

    When the body fails, the target stays as it was. When the process is killed,
    `_recover` finds out from the names of the folders what was done.
    """
    new, old, trash = _aside(target)
    _recover(target)
    new.mkdir(parents=True)
    exchanged = False
    try:
        # The body of the with statement ends with the commit. Until then the old
        # folder is kept, so that a kill before the commit can be undone.
        yield new
        exchanged = True
    finally:
        if not exchanged:
            if not new.exists():
                shutil.rmtree(target)  # it was put in place before the commit failed
            if old.exists():
                old.rename(target)
        shutil.rmtree(new, ignore_errors=True)
        if old.exists():
            old.rename(trash)
            shutil.rmtree(trash, ignore_errors=True)


def _put_in_place(new: Path, target: Path) -> None:
    old = _aside(target)[1]
    if target.exists():
        target.rename(old)
    new.rename(target)


def _aside(target: Path) -> tuple[Path, Path, Path]:
    """Name the folders beside a target: being written, replaced, being deleted."""
    new, old, trash = (
        target.with_name(f".{target.name}.{part}") for part in ("new", "old", "trash")
    )
    return new, old, trash


def _recover(target: Path) -> None:
    """Put back what was replaced by a writer that was killed before it was sure.

    What it had written is recorded again from the journal.
    """
    new, old, trash = _aside(target)
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(trash, ignore_errors=True)
    if old.exists():
        if target.exists():
            target.rename(trash)
        old.rename(target)
        shutil.rmtree(trash, ignore_errors=True)
