"""Marks as a table with the status of each, so that no 0 stands for "not graded"."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TextIO

import nbformat
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment

from fairmark.folder import CourseFolder
from fairmark.grading.gradebook import open_gradebook
from fairmark.grading.record import METADATA
from fairmark.model import GradingError, Status

NOT_HANDED_IN = "not handed in"
COLUMNS = (
    "student_id",
    "last_name",
    "first_name",
    "assignment",
    "status",
    "reason",
    "score",
    "by_hand",
    "late_penalty",
    "max_score",
)


@dataclass(frozen=True)
class Mark:
    """The mark of one student.

    Attributes
    ----------
    student_id, last_name, first_name, assignment : str
        Whose, and of what.
    status : str
        ``graded``, ``partly graded``, ``needs review``, ``waits`` (a person has
        still to give points) or ``not handed in``.
    reason : str
        Why it is not simply graded.
    score : float or None
        None when there is no mark.
    by_hand : float
        Points that a person can still give.
    late_penalty : float
        Already taken off the score.
    max_score : float
        All points.
    email, lms_user_id : str
        As the gradebook has them; often empty.
    time : str
        When it was handed in; empty when nobody recorded it.
    seconds_late : float
        After the due date.
    """

    student_id: str
    last_name: str
    first_name: str
    assignment: str
    status: str
    reason: str
    score: float | None
    by_hand: float
    late_penalty: float
    max_score: float
    email: str = ""
    lms_user_id: str = ""
    time: str = ""
    seconds_late: float = 0.0


def marks(course: CourseFolder, assignment: str) -> list[Mark]:
    """Read the marks of an assignment from the gradebook.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.

    Raises
    ------
    GradingError
        When the gradebook does not know the assignment.
    """
    with open_gradebook(course.db_url, course.coursedir.course_id) as gradebook:
        try:
            gradebook.find_assignment(assignment)
        except MissingEntry:
            known = ", ".join(sorted(item.name for item in gradebook.assignments)) or "none"
            raise GradingError(
                f"The gradebook has no assignment {assignment!r}. It has: {known}."
            ) from None
        return list(_marks(course, gradebook, assignment))


def write_csv(rows: Sequence[Mark], file: TextIO) -> None:
    """Write marks as CSV.

    Parameters
    ----------
    rows : sequence of Mark
        One for each student.
    file : file object
        Opened for text, with ``newline=""``.
    """
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_safe(getattr(row, name)) for name in COLUMNS])


def write_canvas(rows: Sequence[Mark], file: TextIO) -> None:
    """Write marks in the form that Canvas's gradebook imports.

    The score is empty where there is no mark yet; Canvas then leaves its own as
    it is. The status stands in the column Notes.

    Parameters
    ----------
    rows : sequence of Mark
        One for each student.
    file : file object
        Opened for text, with ``newline=""``.
    """
    writer = csv.writer(file)
    assignment = rows[0].assignment if rows else "assignment"
    most = rows[0].max_score if rows else 0.0
    writer.writerow(
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes", assignment]
    )
    writer.writerow(["    Points Possible", "", "", "", "", "", f"{most:g}"])
    for row in rows:
        canvas_id = row.lms_user_id or (row.student_id if row.student_id.isdigit() else "")
        login = "" if canvas_id else row.student_id
        cells = [_name(row), canvas_id, "", login, "", _told(row), _final(row)]
        writer.writerow([_safe(cell) for cell in cells])


def write_gradescope(rows: Sequence[Mark], file: TextIO) -> None:
    """Write marks in the form in which Gradescope exports them.

    Parameters
    ----------
    rows : sequence of Mark
        One for each student.
    file : file object
        Opened for text, with ``newline=""``.
    """
    writer = csv.writer(file)
    writer.writerow(
        "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,"
        "Submission ID,Submission Time,Lateness (H:M:S),Notes".split(",")
    )
    states = {str(Status.GRADED): "Graded", NOT_HANDED_IN: "Missing"}
    for row in rows:
        late = int(row.seconds_late)
        lateness = f"{late // 3600:02}:{late // 60 % 60:02}:{late % 60:02}"
        cells = [row.first_name, row.last_name, row.student_id, row.email, ""]
        cells += [_final(row), f"{row.max_score:g}", states.get(row.status, "Ungraded")]
        cells += ["", row.time, lateness if row.time else "", _told(row)]
        writer.writerow([_safe(cell) for cell in cells])


#: How the marks may be written, by the name of the form.
FORMS = {"csv": write_csv, "canvas": write_canvas, "gradescope": write_gradescope}


def _final(row: Mark) -> str:
    """Write a mark for another system: only a settled one, never a 0 that is none."""
    return f"{row.score:g}" if row.status == str(Status.GRADED) and row.score is not None else ""


def _told(row: Mark) -> str:
    return f"{row.status}: {row.reason}" if row.reason else row.status


def _name(row: Mark) -> str:
    known = ", ".join(part for part in (row.last_name, row.first_name) if part)
    return known or row.student_id


def _safe(value: object) -> object:
    """Keep a spreadsheet from taking a text for a formula; leave empty what is not there."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@")):
        return f"'{value}"
    return "" if value is None else value


def _marks(course: CourseFolder, gradebook: Gradebook, assignment: str) -> Iterator[Mark]:
    for student in sorted(gradebook.students, key=lambda item: item.id):
        names = (student.id, student.last_name or "", student.first_name or "", assignment)
        try:
            submission = gradebook.find_submission(assignment, student.id)
        except MissingEntry:
            most = gradebook.find_assignment(assignment).max_score
            mark = Mark(*names, NOT_HANDED_IN, "", None, 0.0, 0.0, most)
        else:
            mark = _mark(course, submission, names)
        yield replace(mark, email=student.email or "", lms_user_id=student.lms_user_id or "")


#: Identifier, last name, first name, assignment.
_Names = tuple[str, str, str, str]


def _mark(course: CourseFolder, submission: SubmittedAssignment, names: _Names) -> Mark:
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    waiting = [g for g in grades if g.auto_score is None and g.manual_score is None]
    status, reason = _status(course, submission)
    if not submission.needs_manual_grade:
        status, reason = str(Status.GRADED), ""
    elif status == str(Status.GRADED):
        status = "waits"
    penalty = submission.late_submission_penalty
    nothing = len(waiting) == len(grades)
    score = None if nothing else max(0.0, submission.score - penalty)
    by_hand = sum(grade.max_score for grade in waiting)
    time = f"{submission.timestamp:%Y-%m-%d %H:%M:%S} +0000" if submission.timestamp else ""
    return Mark(
        *names,
        status,
        reason,
        score,
        by_hand,
        penalty,
        submission.max_score,
        time=time,
        seconds_late=submission.total_seconds_late,
    )


def _status(course: CourseFolder, submission: SubmittedAssignment) -> tuple[str, str]:
    """Read how grading ended from the notebooks that it left."""
    place = course.path("autograded", submission.student.id, submission.name)
    for row in submission.notebooks:
        try:
            notebook = nbformat.read(place / f"{row.name}.ipynb", as_version=4)
        except (OSError, ValueError, nbformat.ValidationError):
            return str(Status.REVIEW), "there is no graded notebook"
        info = notebook.metadata.get(METADATA)
        if info:
            return str(info["submission_status"]), str(info["submission_reason"])
    return str(Status.GRADED), ""
