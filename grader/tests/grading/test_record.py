"""The third step: one transaction, one folder, and marks by hand that stay."""

from __future__ import annotations

import sqlite3

import nbformat
import pytest
from grader_support import course_maker as maker
from grader_support.marks import ALL, by_hand, gradebook, state
from grader_support.quick import Pretend
from nbgrader.api import Gradebook
from sqlalchemy.exc import SQLAlchemyError

from fairmark.folder import CourseFolder
from fairmark.grading import one_submission as work
from fairmark.grading.engine import plan, run
from fairmark.grading.gradebook import open_gradebook, schema_version
from fairmark.grading.record import Recorder
from fairmark.grading.template import load_template
from fairmark.model import GradingError, Status
from fairmark.reports.feedback import write_feedback


def grade(root, executor=None, students=(), **options):
    job = plan(CourseFolder(root), maker.ASSIGNMENT, students, **options)
    return {r.student: r for r in run(job, executor=executor or Pretend(ALL))}


def test_marks_by_hand_survive_when_the_answer_is_the_same(course):
    maker.hand_in(course, "ann", maker.full())
    assert grade(course)["ann"].by_hand == {"drawing": 5.0, "essay": 2.0}
    by_hand(course, "ann", "drawing", 4.0)
    by_hand(course, "ann", "essay", 1.5)
    by_hand(course, "ann", "f1-forward", 2.5)
    result = grade(course)["ann"]
    assert result.by_hand == {}
    assert result.score == 4 + 1.5 + 2.5 + 4 + 2
    assert state(course, "ann", "drawing") == (None, 4.0, False)
    assert state(course, "ann", "f1-forward") == (3.0, 2.5, False)


def test_a_changed_answer_is_looked_at_again(course):
    maker.hand_in(course, "ann", maker.full())
    grade(course)
    by_hand(course, "ann", "drawing", 4.0)
    by_hand(course, "ann", "essay", 1.0)
    maker.hand_in(course, "ann", maker.filled(**{**maker.ANSWERS, "drawing": "Another one."}))
    grade(course)
    assert state(course, "ann", "drawing") == (None, 4.0, True)
    assert state(course, "ann", "essay") == (None, 1.0, True)


def test_an_empty_answer_gets_zero_and_no_person_has_to_look(course):
    maker.hand_in(course, "ann", maker.released_notebook())
    grade(course)
    assert state(course, "ann", "drawing") == (0.0, None, False)
    with gradebook(course) as book:
        comment = book.find_comment("drawing", "kite", maker.ASSIGNMENT, "ann")
        assert comment.auto_comment == "No response."


def test_a_later_broken_hand_in_does_not_leave_the_old_marks(course):
    maker.hand_in(course, "ann", maker.full())
    grade(course)
    maker.hand_in(course, "ann", "broken")
    result = grade(course)["ann"]
    assert result.status is Status.REVIEW and result.checks == {}
    assert state(course, "ann", "f1-forward") == (None, None, True)
    page = nbformat.read(course / "autograded/ann/kite/kite.ipynb", as_version=4)
    assert "could not be graded" in page.cells[0].source
    assert maker.cell_of(page, "drawing")


def test_a_person_settles_what_could_not_be_read(course):
    folder = maker.hand_in(course, "ann", "broken")
    grade(course)
    for name, points in {**ALL, "drawing": 5.0, "essay": 0.0}.items():
        by_hand(course, "ann", name, points)
    page = write_feedback(CourseFolder(course), maker.ASSIGNMENT)[0].read_text()
    assert "14 of 16 points" in page and "Not graded yet" not in page
    result = grade(course)["ann"]
    assert (result.status, result.score) == (Status.GRADED, 14.0)
    assert result.reason.startswith("settled by hand (kite.ipynb is not JSON")
    (folder / "kite.ipynb").write_text("")
    assert grade(course)["ann"].status is Status.REVIEW


def test_a_failed_write_changes_nothing_and_stops_nobody(course, monkeypatch):
    for student in ("ann", "bob", "cid"):
        maker.hand_in(course, student, maker.full())
    grade(course)
    write = Recorder._write_folder

    def fails(self, folder, prepared, execution, result):
        write(self, folder, prepared, execution, result)
        if prepared.student == "bob":
            raise SQLAlchemyError("the database is locked")

    monkeypatch.setattr(Recorder, "_write_folder", fails)
    results = grade(course, Pretend(dict.fromkeys(ALL, 1.0)), regrade=True)
    assert "the database is locked" in results["bob"].reason
    assert results["bob"].status is Status.REVIEW
    assert results["ann"].score == results["cid"].score == 3
    assert state(course, "bob", "f1-forward")[0] == 3.0
    assert (course / "autograded/bob/kite/kite.ipynb").exists()
    assert not list((course / "autograded").rglob(".*"))


