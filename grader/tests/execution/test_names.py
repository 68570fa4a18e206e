"""A check that takes a name of the student's away, and puts it back."""

from __future__ import annotations

from grader_support.notebooks import check, printed, run

STUDENT = "def inner(n):\n    return n * n\n\ndef outer(n):\n    return inner(n) + 1"
TAKES_AWAY = """
kept = inner
del inner
try:
    outer(2)
except NameError:
    pass
else:
    raise AssertionError("outer does not use inner")
finally:
    inner = kept
"""


def test_a_name_that_a_check_deletes_is_gone_for_the_student():
    found = run(STUDENT, check("uses", TAKES_AWAY), check("after", "assert outer(2) == 5"))
    assert found.failures == {} and found.points == {"uses": 1.0, "after": 1.0}


def test_code_that_does_not_use_the_name_is_found_out():
    alone = STUDENT.replace("inner(n) + 1", "n * n + 1")
    found = run(alone, check("uses", TAKES_AWAY), check("after", "assert inner(2) == 4"))
    assert found.failures == {"uses": "outer does not use inner"}
    assert found.points == {"uses": 0.0, "after": 1.0}


def test_one_function_of_the_student_can_stand_for_another():
    student = f"{STUDENT}\n\ndef other(n):\n    return 10 * n"
    swapped = "kept, calls = inner, inner(0)\ninner = other\nassert outer(2) == 21\ninner = kept"
    found = run(student, check("swap", swapped), check("after", "assert outer(2) == 5"))
    assert found.failures == {}


def test_what_a_check_makes_never_reaches_the_student_while_it_runs():
    student = "total = 3\n\ndef look():\n    return str(sorted(globals().items()))"
    hides = "before = total\ntotal = 'expected 42'\nassert 'expected' not in look()"
    found = run(student, check("hides", hides), "print(total, 'before' in globals())")
    assert found.failures == {}
    # As in one process, the cells below see what students can read in the check.
    assert printed(found, 2) == "expected 42 True\n"


def test_what_hidden_tests_make_never_reaches_the_student():
    student = "total = 3\n\ndef look():\n    return str(sorted(globals().items()))"
    hides = (
        "### BEGIN HIDDEN TESTS\nbefore = total\ntotal = 'expected 42'\n"
        "assert 'expected' not in look()\n### END HIDDEN TESTS"
    )
    found = run(student, check("hides", hides), "print(total, 'before' in globals())")
    assert found.failures == {}
    assert printed(found, 2) == "3 False\n"


def test_a_name_within_a_function_of_the_check_is_its_own():
    text = (
        "def helper():\n    inner = 1\n    return inner\n\nassert helper() == 1 and outer(2) == 5"
    )
    assert run(STUDENT, check("own", text)).failures == {}
