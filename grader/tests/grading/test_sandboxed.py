"""Deaths while students' code runs in the real sandbox: nothing is lost, nothing stays."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

pytest.importorskip("nbgrader")

import test_killed as killed
from grader_support import course_maker as maker
from grader_support.sandboxed import DiesOnce, alive, leaves_behind, running

from fairmark.execution import default_executor
from fairmark.execution.executor import SandboxedExecutor
from fairmark.folder import CourseFolder
from fairmark.grading.engine import plan, run
from fairmark.model import GradingError, Limits, Status

STUDENTS = ["ann", "bob", "cid", "dan"]


@pytest.fixture(scope="module", autouse=True)
def _possible():
    try:
        default_executor()
    except GradingError as error:
        pytest.skip(str(error))


def wait_until(true, seconds=30.0):
    """Wait for something; return whether it came."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_kills_while_the_sandbox_is_at_work(tmp_path):
    seen = killed.compare(tmp_path, students=8, kills=3, executor=SandboxedExecutor())
    assert len(seen) >= 2


@pytest.mark.slow
def test_kills_with_workers_and_sandboxes(tmp_path):
    killed.compare(tmp_path, students=20, kills=5, workers=2, executor=SandboxedExecutor())


@pytest.mark.parametrize("workers", [0, 2])
def test_a_killed_grader_leaves_no_process(tmp_path, workers):
    """Neither its workers nor the warm servers nor what a student's code has started."""
    mark = f"left-by-a-killed-grader-{workers}-{os.getpid()}"
    root = maker.make_course(tmp_path)
    answers = {**maker.ANSWERS, "f2": leaves_behind(mark, 25)}
    for number in range(3):
        maker.hand_in(root, f"s{number}", maker.filled(**answers))
    child = killed.grade_in_a_child(root, workers, SandboxedExecutor())
    try:
        assert wait_until(lambda: running(mark))
        family = psutil.Process(child).children(recursive=True)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    # The server, and in it both sides of a notebook; with workers, those too.
    assert len(family) >= 3 + 2 * bool(workers)
    assert wait_until(lambda: not alive(family) and not running(mark)), alive(family)


def test_a_killed_server_leaves_no_process(tmp_path):
    """It is the parent of the sandboxes; the next submission gets a new one."""
    mark = f"left-by-a-killed-server-{os.getpid()}"
    root = maker.make_course(tmp_path)
    maker.hand_in(root, "ann", maker.filled(**{**maker.ANSWERS, "f2": leaves_behind(mark, 25)}))
    maker.hand_in(root, "bob", maker.full())
    child = killed.grade_in_a_child(root, 0, SandboxedExecutor())
    assert wait_until(lambda: running(mark))
    (server,) = psutil.Process(child).children()
    family = server.children(recursive=True)
    server.kill()
    _, status = os.waitpid(child, 0)
    assert family and wait_until(lambda: not alive(family) and not running(mark)), alive(family)
    assert status == 0
    job = plan(CourseFolder(root), maker.ASSIGNMENT, ["bob"])
    rows = {row.student: row for row in run(job, executor=SandboxedExecutor())}
    assert rows["bob"].score == 9 and rows["bob"].unchanged


def test_a_cluster_whose_worker_dies_with_a_sandbox(course):
    distributed = pytest.importorskip("distributed")
    mark = f"left-by-a-dead-worker-{os.getpid()}"
    for student in STUDENTS:
        answers = dict(maker.ANSWERS)
        if student == "bob":
            answers["f2"] = leaves_behind(mark, 3)
        folder = maker.hand_in(course, student, maker.filled(**answers))
        (folder / f"{student}.txt").write_text(str(course / "died"))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        job = plan(CourseFolder(course), maker.ASSIGNMENT)
        rows = {
            row.student: row
            for row in run(job, Limits(), DiesOnce(), scheduler=cluster.scheduler_address)
        }
        assert (course / "died").exists()
        assert wait_until(lambda: not running(mark))
    assert {name: row.score for name, row in rows.items()} == dict.fromkeys(STUDENTS, 9.0)
    assert {row.status for row in rows.values()} == {Status.GRADED}
