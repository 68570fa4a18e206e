"""From the outputs of a check to its points."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_output

from fairmark.execution.judging import overall, points_earned
from fairmark.model import NotebookRun, Status


def check(*outputs):
    meta = {"grade": True, "solution": False, "grade_id": "x", "points": 4.0}
    cell = new_code_cell("", metadata={"nbgrader": meta})
    cell.outputs = list(outputs)
    return cell


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("1.5", 1.5),
        ("0", 0.0),
        ("np.float64(1.5)", 1.5),
        ("np.int64(2)", 2.0),
        ("tensor(1.5000)", 1.5),
        ("tensor(1.5000, dtype=torch.float64)", 1.5),
        ("7", 4.0),
        ("-3", 0.0),
        ("nan", 0.0),
        ("'a text'", 4.0),
        ("True", 4.0),
    ],
)
def test_the_last_number_is_the_mark(text, points):
    found, remark = points_earned(
        check(new_output("execute_result", {"text/plain": text}, execution_count=1)), 4.0
    )
    assert found == points
    assert bool(remark) == (points < 4)


def test_a_check_without_a_number_earns_all():
    assert points_earned(check(), 4.0) == (4.0, "")


def test_the_status_of_several_notebooks():
    good = NotebookRun("good", None)
    slow = NotebookRun("slow", None, status=Status.PARTLY, reason="cell 2 did not end")
    gone = NotebookRun("gone", None, status=Status.REVIEW, reason="gone.ipynb is empty")
    assert overall([good, good]) == (Status.GRADED, "")
    assert overall([good, slow]) == (Status.PARTLY, "slow: cell 2 did not end")
    assert overall([gone]) == (Status.REVIEW, "gone.ipynb is empty")
    status, reason = overall([slow, gone])
    assert status is Status.PARTLY
    assert reason == "slow: cell 2 did not end; gone.ipynb is empty"
