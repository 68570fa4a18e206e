"""A grader killed at 50 random moments, against one that nobody disturbed."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import time
from multiprocessing import forkserver

import pytest

pytest.importorskip("nbgrader")

from grader_support import course_maker as maker
from grader_support import quick

from fairmark.folder import CourseFolder
from fairmark.grading.engine import plan, run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forked")

#: What the two gradebooks must agree in. Their rows have random ids.
QUERY = """
SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score, grade.manual_score,
       grade.needs_manual_grade
FROM grade
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
JOIN base_cell ON base_cell.id = grade.cell_id
ORDER BY 1, 2
"""


def make(root, students):
    maker.make_course(root)
    kinds = [
        maker.full(),
        maker.filled(f1=maker.ANSWERS["f1"]),
        maker.duplicated(),
        "broken",
        maker.deleted_check(),
    ]
    for number in range(students):
        maker.hand_in(root, f"s{number:03}", kinds[number % len(kinds)])
    plan(CourseFolder(root), maker.ASSIGNMENT)
    return root


def grade_in_a_child(root, workers, executor=quick.in_this_process):
    """Grade in a forked process, so that its imports are there; return its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        sys.stderr = open(os.devnull, "w")
        # A server for new processes that an earlier test has started is no child of this one.
        forkserver._forkserver.__init__()
        job = plan(CourseFolder(root), maker.ASSIGNMENT)
        for _ in run(job, executor=executor, workers=workers):
            pass
        code = 0
    finally:
        os._exit(code)


def recorded(root):
    folder = root / ".fairmark" / "grading" / maker.ASSIGNMENT
    kept = [path.read_text() for path in folder.glob("*.json")] if folder.exists() else []
    return sum(json.loads(text)["recorded"] for text in kept)


def marks(root):
    with sqlite3.connect(root / "gradebook.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return database.execute(QUERY).fetchall()


def tree(root):
    return sorted(str(path.relative_to(root)) for path in (root / "autograded").rglob("*"))


def kill_at_random_moments(root, kills, seed, workers=0, executor=quick.in_this_process):
    """Kill as often as asked; return at how many different counts it was at work."""
    moments = random.Random(seed)
    seen = set()
    for _ in range(kills):
        before = recorded(root)
        child = grade_in_a_child(root, workers, executor)
        deadline = time.monotonic() + 60
        # Wait until it works on new submissions, then strike at a random moment.
        while recorded(root) == before and time.monotonic() < deadline:
            if os.waitpid(child, os.WNOHANG)[0]:
                return seen
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.15))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen.add(recorded(root))
    return seen


def finish(root, workers=0, executor=quick.in_this_process):
    _, status = os.waitpid(grade_in_a_child(root, workers, executor), 0)
    assert status == 0


def compare(tmp_path, students, kills, workers=0, executor=quick.in_this_process):
    calm = make(tmp_path / "calm", students)
    finish(calm, 0, executor)
    killed = make(tmp_path / "killed", students)
    seen = kill_at_random_moments(killed, kills, seed=5, workers=workers, executor=executor)
    finish(killed, workers, executor)
    assert len(marks(calm)) == 5 * students
    assert marks(killed) == marks(calm)
    assert tree(killed) == tree(calm)
    return seen


def test_a_few_kills(tmp_path):
    assert len(compare(tmp_path, students=20, kills=4)) >= 3


@pytest.mark.slow
def test_fifty_kills_over_two_hundred_submissions(tmp_path):
    seen = compare(tmp_path, students=200, kills=50)
    assert len(seen) >= 25, seen


@pytest.mark.slow
def test_kills_with_worker_processes(tmp_path):
    compare(tmp_path, students=40, kills=8, workers=2)
