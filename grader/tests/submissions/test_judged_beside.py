"""The same submissions, with every check judged beside: no point that nobody sees."""

from __future__ import annotations

import pytest

pytest.importorskip("nbgrader")

from fairmark.execution import default_executor
from fairmark.model import GradingError, Judged, PreparedNotebook, Status
from submissions import attempts

from .attempts import ASSIGNMENT, CHECKS, FULL, Attempt
from .test_attempts import CASES, EXECUTOR, LIMITS

#: Honest submissions that start what goes on beside the check, or change what it is judged by:
#: a person has to look.
LOOKED_AT = {
    "honest-other-magics",
    "honest-threads-of-its-own",
    "honest-forked-and-forgotten",
    "honest-names-of-the-checks",
}
#: Here stock nbgrader gives fewer points than they deserve: the check runs in a namespace or a
#: folder that they have changed. The reference does not, so calibration cannot know.
AS_IN_STOCK = {"honest-names-of-builtins-kept", "honest-other-folder"}


@pytest.fixture(scope="module", autouse=True)
def _sandboxed():
    try:
        default_executor()
    except GradingError as error:
        pytest.skip(str(error))


def run_beside(attempt: Attempt):
    notebook = attempts.notebook_of(attempt)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in CHECKS:
            cell.source = CHECKS[grade_id].strip("\n")
    files = {**attempt.files, "numbers.txt": b"1 2 3\n"}
    judged = dict.fromkeys(FULL, Judged.BESIDE)
    book = PreparedNotebook(ASSIGNMENT, notebook, helpers=frozenset({"numbers.txt"}), judged=judged)
    return EXECUTOR([book], files, LIMITS).notebooks[0]


@pytest.mark.parametrize("name", CASES)
def test_no_point_that_nobody_sees(name):
    attempt = CASES[name]
    found = run_beside(attempt)
    for check, points in found.points.items():
        assert points <= attempt.marks[check], (check, found.noticed)
    if name.startswith("honest") and name not in LOOKED_AT | AS_IN_STOCK:
        assert found.points == attempt.marks and not found.noticed, found.reason
    if name in LOOKED_AT:
        assert found.status is Status.REVIEW and found.noticed
