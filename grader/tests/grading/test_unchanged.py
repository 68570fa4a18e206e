"""What is as it was when it was graded is told from its files; whatever has changed is not."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta

import pytest
from grader_support import course_maker as maker
from grader_support.marks import ALL, by_hand, gradebook
from grader_support.quick import Pretend
from nbgrader.api import Comment, Grade, Student, SubmittedNotebook

from fairmark import handin_times
from fairmark.folder import CourseFolder
from fairmark.grading import engine, one_submission
from fairmark.grading.engine import plan, run
from fairmark.grading.handin import raw_fingerprint
from fairmark.grading.journal import Journal


@pytest.fixture
def graded(course):
    """A course in which ann's and bob's submissions are graded."""
    for student in ("ann", "bob"):
        maker.hand_in(course, student, maker.full())
    grade(course)
    return course


def grade(root, **options):
    executor = Pretend(ALL)
    job = plan(CourseFolder(root), maker.ASSIGNMENT)
    rows = {r.student: r for r in run(job, executor=executor, **options)}
    return rows, len(executor.calls)


def handed(root, student="ann"):
    return root / "submitted" / student / maker.ASSIGNMENT


def journal(root):
    return Journal(root, maker.ASSIGNMENT)


def test_nothing_is_read_as_a_notebook_and_nothing_asked_for(graded, monkeypatch):
    def forbidden(*arguments, **options):
        raise AssertionError("nothing has to be done")

    monkeypatch.setattr(one_submission, "prepare", forbidden)
    monkeypatch.setattr(engine, "pool_for", forbidden)
    monkeypatch.setattr(Journal, "_write", forbidden)
    rows, calls = grade(graded, before=forbidden)
    assert calls == 0 and all(row.unchanged for row in rows.values())
    assert [row.score for row in rows.values()] == [9.0, 9.0]


def test_what_the_execution_needs_is_asked_for_once(graded):
    asked = []
    for student in ("ann", "bob", "cid"):
        maker.hand_in(graded, student, maker.filled(f1="def f1(x):\n    return x + x"))
    assert grade(graded, before=lambda: asked.append(1))[1] == 3
    assert asked == [1]


def test_the_row_is_the_same_as_after_preparing(course):
    maker.hand_in_class(course)
    first, _ = grade(course)
    second, calls = grade(course)
    assert calls == 0 and all(row.unchanged for row in second.values())
    assert {name: {**vars(row), "unchanged": False} for name, row in second.items()} == {
        name: vars(row) for name, row in first.items()
    }


def a_byte(folder):
    path = folder / "kite.ipynb"
    path.write_bytes(path.read_bytes().replace(b"five operators", b"nine operators"))


def a_byte_with_the_same_size_and_time(folder):
    path = folder / "kite.ipynb"
    before = path.stat()
    a_byte(folder)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_size == before.st_size


CHANGES = {
    "a byte": a_byte,
    "a byte, size and time kept": a_byte_with_the_same_size_and_time,
    "a new file": lambda folder: (folder / "more.txt").write_text("new"),
    "a new file deep inside": lambda folder: deep(folder).write_text("new"),
    "a file that goes": lambda folder: (folder / "extra.txt").unlink(),
    "a file of another name": lambda f: (f / "extra.txt").rename(f / "other.txt"),
    "another content of a file": lambda folder: (folder / "extra.txt").write_text("2"),
    "the notebook goes": lambda folder: (folder / "kite.ipynb").unlink(),
    "the notebook is a link": lambda folder: link(folder / "kite.ipynb"),
    "the folder goes": lambda folder: folder.rename(folder.with_name("elsewhere")),
}


def deep(folder):
    (folder / "one" / "two").mkdir(parents=True)
    return folder / "one" / "two" / "new.txt"


def link(path):
    path.rename(path.with_name("moved"))
    path.symlink_to("/etc/hostname")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_files_is_executed(graded, change):
    (handed(graded) / "extra.txt").write_text("1")
    assert grade(graded)[1] == 1
    assert grade(graded)[1] == 0
    CHANGES[change](handed(graded))
    rows, calls = grade(graded)
    assert calls == 1 and not rows["ann"].unchanged and rows["bob"].unchanged
    assert grade(graded)[1] == 0


def test_what_cannot_change_a_mark_is_prepared_and_not_executed(graded, monkeypatch):
    path = handed(graded) / "kite.ipynb"
    book = json.loads(path.read_text())
    book["metadata"]["opened"] = "today"
    path.write_text(json.dumps(book))
    prepared = []
    prepare = one_submission.prepare
    monkeypatch.setattr(
        one_submission, "prepare", lambda *args: prepared.append(args[0]) or prepare(*args)
    )
    assert grade(graded)[1] == 0 and prepared == ["ann"]
    assert grade(graded)[1] == 0 and prepared == ["ann"]  # its new files are known now


def test_links_and_what_is_no_file_are_prepared_each_time(tmp_path):
    plain = raw_fingerprint(tmp_path, 100, ())
    assert plain and plain != raw_fingerprint(tmp_path, 100, ("another version",))
    for make in (lambda p: p.symlink_to("/etc"), os.mkfifo, lambda p: p.write_bytes(bytes(101))):
        make(tmp_path / "it")
        assert raw_fingerprint(tmp_path, 100, ()) == ""
        (tmp_path / "it").unlink()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert raw_fingerprint(tmp_path / "link", 100, ()) == ""
    assert raw_fingerprint(tmp_path / "real", 100, ())
    assert raw_fingerprint(tmp_path / "none", 100, ()) == raw_fingerprint(
        tmp_path / "real", 100, ()
    )


def test_a_file_that_cannot_be_read_is_no_fingerprint(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")

    def unreadable(*arguments, **options):
        raise PermissionError("no")

    monkeypatch.setattr("builtins.open", unreadable)
    assert raw_fingerprint(tmp_path, 100, ()) == ""


def test_files_that_change_while_they_are_prepared_are_not_known(course, monkeypatch):
    maker.hand_in(course, "ann", maker.full())
    prepare = one_submission.prepare

    def exchanged_meanwhile(*arguments):
        found = prepare(*arguments)
        a_byte(handed(course))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(one_submission, "prepare", exchanged_meanwhile)
        grade(course)
    assert journal(course).read("ann").handin.raw == ""
    assert grade(course)[1] == 1


def test_another_time_or_setting_or_package_is_a_change(graded, monkeypatch):
    handin_times.write_records(graded, maker.ASSIGNMENT, {"ann": {"time": "2026-01-02 10:00 UTC"}})
    assert grade(graded)[1] == 1
    config = graded / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.CourseDirectory.max_file_size = 7\n")
    assert not is_told_from_files(graded)
    assert grade(graded)[1] == 0 and is_told_from_files(graded)
    monkeypatch.setattr(one_submission, "version_of_packages", lambda: "another one")
    assert grade(graded)[1] == 2


def test_a_changed_instructors_file_is_a_change(graded):
    (graded / "source/kite/numbers.txt").write_text("4 5 6")
    assert not is_told_from_files(graded)
    assert grade(graded)[1] == 2


def test_another_kernel_of_the_instructors_depends_on_what_is_installed(course):
    path = course / "source/kite/kite.ipynb"
    book = json.loads(path.read_text())
    book["metadata"]["kernelspec"]["name"] = "julia"
    path.write_text(json.dumps(book))
    maker.hand_in(course, "ann", maker.full())
    assert grade(course)[1] == 1
    assert journal(course).read("ann").handin.raw == ""
    assert grade(course)[1] == 0


def is_told_from_files(root):
    """Tell whether ann's submission needs no preparing."""
    job = plan(CourseFolder(root), maker.ASSIGNMENT)
    task = next(task for task in engine._tasks(job) if task.student == "ann")
    return engine._is_as_it_was(
        engine._setting(job, None, Pretend(ALL)), task, journal(root).read("ann")
    )


