"""The same engine in one process, in many and on a cluster."""

from __future__ import annotations

import psutil
import pytest
from grader_support import course_maker as maker
from grader_support import quick

from fairmark.folder import CourseFolder
from fairmark.grading import engine, pools
from fairmark.grading.engine import plan, run
from fairmark.model import GradingError, Limits, Status

STUDENTS = ["ann", "bob", "cid", "dan", "eve"]


def hand_in(course):
    for student in STUDENTS:
        folder = maker.hand_in(course, student, maker.full())
        (folder / f"{student}.txt").write_text(str(course / f"{student}-died"))
    maker.hand_in(course, "dan", "broken")


def grade(course, executor=quick.in_this_process, **options):
    job = plan(CourseFolder(course), maker.ASSIGNMENT)
    return {row.student: row for row in run(job, Limits(), executor, **options)}


def without_time(rows):
    return {name: {**vars(r), "seconds": 0, "peak_mb": 0} for name, r in sorted(rows.items())}


@pytest.fixture
def alone(tmp_path_factory):
    course = maker.make_course(tmp_path_factory.mktemp("alone"))
    hand_in(course)
    return without_time(grade(course))


def test_many_processes_give_the_same_as_one(course, alone):
    hand_in(course)
    before = set(psutil.Process().children(recursive=True))
    assert without_time(grade(course, workers=3)) == alone
    assert alone["ann"]["score"] == 9 and alone["dan"]["status"] is Status.REVIEW
    left = set(psutil.Process().children(recursive=True)) - before
    assert all("forkserver" in p.name() or "python" in p.name() for p in left)
    assert len(left) <= 2  # the server that workers are forked from, and its tracker


def test_a_worker_that_dies_costs_nobody_else(course):
    hand_in(course)
    rows = grade(course, quick.dies_on_bob, workers=2)
    assert rows["bob"].status is Status.REVIEW
    assert "the grading process ended 2 times" in rows["bob"].reason
    assert rows["ann"].score == rows["cid"].score == rows["eve"].score == 9


def test_a_worker_that_dies_once_costs_nothing(course):
    hand_in(course)
    rows = grade(course, quick.dies_once, workers=2)
    assert rows["bob"].score == 9 and rows["bob"].status is Status.GRADED


def test_stopping_leaves_no_worker_behind(course):
    hand_in(course)
    before = set(psutil.Process().children(recursive=True))
    rows = grade_slowly(course)
    assert next(rows).student
    assert len(set(psutil.Process().children(recursive=True)) - before) >= 2
    rows.close()
    left = set(psutil.Process().children(recursive=True)) - before
    assert len([p for p in left if p.is_running() and p.status() != "zombie"]) <= 2


def grade_slowly(course):
    job = plan(CourseFolder(course), maker.ASSIGNMENT)
    return run(job, Limits(), quick.slow_after_ann, workers=2)


@pytest.fixture(scope="module")
def cluster():
    yield from local_cluster()


@pytest.fixture
def frail_cluster():
    """One that gives a task up at the second worker that dies of it."""
    dask = pytest.importorskip("dask")
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        yield from local_cluster()


def local_cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        yield cluster


class TestCluster:
    def test_gives_the_same_as_one_process(self, course, alone, cluster):
        hand_in(course)
        assert without_time(grade(course, scheduler=cluster.scheduler_address)) == alone
        again = grade(course, scheduler=cluster.scheduler_address)
        assert all(row.unchanged for row in again.values())

    def test_survives_the_death_of_a_worker(self, course, cluster):
        hand_in(course)
        rows = grade(course, quick.dies_once, scheduler=cluster.scheduler_address)
        assert rows["bob"].score == rows["ann"].score == rows["eve"].score == 9

    @pytest.mark.slow
    def test_a_submission_that_kills_its_workers_is_a_row(self, course, frail_cluster):
        hand_in(course)
        rows = grade(course, quick.dies_on_bob, scheduler=frail_cluster.scheduler_address)
        assert rows["bob"].status is Status.REVIEW and "KilledWorker" in rows["bob"].reason
        assert rows["ann"].score == rows["cid"].score == rows["eve"].score == 9

    def test_a_cluster_without_workers_is_not_waited_for_forever(self, course, monkeypatch):
        distributed = pytest.importorskip("distributed")
        monkeypatch.setattr(pools, "NO_WORKER_SECONDS", 1.0)
        monkeypatch.setattr(engine, "_CHECK", 0.5)
        hand_in(course)
        with (
            distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as empty,
            pytest.raises(GradingError, match="no workers left"),
        ):
            grade(course, scheduler=empty.scheduler_address)

    def test_no_scheduler(self, course):
        pytest.importorskip("distributed")
        hand_in(course)
        with pytest.raises(GradingError, match="does not answer"):
            grade(course, scheduler="tcp://127.0.0.1:9")
