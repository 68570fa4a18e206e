"""The one reading of nbgrader's metadata and of the regions of a text."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from fairmark.cells import (
    CLOSED_REGIONS,
    delimiters,
    delimiters_in,
    grade_id_of,
    is_check,
    mark_cell,
    marking,
    own_metadata,
    regions,
    set_own_metadata,
    unmark_cell,
    without_closed_regions,
)

TEXT = """def f(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
### BEGIN HIDDEN TESTS
assert f(1) == 2
assert f(2) == 4
### END HIDDEN TESTS
print(f(3))
"""


def cell(kind="code", **meta):
    make = new_code_cell if kind == "code" else new_markdown_cell
    return make("", metadata={"nbgrader": meta})


@pytest.mark.parametrize(
    ("given", "check", "by_hand", "locked", "points"),
    [
        (cell(grade=True, points=3), True, False, True, 3.0),
        (cell(grade=True, points=None), True, False, True, 0.0),
        (cell(grade=True, solution=True, points=5), False, True, False, 5.0),
        (cell("markdown", grade=True, solution=True, points=5), False, True, False, 5.0),
        (cell("markdown", task=True, points=2, locked=True), False, True, True, 2.0),
        (cell(solution=True, points=9), False, False, False, 0.0),
        (cell(locked=True), False, False, True, 0.0),
        (cell(), False, False, False, 0.0),
    ],
)
def test_what_a_cell_is(given, check, by_hand, locked, points):
    said = marking(given)
    assert (said.check, said.by_hand, said.locked, said.points) == (check, by_hand, locked, points)
    assert is_check(given) is check


@pytest.mark.parametrize("damaged", [None, [], "grade", 3])
def test_metadata_that_are_none_say_nothing(damaged):
    odd = new_code_cell("", metadata={"nbgrader": damaged, "fairmark": damaged})
    assert grade_id_of(odd) is None and not is_check(odd) and own_metadata(odd) == {}
    assert marking(odd).flags == (False, False, False, 0.0)


@pytest.mark.parametrize("name", [None, "", 3, ["f"]])
def test_an_id_is_a_word(name):
    assert grade_id_of(cell(grade_id=name)) is None


def test_points_that_are_no_number_are_other_flags():
    assert marking(cell(grade=True, points="many")).flags[-1] is None


def test_marking_and_unmarking():
    given = new_code_cell("")
    mark_cell(given, {"grade_id": "f", "grade": True})
    set_own_metadata(given, {"seconds": 90})
    assert grade_id_of(given) == "f" and own_metadata(given) == {"seconds": 90}
    unmark_cell(given)
    set_own_metadata(given, {})
    assert given.metadata == {}


def test_regions_and_what_is_left_without_them():
    assert regions(TEXT) == ["    return 2 * x", "assert f(1) == 2\nassert f(2) == 4"]
    left = without_closed_regions(TEXT)
    assert "assert" not in left and "HIDDEN" not in left
    assert left.endswith("### END SOLUTION\nprint(f(3))\n")


def test_a_region_without_an_end_is_none():
    text = "### BEGIN HIDDEN TESTS\nassert f(1) == 2\n"
    assert regions(text) == [] and without_closed_regions(text) == text
    assert delimiters_in(text) == ["BEGIN HIDDEN TESTS"]


def test_delimiters():
    assert delimiters(CLOSED_REGIONS) == (
        "BEGIN HIDDEN TESTS",
        "END HIDDEN TESTS",
        "BEGIN MARK SCHEME",
        "END MARK SCHEME",
    )