def test_a_failing_step_is_a_row_and_not_the_end(course):
    for student in ("ann", "bob", "cid"):
        maker.hand_in(course, student, maker.full())
    ann = course / "submitted/bob/kite/marker.txt"
    ann.write_text("bob")
    good = Pretend(ALL)

    def sometimes(notebooks, files, limits):
        if "marker.txt" in files:
            raise MemoryError("no room")
        return good(notebooks, files, limits)

    results = grade(course, sometimes)
    assert results["bob"].status is Status.REVIEW
    assert "MemoryError: no room" in results["bob"].reason
    assert results["ann"].score == results["cid"].score == 9


def test_a_failing_preparation_is_a_row(course, monkeypatch):
    for student in ("ann", "bob"):
        maker.hand_in(course, student, maker.full())
    real = work.prepare

    def fails(student, folder, template, collected):
        if student == "ann":
            raise RuntimeError("unforeseen")
        return real(student, folder, template, collected)

    monkeypatch.setattr(work, "prepare", fails)
    results = grade(course)
    assert results["ann"].status is Status.REVIEW and "unforeseen" in results["ann"].reason
    assert results["bob"].score == 9


def test_timestamp_and_late_penalty(course):
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    for student in ("ann", "bob", "cid"):
        maker.hand_in(course, student, maker.full())
    times = {"ann": "2026-01-01 10:00:00 UTC", "bob": "2026-03-01 10:00:00 UTC", "cid": "soon"}
    for student, time in times.items():
        (course / f"submitted/{student}/kite/timestamp.txt").write_text(time)
    grade(course)
    with gradebook(course) as book:
        book.update_or_create_assignment(maker.ASSIGNMENT, duedate="2026-02-01")
    grade(course)
    with gradebook(course) as book:
        found = [book.find_submission(maker.ASSIGNMENT, s) for s in ("ann", "bob", "cid")]
        assert [item.late_submission_penalty for item in found] == [0, 9, 0]
        assert found[0].timestamp.isoformat() == "2026-01-01T10:00:00"
        assert found[2].timestamp is None


def test_gradebook_is_made_without_the_program_alembic(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    url = f"sqlite:///{tmp_path}/gradebook.db"
    with open_gradebook(url, "kites") as book:
        assert book.assignments == []
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (schema_version(),)
        ]


def test_half_made_gradebook_is_completed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    url = f"sqlite:///{tmp_path}/gradebook.db"
    with pytest.raises(FileNotFoundError):
        Gradebook(url, "kites")
    with open_gradebook(url, "kites") as book:
        assert book.assignments == []
    with Gradebook(url, "kites") as book:
        assert book.students == []


def test_gradebook_of_another_version_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path}/gradebook.db"
    with open_gradebook(url, "kites"):
        pass
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'old'")
    with pytest.raises(GradingError, match="nbgrader db upgrade"), open_gradebook(url, "kites"):
        pass


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / "gradebook.db").write_text("not a database at all, but long enough " * 50)
    url = f"sqlite:///{tmp_path}/gradebook.db"
    with pytest.raises(GradingError, match="cannot be opened"), open_gradebook(url, "kites"):
        pass


def test_a_corrected_check_reaches_the_gradebook(course):
    maker.hand_in(course, "ann", maker.full())
    grade(course)
    path = course / "source/kite/kite.ipynb"
    notebook = nbformat.read(path, as_version=4)
    maker.cell_of(notebook, "f2-forward").source = "assert f2(2) == 3, 'corrected'"
    nbformat.write(notebook, path)
    template, notices = load_template(CourseFolder(course), maker.ASSIGNMENT)
    assert template.notebooks[0].by_id()["f2-forward"].source.endswith("'corrected'")
    assert notices == ["The gradebook now holds kite as it stands in source/."]
    assert load_template(CourseFolder(course), maker.ASSIGNMENT)[1] == []


def test_added_cells_after_grading_are_told_and_not_graded(course):
    maker.hand_in(course, "ann", maker.full())
    grade(course)
    path = course / "source/kite/kite.ipynb"
    notebook = nbformat.read(path, as_version=4)
    new = nbformat.v4.new_code_cell("pass", metadata=maker.meta("new", points=9, kind="check"))
    notebook.cells.append(new)
    nbformat.write(notebook, path)
    template, notices = load_template(CourseFolder(course), maker.ASSIGNMENT)
    assert "keeps its own version of kite" in notices[0]
    assert template.max_score == 16
    assert grade(course)["ann"].score == 9


def test_gradebook_alone_is_enough(course):
    maker.hand_in(course, "ann", maker.full())
    grade(course)
    (course / "source").rename(course / "elsewhere")
    template, _ = load_template(CourseFolder(course), maker.ASSIGNMENT)
    cells = template.notebooks[0].by_id()
    assert maker.HIDDEN in cells["f1-forward"].source
    assert "HIDDEN" not in cells["f1-forward"].released
    assert grade(course)["ann"].score == 9
