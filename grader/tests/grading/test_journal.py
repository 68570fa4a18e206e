"""Nothing is lost, doubled or executed twice: the journal and the one writer."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest
from grader_support import course_maker as maker
from grader_support.marks import ALL, by_hand, gradebook, state
from grader_support.quick import Pretend
from nbgrader.api import Gradebook
from sqlalchemy.exc import SQLAlchemyError

from fairmark import handin_times as collected
from fairmark.folder import CourseFolder
from fairmark.grading import engine
from fairmark.grading.engine import plan, run
from fairmark.grading.journal import Journal
from fairmark.grading.record import Recorder, _aside, _put_in_place
from fairmark.model import GradingError, Status
from fairmark.private_folder import only_grader


def grade(root, executor=None, *, patience=0.0, **options):
    executor = executor or Pretend(ALL)
    job = plan(CourseFolder(root), maker.ASSIGNMENT, **options)
    rows = {r.student: r for r in run(job, executor=executor, patience=patience)}
    return rows, len(executor.calls)


def entry(root, student):
    return Journal(root, maker.ASSIGNMENT).read(student)


def hand_in(course, *students):
    for student in students:
        maker.hand_in(course, student, maker.full())


class TestUnchanged:
    def test_is_not_executed_again_and_shows_the_marks_of_now(self, course):
        hand_in(course, "ann", "bob")
        first, calls = grade(course)
        assert calls == 2 and not first["ann"].unchanged
        by_hand(course, "ann", "drawing", 4.0)
        second, calls = grade(course)
        assert calls == 0 and second["ann"].unchanged
        assert (second["ann"].score, second["bob"].score) == (13.0, 9.0)
        assert second["bob"] == type(first["bob"])(**{**vars(first["bob"]), "unchanged": True})

    def test_a_changed_submission_is_executed(self, course):
        hand_in(course, "ann", "bob")
        grade(course)
        (course / "submitted/bob/kite/more.txt").write_text("new")
        rows, calls = grade(course)
        assert calls == 1 and rows["ann"].unchanged and not rows["bob"].unchanged

    def test_a_changed_check_is_a_change(self, course):
        hand_in(course, "ann")
        grade(course)
        path = course / "source/kite/kite.ipynb"
        path.write_text(path.read_text().replace("look at the sign", "look again"))
        assert grade(course)[1] == 1

    def test_a_changed_file_of_the_instructors_is_a_change(self, course):
        hand_in(course, "ann")
        grade(course)
        (course / "source/kite/numbers.txt").write_text("4 5 6")
        assert grade(course)[1] == 1

    def test_regrade_and_only_failed_and_student(self, course):
        hand_in(course, "ann", "bob", "cid")
        maker.hand_in(course, "bob", "broken")
        grade(course)
        assert grade(course, regrade=True)[1] == 3
        rows, calls = grade(course, only_failed=True)
        assert list(rows) == ["bob"] and calls == 1
        rows, calls = grade(course, regrade=True, students=["cid"])
        assert list(rows) == ["cid"] and calls == 1
        hand_in(course, "new")
        assert list(grade(course, only_failed=True)[0]) == ["bob", "new"]

    @pytest.mark.parametrize(
        "lost", ["gradebook.db", "autograded", "autograded/ann/kite/kite.ipynb"]
    )
    def test_what_was_lost_is_made_again(self, course, lost):
        hand_in(course, "ann")
        grade(course)
        path = course / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        rows, calls = grade(course)
        assert calls == 1 and rows["ann"].score == 9 and not rows["ann"].unchanged
        assert (course / "autograded/ann/kite/kite.ipynb").exists()

    def test_marks_that_another_command_changed_are_made_again(self, course):
        hand_in(course, "ann")
        grade(course)
        with gradebook(course) as book:
            book.find_grade("f1-forward", "kite", "kite", "ann").auto_score = 0.0
            book.db.commit()
        rows, calls = grade(course)
        assert calls == 1 and rows["ann"].score == 9

    def test_a_failure_of_the_grader_is_not_kept_for_good(self, course):
        hand_in(course, "ann")

        def fails(notebooks, files, limits):
            raise MemoryError("no room")

        job = plan(CourseFolder(course), maker.ASSIGNMENT)
        assert "no room" in next(run(job, executor=fails)).reason
        rows, calls = grade(course)
        assert calls == 1 and rows["ann"].status is Status.GRADED

    def test_a_damaged_journal_costs_only_time(self, course):
        hand_in(course, "ann")
        grade(course)
        path = course / ".fairmark/grading/kite/ann.json"
        for text in ("", "{", "[]", '{"version": 1}', '{"version": 0}'):
            path.write_text(text)
            rows, calls = grade(course)
            assert calls == 1 and rows["ann"].score == 9


class TestGradebookInTheWay:
    def test_a_lock_is_waited_for(self, course, monkeypatch):
        hand_in(course, "ann", "bob")
        monkeypatch.setattr(engine, "_PAUSE", 0.01)
        record, tries = Recorder.record, []

        def locked_at_first(self, prepared, execution):
            tries.append(prepared.student)
            if len(tries) < 3:
                raise sqlalchemy_locked()
            return record(self, prepared, execution)

        monkeypatch.setattr(Recorder, "record", locked_at_first)
        rows, calls = grade(course, patience=30)
        assert tries == ["ann", "ann", "ann", "bob"] and calls == 2
        assert rows["ann"].score == rows["bob"].score == 9

    def test_after_waiting_it_is_reported_and_the_work_kept(self, course):
        hand_in(course, "ann", "bob")
        plan(CourseFolder(course), maker.ASSIGNMENT)
        other = sqlite3.connect(
            course / "gradebook.db", isolation_level=None, check_same_thread=False
        )

        def locks(notebooks, files, limits):
            if not other.in_transaction:
                other.execute("BEGIN IMMEDIATE")
            return Pretend(ALL)(notebooks, files, limits)

        job = plan(CourseFolder(course), maker.ASSIGNMENT)
        rows = list(run(job, executor=locks, patience=0))
        assert [row.status for row in rows] == [Status.REVIEW] * 2
        assert "database is locked" in rows[0].reason and "are kept" in rows[0].reason
        assert not (course / "autograded/ann").exists() or not list(
            (course / "autograded/ann").iterdir()
        )
        assert not entry(course, "ann").recorded
        other.execute("ROLLBACK")
        other.close()
        rows, calls = grade(course)
        assert calls == 0 and rows["ann"].score == rows["bob"].score == 9

    def test_a_read_only_gradebook_is_reported_and_the_work_kept(self, course):
        hand_in(course, "ann")
        plan(CourseFolder(course), maker.ASSIGNMENT)
        config = course / "nbgrader_config.py"
        usual = config.read_text()
        url = f"sqlite:///file:{course}/gradebook.db?mode=ro&uri=true"
        config.write_text(f"{usual}c.CourseDirectory.db_url = {url!r}\n")
        rows, calls = grade(course)
        assert calls == 1 and "readonly database" in rows["ann"].reason
        config.write_text(usual)
        rows, calls = grade(course)
        assert calls == 0 and rows["ann"].score == 9

    def test_kept_work_is_recorded_also_with_regrade(self, course, monkeypatch):
        hand_in(course, "ann")
        with monkeypatch.context() as patch:
            patch.setattr(Recorder, "record", fails_to_write)
            grade(course)
        assert grade(course, regrade=True)[1] == 0
        assert grade(course, regrade=True)[1] == 1

    def test_kept_work_of_an_older_submission_is_not_used(self, course, monkeypatch):
        hand_in(course, "ann")
        with monkeypatch.context() as patch:
            patch.setattr(Recorder, "record", fails_to_write)
            grade(course)
        (course / "submitted/ann/kite/more.txt").write_text("new")
        assert grade(course)[1] == 1


def sqlalchemy_locked():
    from sqlalchemy.exc import OperationalError

    return OperationalError("", {}, sqlite3.OperationalError("database is locked"))


def fails_to_write(self, prepared, execution):
    raise SQLAlchemyError("no")


class TestKilledWriter:
    """Each state of the folders that a kill can leave."""

    def graded_then_changed(self, course):
        hand_in(course, "ann")
        grade(course)
        by_hand(course, "ann", "drawing", 4.0)
        new = maker.filled(**{**maker.ANSWERS, "drawing": "Another one."})
        maker.hand_in(course, "ann", new)
        return course / "autograded/ann/kite"

    def fate(self, course, monkeypatch, step):
        """Grade; the process "dies" at a step, so that nothing is cleaned up."""

        class Killed(BaseException):
            pass

        def dies(*arguments, **options):
            raise Killed

        target = course / "autograded/ann/kite"
        with monkeypatch.context() as patch:
            step(patch, dies)
            patch.setattr("fairmark.grading.record._replaced", uncleaned)
            with pytest.raises(Killed):
                grade(course)
        return target

    def finish(self, course):
        rows, calls = grade(course)
        assert calls == 0
        assert state(course, "ann", "drawing") == (None, 4.0, True)
        assert rows["ann"].score == 13.0
        left = [path.name for path in (course / "autograded/ann").iterdir()]
        assert left == ["kite"]
        assert "Another one." in (course / "autograded/ann/kite/kite.ipynb").read_text()

    def test_before_the_new_folder_is_complete(self, course, monkeypatch):
        self.graded_then_changed(course)
        self.fate(course, monkeypatch, lambda p, d: p.setattr(Recorder, "_write_folder", d))
        self.finish(course)

    def test_before_the_commit(self, course, monkeypatch):
        self.graded_then_changed(course)

        def step(patch, dies):
            def whole(new, target):
                _put_in_place(new, target)
                dies()

            patch.setattr("fairmark.grading.record._put_in_place", whole)

        target = self.fate(course, monkeypatch, step)
        assert _aside(target)[1].exists()
        self.finish(course)

    def test_between_the_two_renames(self, course, monkeypatch):
        self.graded_then_changed(course)

        def step(patch, dies):
            def half(new, target):
                target.rename(_aside(target)[1])
                dies()

            patch.setattr("fairmark.grading.record._put_in_place", half)

        target = self.fate(course, monkeypatch, step)
        assert not target.exists()
        self.finish(course)

    def test_after_the_commit_before_the_journal(self, course, monkeypatch):
        self.graded_then_changed(course)
        self.fate(course, monkeypatch, lambda p, d: p.setattr(Journal, "settle", d))
        self.finish(course)


def uncleaned(target):
    """`_replaced` of a process that is killed in its body."""
    from contextlib import contextmanager

    from fairmark.grading.record import _recover

    @contextmanager
    def manager():
        new = _aside(target)[0]
        _recover(target)
        new.mkdir(parents=True)
        yield new

    return manager()


def test_one_grader_at_a_time(course):
    hand_in(course, "ann")
    with only_grader(course), pytest.raises(GradingError, match="Another `fairmark grade`"):
        grade(course)
    assert grade(course)[1] == 1


def test_the_journal_is_small_after_recording_and_kept_out_of_git(course):
    hand_in(course, "ann")
    grade(course)
    kept = json.loads((course / ".fairmark/grading/kite/ann.json").read_text())
    assert kept["recorded"] and kept["execution"]["notebooks"][0]["notebook"] is None
    assert (course / ".fairmark/.gitignore").read_text() == "*\n"


class TestTimes:
    def test_the_collections_time_counts_and_not_the_students(self, course):
        hand_in(course, "ann", "bob", "cid")
        for student in ("ann", "bob", "cid"):
            (course / f"submitted/{student}/kite/timestamp.txt").write_text("2020-01-01 00:00 UTC")
        collected.write_records(
            course, "kite", {"ann": {"time": "2026-03-01 10:00:00 UTC"}, "bob": {"time": ""}}
        )
        rows, _ = grade(course)
        with Gradebook(f"sqlite:///{course}/gradebook.db", "kites") as book:
            times = [book.find_submission("kite", s).timestamp for s in ("ann", "bob", "cid")]
        assert [t and t.isoformat() for t in times] == [
            "2026-03-01T10:00:00",
            None,
            "2020-01-01T00:00:00",
        ]
        assert "timestamp.txt in the submission was ignored" in rows["ann"].repairs[0]
        assert "timestamp.txt in the submission was ignored" in rows["bob"].repairs[0]
        assert rows["cid"].repairs == []

    def test_no_time_is_told(self, course):
        hand_in(course, "ann")
        (course / "submitted/ann/kite/timestamp.txt").write_text("soon")
        assert grade(course)[0]["ann"].repairs == ["timestamp.txt holds no time and was ignored."]

    def test_a_damaged_record_stops_and_says_so(self, course):
        hand_in(course, "ann")
        collected.write_records(course, "kite", {"ann": {"time": ""}})
        (course / ".fairmark/collected/kite.json").write_text("{")
        with pytest.raises(GradingError, match="Collect the work again"):
            grade(course)
