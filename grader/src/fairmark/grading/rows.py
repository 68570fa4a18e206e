"""The rows that nbgrader's gradebook has for a submission: found, or made and completed.

nbgrader's own ``Gradebook`` finds each cell with a query of its own. Here the cells of an
assignment are read once for a run, as plain data, and a submission is one query and one
writing of all that is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.orm import selectinload


class Mark(Protocol):
    """The marks of one cell, as the query for them gives them."""

    auto_score: float | None
    manual_score: float | None
    needs_manual_grade: bool
    score: float


@dataclass(frozen=True)
class KnownNotebook:
    """A notebook of an assignment as the gradebook knows it.

    Attributes
    ----------
    id : str
        nbgrader's key.
    cells : mapping
        Key of a cell to its name, for all that are graded or commented.
    graded, commented : tuple of str
        Keys of the cells that get a grade, and of those that get a comment.
    most : mapping
        Name of a graded cell to its points.
    """

    id: str
    cells: Mapping[str, str]
    graded: tuple[str, ...]
    commented: tuple[str, ...]
    most: Mapping[str, float]


@dataclass(frozen=True)
class KnownAssignment:
    """An assignment as the gradebook knows it: its key, its notebooks by name, when it was due."""

    id: str
    notebooks: Mapping[str, KnownNotebook]
    due: datetime | None


def known_assignment(gradebook: Gradebook, name: str) -> KnownAssignment:
    """Read an assignment.

    Parameters
    ----------
    gradebook : Gradebook
        Open.
    name : str
        The name of the assignment.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        When it is not there, or the gradebook cannot be read.
    """
    assignment = gradebook.db.query(Assignment).filter_by(name=name).one()
    notebooks = {notebook.name: _known_notebook(notebook) for notebook in assignment.notebooks}
    return KnownAssignment(assignment.id, notebooks, assignment.duedate)


def _known_notebook(notebook: Notebook) -> KnownNotebook:
    graded = [*notebook.grade_cells, *notebook.task_cells]
    commented = [*notebook.solution_cells, *notebook.task_cells]
    return KnownNotebook(
        notebook.id,
        {cell.id: cell.name for cell in (*graded, *commented)},
        tuple(cell.id for cell in graded),
        tuple(cell.id for cell in commented),
        {cell.name: float(cell.max_score or 0.0) for cell in graded},
    )


@dataclass
class SubmissionRows:
    """The rows of one submission.

    Attributes
    ----------
    submission : SubmittedAssignment
        The row above all others.
    notebooks : dict
        Name of a notebook to its row.
    grades, comments : dict
        Name of a notebook to its rows by name of the cell.
    """

    submission: SubmittedAssignment
    notebooks: dict[str, SubmittedNotebook]
    grades: dict[str, dict[str, Grade]]
    comments: dict[str, dict[str, Comment]]


def find_rows(gradebook: Gradebook, known: KnownAssignment, student: str) -> SubmissionRows | None:
    """Return the rows of a submission, None when there are none.

    Parameters
    ----------
    gradebook : Gradebook
        Open.
    known : KnownAssignment
        The assignment.
    student : str
        Whose submission.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        When the gradebook cannot be read.
    """
    notebooks = selectinload(SubmittedAssignment.notebooks)
    submission = (
        gradebook.db.query(SubmittedAssignment)
        .filter_by(assignment_id=known.id, student_id=student)
        .options(
            notebooks.selectinload(SubmittedNotebook.grades),
            notebooks.selectinload(SubmittedNotebook.comments),
        )
        .one_or_none()
    )
    return None if submission is None else _by_name(known, submission)


def complete_rows(gradebook: Gradebook, known: KnownAssignment, student: str) -> SubmissionRows:
    """Return the rows of a submission; make those that nbgrader expects and that are missing.

    They are written with the session's next flush.

    Parameters
    ----------
    gradebook, known, student
        As for `find_rows`.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        When the gradebook cannot be read or written.
    """
    session = gradebook.db
    if session.query(Student.id).filter_by(id=student).first() is None:
        session.add(Student(id=student))
        session.flush()
    rows = find_rows(gradebook, known, student)
    if rows is None:
        submission = SubmittedAssignment(assignment_id=known.id, student_id=student)
        session.add(submission)
        rows = SubmissionRows(submission, {}, {}, {})
    for name, notebook in known.notebooks.items():
        row = rows.notebooks.get(name)
        if row is None:
            row = SubmittedNotebook(notebook_id=notebook.id, assignment=rows.submission)
            rows.notebooks[name] = row
            session.add(row)
        grades, comments = rows.grades.setdefault(name, {}), rows.comments.setdefault(name, {})
        session.add_all(_missing(grades, Grade, notebook, notebook.graded, row))
        session.add_all(_missing(comments, Comment, notebook, notebook.commented, row))
    return rows


def _missing(
    have: dict[str, Grade | Comment],
    kind: type[Grade | Comment],
    known: KnownNotebook,
    cells: Iterable[str],
    notebook: SubmittedNotebook,
) -> list[Grade | Comment]:
    """Put the rows of a notebook's cells that are missing to the others; return them."""
    new = {known.cells[cell]: cell for cell in cells if known.cells[cell] not in have}
    have.update({name: kind(cell_id=cell, notebook=notebook) for name, cell in new.items()})
    return [have[name] for name in new]


