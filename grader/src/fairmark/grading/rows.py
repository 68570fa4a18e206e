"""The rows that nbgrader's gradebook has for a submission: found, or made and completed.

nbgrader's own ``Gradebook`` finds each cell with a query of its own. Here the cells of an
assignment are read once for a run, as plain data, and a submission is one query and one
writing of all that is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

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
    """An assignment as the gradebook knows it: its key, and its notebooks by name."""

    id: str
    notebooks: Mapping[str, KnownNotebook]


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
    return KnownAssignment(assignment.id, notebooks)


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
    query = gradebook.db.query(
        Grade.notebook_id,
        Grade.cell_id,
        Grade.auto_score,
        Grade.manual_score,
        Grade.needs_manual_grade,
        Grade.score,
    ).filter(Grade.notebook_id.in_(names))
    marks: dict[str, dict[str, Mark]] = {name: {} for name in rows.notebooks}
    for mark in query:
        name = names[mark.notebook_id]
        cell = known.notebooks[name].cells.get(mark.cell_id)
        if cell is not None:
            marks[name][cell] = mark
    return marks