class TestGradebook:
    """Whatever is missing or another one there is made again, or written."""

    @pytest.mark.parametrize("kind", [Grade, Comment, SubmittedNotebook, Student])
    def test_a_row_that_has_gone_is_made_again(self, graded, kind):
        with gradebook(graded) as book:
            row = first(book, kind)
            if kind is SubmittedNotebook:
                for part in (*row.grades, *row.comments):
                    book.db.delete(part)
                book.db.flush()
            book.db.execute(kind.__table__.delete().where(kind.id == row.id))
            book.db.commit()
        assert self.count(graded, kind) == self.full[kind] - 1
        rows, _ = grade(graded)
        assert rows["ann"].score == rows["bob"].score == 9.0
        assert self.count(graded, kind) == self.full[kind]
        assert grade(graded)[1] == 0

    #: Of ann and bob: nbgrader makes a comment for each answer and each task.
    full = {Grade: 10, Comment: 10, SubmittedNotebook: 2, Student: 2}

    def count(self, root, kind):
        with gradebook(root) as book:
            return book.db.query(kind).count()

    def test_a_mark_that_was_changed_is_made_again(self, graded):
        with gradebook(graded) as book:
            book.find_grade("f3-part", "kite", "kite", "bob").auto_score = 0.5
            book.db.commit()
        rows, calls = grade(graded)
        assert calls == 1 and rows["bob"].score == 9.0 and rows["ann"].unchanged

    def test_another_time_is_written_again(self, graded):
        handin_times.write_records(
            graded, maker.ASSIGNMENT, {"ann": {"time": "2026-01-02 10:00:00 UTC"}}
        )
        grade(graded)
        with gradebook(graded) as book:
            book.find_submission("kite", "ann").timestamp = datetime(2020, 1, 1)
            book.db.commit()
        rows, calls = grade(graded)
        assert calls == 0 and rows["ann"].unchanged
        with gradebook(graded) as book:
            assert book.find_submission("kite", "ann").timestamp == datetime(2026, 1, 2, 10)

    @pytest.mark.parametrize("extension", [None, timedelta(days=3)])
    def test_a_time_at_which_it_was_due_counts_when_it_is_set_later(self, graded, extension):
        times = {name: {"time": "2026-01-02 10:00:00 UTC"} for name in ("ann", "bob")}
        handin_times.write_records(graded, maker.ASSIGNMENT, times)
        plugin = "c.AssignLatePenalties.plugin_class = 'nbgrader.plugins.LateSubmissionPlugin'\n"
        config = graded / "nbgrader_config.py"
        config.write_text(
            config.read_text() + plugin + "c.LateSubmissionPlugin.penalty_method = 'zero'\n"
        )
        grade(graded)
        with gradebook(graded) as book:
            book.find_assignment("kite").duedate = datetime(2026, 1, 1)
            if extension is not None:
                book.find_submission("kite", "ann").extension = extension
            book.db.commit()
        grade(graded)
        assert self.penalty(graded, "bob") == 9.0
        assert self.penalty(graded, "ann") == (9.0 if extension is None else None)
        with gradebook(graded) as book:
            book.find_assignment("kite").duedate = None
            book.db.commit()
        assert grade(graded)[1] == 0
        assert self.penalty(graded, "ann") is None and self.penalty(graded, "bob") is None

    def penalty(self, root, student):
        with gradebook(root) as book:
            notebook = book.find_submission_notebook("kite", "kite", student)
            return notebook.late_submission_penalty

    def test_a_mark_by_hand_settles_and_the_journal_knows(self, course):
        maker.hand_in(course, "ann", "broken")
        assert str(grade(course)[0]["ann"].status) == "needs review"
        for name in (*ALL, "drawing", "essay"):
            by_hand(course, "ann", name, 1.0)
        rows, calls = grade(course)
        assert calls == 0 and str(rows["ann"].status) == "graded"
        assert journal(course).read("ann").ended == "graded"

    def test_a_gradebook_that_cannot_be_read_now_is_no_reason_to_execute(self, graded, monkeypatch):
        from sqlalchemy.exc import OperationalError

        standings, tries = engine.Recorder.standings, []

        def locked_at_first(self, students):
            tries.append(students)
            if len(tries) == 1:
                raise OperationalError("", {}, Exception("database is locked"))
            return standings(self, students)

        monkeypatch.setattr(engine.Recorder, "standings", locked_at_first)
        rows, calls = grade(graded)
        assert calls == 0 and all(row.unchanged for row in rows.values())


def first(book, kind):
    if kind is Student:
        return book.db.query(Student).filter_by(id="ann").one()
    return next(
        row
        for row in book.db.query(kind)
        if "ann" in (getattr(row, "student", None) and row.student.id, owner(row))
    )


def owner(row):
    notebook = row if isinstance(row, SubmittedNotebook) else row.notebook
    return notebook.assignment.student_id


def test_more_submissions_than_are_looked_up_at_once(course, monkeypatch):
    monkeypatch.setattr(engine, "_AT_ONCE", 2)
    for number in range(5):
        maker.hand_in(course, f"s{number}", maker.full())
    grade(course)
    maker.hand_in(course, "s3", maker.filled(f1="def f1(x):\n    return x + x"))
    rows, calls = grade(course)
    assert calls == 1 and len(rows) == 5
    assert [name for name, row in rows.items() if not row.unchanged] == ["s3"]