def _by_name(known: KnownAssignment, submission: SubmittedAssignment) -> SubmissionRows:
    rows = SubmissionRows(submission, {}, {}, {})
    names = {notebook.id: name for name, notebook in known.notebooks.items()}
    for row in submission.notebooks:
        name = names.get(row.notebook_id)
        if name is not None:
            cells = known.notebooks[name].cells
            rows.notebooks[name] = row
            rows.grades[name] = {cells[g.cell_id]: g for g in row.grades if g.cell_id in cells}
            rows.comments[name] = {cells[c.cell_id]: c for c in row.comments if c.cell_id in cells}
    return rows


def marks_now(
    gradebook: Gradebook, known: KnownAssignment, rows: SubmissionRows
) -> dict[str, dict[str, Mark]]:
    """Read the marks of a submission as the database has them, totals included.

    Parameters
    ----------
    gradebook, known
        As for `find_rows`.
    rows : SubmissionRows
        The submission.

    Returns
    -------
    dict
        Name of a notebook to its marks by name of the cell.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        When the gradebook cannot be read or written.
    """
    gradebook.db.flush()
    names = {notebook.id: name for name, notebook in rows.notebooks.items()}
    marks: dict[str, dict[str, Mark]] = {name: {} for name in rows.notebooks}
    for mark in _marks(gradebook, names):
        name = names[mark.notebook_id]
        cell = known.notebooks[name].cells.get(mark.cell_id)
        if cell is not None:
            marks[name][cell] = mark
    return marks


def _marks(gradebook: Gradebook, notebooks: Iterable[str]) -> Iterator[Any]:
    """Read the marks of submitted notebooks: each a `Mark` with the keys of its place."""
    query = gradebook.db.query(
        Grade.notebook_id,
        Grade.cell_id,
        Grade.auto_score,
        Grade.manual_score,
        Grade.needs_manual_grade,
        Grade.score,
    )
    yield from query.filter(Grade.notebook_id.in_(notebooks))


@dataclass
class Standing:
    """What the gradebook holds of one submission, as plain data that nobody can change.

    Attributes
    ----------
    timestamp : datetime or None
        When it was handed in.
    late : bool
        Whether that was after the time at which it was due, extension included, or a
        penalty stands in the gradebook.
    marks : dict
        Name of a notebook to its marks by name of the cell, for the notebooks with a row.
    comments : dict
        Name of a notebook to the number of its comments.
    """

    timestamp: datetime | None
    late: bool = False
    marks: dict[str, dict[str, Mark]] = field(default_factory=dict)
    comments: dict[str, int] = field(default_factory=dict)

    def is_complete(self, known: KnownAssignment) -> bool:
        """Tell whether every row is there that `complete_rows` would make."""
        return all(
            name in self.marks
            and len(self.marks[name]) == len(set(notebook.graded))
            and self.comments.get(name, 0) == len(set(notebook.commented))
            for name, notebook in known.notebooks.items()
        )


def standings(
    gradebook: Gradebook, known: KnownAssignment, students: Collection[str]
) -> dict[str, Standing]:
    """Read the submissions of several students with a few queries, for reading only.

    Parameters
    ----------
    gradebook, known
        As for `find_rows`.
    students : collection of str
        Whose; a few hundred at a time.

    Returns
    -------
    dict
        Student to what there is. Who has no submission, or is no longer a student of the
        gradebook, is left out.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        When the gradebook cannot be read.
    """
    found: dict[str, Standing] = {}
    place: dict[str, tuple[str, str]] = {}
    names = {notebook.id: name for name, notebook in known.notebooks.items()}
    submissions = (
        gradebook.db.query(SubmittedAssignment.student_id)
        .join(Student, Student.id == SubmittedAssignment.student_id)
        .filter(SubmittedAssignment.assignment_id == known.id, Student.id.in_(students))
    )
    due = submissions.add_columns(SubmittedAssignment.timestamp, SubmittedAssignment.extension)
    for student, timestamp, extension in due:
        found[student] = Standing(timestamp, _is_late(known.due, timestamp, extension))
    notebooks = submissions.join(
        SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id
    ).add_columns(
        SubmittedNotebook.id,
        SubmittedNotebook.notebook_id,
        SubmittedNotebook.late_submission_penalty,
    )
    for student, row, notebook, penalty in notebooks:
        found[student].late |= penalty is not None
        if notebook in names:
            place[row] = (student, names[notebook])
            found[student].marks[names[notebook]] = {}
    _add_marks(gradebook, known, place, found)
    return found


def _is_late(due: datetime | None, timestamp: datetime | None, extension: timedelta | None) -> bool:
    """Tell as nbgrader does whether a submission came too late."""
    if due is None or timestamp is None:
        return False
    return timestamp > due + (extension or timedelta())


def _add_marks(
    gradebook: Gradebook,
    known: KnownAssignment,
    place: Mapping[str, tuple[str, str]],
    found: Mapping[str, Standing],
) -> None:
    """Add the marks and count the comments of notebooks, whose keys say whose and which."""
    for mark in _marks(gradebook, place):
        student, name = place[mark.notebook_id]
        cell = known.notebooks[name].cells.get(mark.cell_id)
        if cell is not None:
            found[student].marks[name][cell] = mark
    comments = gradebook.db.query(Comment.notebook_id, Comment.cell_id)
    for row, cell_id in comments.filter(Comment.notebook_id.in_(place)):
        student, name = place[row]
        if cell_id in known.notebooks[name].cells:
            counts = found[student].comments
            counts[name] = counts.get(name, 0) + 1
