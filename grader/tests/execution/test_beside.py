"""Checks in the student's process, and what checks leave to the cells below them."""

from __future__ import annotations

import pytest

pytest.importorskip("nbgrader")

from grader_support.notebooks import check, printed, run

from fairmark.execution.names_left import left_by
from fairmark.judged import Judged
from fairmark.model import Status

BESIDE, UNDECIDED = Judged.BESIDE, Judged.UNDECIDED
SOLUTION = "def scaled(x):\n    return factor * x"
READS_A_GLOBAL = "factor = 3\nassert scaled(2) == 6, 'scaled(2) should be 6'"


def test_a_solution_that_reads_what_the_check_defines():
    apart = run(SOLUTION, check("t1", READS_A_GLOBAL))
    assert apart.points == {"t1": 0.0}
    beside = run(SOLUTION, check("t1", READS_A_GLOBAL), judged={"t1": BESIDE})
    assert beside.points == {"t1": 1.0} and beside.status is Status.GRADED and not beside.reason


def test_a_wrong_answer_fails_beside_with_the_words_of_the_check():
    wrong = run("def scaled(x):\n    return x", check("t1", READS_A_GLOBAL), judged={"t1": BESIDE})
    assert wrong.points == {"t1": 0.0}
    assert wrong.failures == {"t1": "scaled(2) should be 6"}
    assert wrong.status is Status.GRADED


def test_apart_and_beside_in_one_notebook():
    found = run(
        SOLUTION,
        check("t1", "assert callable(scaled)"),
        check("t2", READS_A_GLOBAL, 2.0),
        "mine = scaled(5)",
        check("t3", "import math\nassert mine == 15", 4.0),
        judged={"t2": BESIDE},
    )
    assert found.points == {"t1": 1.0, "t2": 2.0, "t3": 4.0}, found.failures


def test_part_of_the_points_beside():
    found = run("x = 1", check("t1", "x / 4", 2.0), judged={"t1": BESIDE})
    assert found.points == {"t1": 0.25}


def test_a_check_that_nobody_passes_is_not_run():
    found = run("x = 1", check("t1", "print('ran')"), check("t2", "x"), judged={"t1": UNDECIDED})
    assert found.points == {"t1": 0.0, "t2": 1.0} and found.undecided == ["t1"]
    assert printed(found, 1) == "" and found.status is Status.PARTLY
    assert "t1 is not decided: the reference solution fails it too" in found.reason


@pytest.mark.parametrize("judged", [{}, {"t1": BESIDE}], ids=["apart", "beside"])
def test_cells_below_see_what_a_check_binds_defines_and_imports(judged):
    found = run(
        "def f(x):\n    return 2 * x",
        check(
            "t1",
            "import statistics\nfrom fractions import Fraction\ncases = [1, 2, 3]\nstep = 2\n"
            "def doubled(n):\n    return step * n\n"
            "class Pair:\n    size = 2\n"
            "for case in cases:\n    assert f(case) == doubled(case)",
        ),
        "mine = [f(c) for c in cases] + [doubled(1), Pair.size, case]\n"
        "mean = statistics.mean(cases), Fraction(1, 2)",
        check("t2", "assert mine == [2, 4, 6, 2, 2, 3] and mean[0] == 2"),
        judged=judged,
    )
    assert found.points == {"t1": 1.0, "t2": 1.0}, found.failures


def test_what_only_hidden_tests_bind_stays_where_it_is():
    hidden = "\n### BEGIN HIDDEN TESTS\nexpected = 9\nsecret = 8\n### END HIDDEN TESTS"
    found = run(
        "def f(x):\n    return x * x",
        check("t1", "expected = 4\nassert f(2) == expected" + hidden),
        "print([n for n in ('expected', 'secret') if n in globals()])",
    )
    assert found.points == {"t1": 1.0} and printed(found, 2) == "[]\n"


def test_what_a_check_leaves_is_there_after_a_new_beginning():
    found = run(
        "def f(x):\n    return x",
        check("t1", "cases = [1, 2]\nassert f(1) == 1"),
        "import os\nos._exit(1)",
        "total = sum(cases)",
        check("t2", "assert total == 3"),
    )
    assert found.points == {"t1": 1.0, "t2": 1.0}, found.failures


def test_a_beside_check_is_run_again_after_a_new_beginning():
    found = run(
        SOLUTION,
        check("t1", READS_A_GLOBAL),
        "import os\nos._exit(1)",
        check("t2", "assert scaled(5) == 15"),
        judged={"t1": BESIDE, "t2": BESIDE},
    )
    assert found.points == {"t1": 1.0, "t2": 1.0}, found.failures


def test_a_beside_check_has_its_limits():
    loop = "def scaled(x):\n    while True:\n        pass"
    found = run(loop, check("t1", READS_A_GLOBAL), judged={"t1": BESIDE}, cell_seconds=1)
    assert found.points == {"t1": 0.0} and found.undecided == ["t1"]
    assert "t1 did not end within 1 s" in found.reason


ODD = """
class Metres:
    def __init__(self, size):
        self.size = size
    def __eq__(self, other):
        return {answer}
def length(x):
    return Metres(2 * x)
"""


