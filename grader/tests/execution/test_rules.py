"""The rules for who writes tests: what happens to a check that keeps them, and that does not."""

from __future__ import annotations

import pytest
from grader_support.notebooks import check, run

AGREES = (
    "class Agrees:\n    def allclose(self, other): return True\n    def sum(self): return 8.0\n"
    "    shape = (4,)\ndef f(x):\n    return Agrees()"
)
ZEROES = "def f(x):\n    x[:] = 0\n    return x"


@pytest.mark.parametrize(
    ("student", "text", "points"),
    [
        (AGREES, "assert np.allclose(f(np.ones(4)), 2 * np.ones(4))", 0.0),
        (AGREES, "np.testing.assert_allclose(f(np.ones(4)), 2 * np.ones(4))", 0.0),
        (AGREES, "assert f(np.ones(4)).allclose(2 * np.ones(4))", 1.0),
        (ZEROES, "x = np.ones(4)\nexpected = 2 * x\nassert np.allclose(f(x), expected)", 0.0),
        (ZEROES, "x = np.ones(4)\nassert np.allclose(f(x.copy()), 2 * x)", 0.0),
        (ZEROES, "x = np.ones(4)\nassert np.allclose(f(x), 2 * x)", 1.0),
    ],
    ids=["judged", "judged by a library", "its own judge", "before", "copy", "after"],
)
def test_who_judges_and_when(student, text, points):
    """Rules 9 and 10; the wrong answers that get through are why they are there."""
    found = run(student, check("c", f"import numpy as np\n{text}"))
    assert found.points == {"c": points}
