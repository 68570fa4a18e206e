"""Each broken submission between two good students, whose marks must not change."""

from __future__ import annotations

import pytest

pytest.importorskip("nbgrader")

from grader_support import course_maker as maker
from grader_support import quick

from fairmark.grading.engine import grade
from fairmark.model import Status

from .structure import CASES, FULL


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    root = maker.make_course(tmp_path_factory.mktemp("corpus"))
    with (root / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.max_file_size = 1000\n")  # kilobytes
    maker.hand_in(root, "good-00", maker.full())
    for number, (name, case) in enumerate(CASES.items(), start=1):
        # Sorted, so that a good student stands before and after each of them.
        folder = root / "submitted" / f"good-{number - 1:02}x-{name}" / "kite"
        folder.mkdir(parents=True)
        case.put(folder)
        maker.hand_in(root, f"good-{number:02}", maker.full())
    rows = grade(root, "kite", executor=quick.in_this_process)
    assert len(rows) == 2 * len(CASES) + 1
    return {row.student.split("x-", 1)[-1]: row for row in rows}


def test_the_corpus_is_large():
    assert len(CASES) >= 80


@pytest.mark.parametrize("name", CASES)
def test_a_fair_mark(results, name):
    case, row = CASES[name], results[name]
    told = "\n".join([row.reason, *row.repairs])
    assert case.words in told
    assert "the grader failed" not in told and "could not be written" not in told
    if case.marks is None:
        assert row.status is Status.REVIEW and row.checks == {} and row.reason
    else:
        assert row.status is Status.GRADED, told
        assert {check: row.checks[check] for check in FULL} == case.marks
        assert row.max_score == 16
    if not case.words:
        assert row.reason == ""


@pytest.mark.parametrize("number", range(len(CASES) + 1))
def test_the_good_students_between_them(results, number):
    row = results[f"good-{number:02}"]
    assert (row.status, row.reason, row.repairs) == (Status.GRADED, "", [])
    assert row.checks == FULL and row.by_hand == {"drawing": 5.0, "essay": 2.0}