@pytest.mark.parametrize("answer", ["self.size == other", "True"], ids=["honest", "yes-man"])
def test_an_answer_that_its_own_process_hinders_is_looked_at(answer):
    found = run(
        ODD.format(answer=answer),
        check("t1", "assert length(1) == 2, 'length(1) should be 2'", 3.0),
        check("t2", "assert callable(length)"),
    )
    assert found.points == {"t1": 0.0, "t2": 1.0} and found.undecided == ["t1"]
    assert found.status is Status.REVIEW
    assert found.reason == (
        "t1 fails in a process of its own (the student's object Metres stays in another process; "
        "the student's object Metres is compared with ==, by identity, and stays in another "
        "process; length(1) should be 2) and passes in the notebook's: look at the answer, "
        "3 points depend on it"
    )
    assert "should be" not in found.failures["t1"]


def test_an_odd_answer_that_is_wrong_both_ways_is_just_wrong():
    found = run(
        ODD.format(answer="self.size == other").replace("2 * x", "3 * x"),
        check("t1", "assert length(1) == 2, 'length(1) should be 2'"),
    )
    assert found.points == {"t1": 0.0} and found.status is Status.GRADED
    assert found.failures == {"t1": "length(1) should be 2"} and not found.noticed


def test_it_is_tried_in_what_the_process_was_then():
    """A later task may bind the same names to a wrong answer."""
    later = ODD.format(answer="False")
    found = run(
        ODD.format(answer="self.size == other"),
        check("t1", "assert length(1) == 2", 3.0),
        later,
        check("t2", "assert length(1) != 3"),
    )
    assert found.undecided == ["t1"] and found.status is Status.REVIEW


def test_no_code_of_the_students_can_show_what_it_saw_of_the_check():
    secret = (
        "### BEGIN HIDDEN TESTS\nsecret_word = 'xyzzy'\nassert length(1) == 2\n### END HIDDEN TESTS"
    )
    look = (
        "import sys\nseen = []\n" + ODD.format(answer="look()") + "def look():\n"
        "    seen.append(str(sys._getframe(2).f_globals.get('secret_word')))\n"
        "    open('seen.txt', 'w').write(seen[-1])\n    return True\n"
    )
    found = run(
        look,
        check("t1", secret),
        "import os\nprint(seen, os.path.exists('seen.txt'))",
        "print(seen)",
    )
    assert found.undecided == ["t1"]
    assert printed(found, 2) == "[] False\n" and printed(found, 3) == "[]\n"


def test_a_trial_that_does_not_end_is_looked_at():
    loop = ODD.format(answer="forever()") + "def forever():\n    while True:\n        pass"
    found = run(loop, check("t1", "assert length(1) == 2"), cell_seconds=1)
    assert found.undecided == ["t1"] and "could not be tried in the notebook's" in found.reason


def test_a_check_that_passes_by_a_copy_of_what_was_changed_is_looked_at():
    """In one process it would see that the prices were sorted in place."""
    spoils = "PRICES = [3, 1, 2]\ndef cheapest(n):\n    PRICES.sort()\n    return PRICES[:n]"
    keeps = "PRICES = [3, 1, 2]\ndef cheapest(n):\n    return sorted(PRICES)[:n]"
    text = "assert cheapest(1) == [1]\nassert PRICES == [3, 1, 2], 'PRICES was changed'"
    found = run(spoils, check("t1", text))
    assert found.points == {"t1": 0.0} and found.undecided == ["t1"]
    assert found.reason == (
        "t1 passes in a process of its own (PRICES was changed while the check ran) and fails in "
        "the notebook's: look at the answer, 1 point depends on it"
    )
    assert run(keeps, check("t1", text)).points == {"t1": 1.0}


def test_a_container_that_the_answer_rightly_changes_is_nothing_to_look_at():
    counted = "seen = {}\ndef f(x):\n    seen[x] = True\n    return x"
    found = run(counted, check("t1", "assert f(1) == 1\nassert isinstance(seen, dict)"))
    assert found.points == {"t1": 1.0} and found.status is Status.GRADED


def test_left_by():
    text = "import math\na = b = 1\nfor i, j in []:\n    k = 1\nx = [c for c in []]"
    left = left_by(text, ["use(a, k)", "print(c, x)"])
    assert left.text == "import math" and left.names == ("a", "k", "x")
    assert left_by(text, []).names == ()
    assert left_by("a = (", ["a"]).names == ()


def test_noticed_in_one_notebook_sets_the_whole_submission_aside():
    from fairmark.execution.judging import overall
    from fairmark.model import NotebookRun

    good = NotebookRun("a", None)
    bad = NotebookRun("b", None, noticed=["cell 5 exchanges x"], status=Status.REVIEW, reason="r")
    assert overall([good, bad]) == (Status.REVIEW, "b: r")


def test_a_check_finds_the_cells_above_it_in_in_and_no_check():
    both = {"t1": Judged.BESIDE, "t2": Judged.BESIDE}
    found = run(
        "x = 1",
        check("t1", "assert In[1] == 'x = 1'  # canary-5e"),
        "seen = [*In, *_ih]",
        check("t2", "assert In[3].startswith('seen') and not any('canary' in t for t in seen)"),
        judged=both,
    )
    assert found.points == {"t1": 1.0, "t2": 1.0}, found.failures
