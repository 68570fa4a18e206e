"""Tricks that behave as long as nobody looks: stock pays for them, neither way of ours does."""

from __future__ import annotations

import pytest

pytest.importorskip("nbgrader")

from grader_support.notebooks import check, given, run
from grader_support.stock_cells import run_stock

from fairmark.execution import default_executor
from fairmark.model import GradingError, Judged, Status

from .conditional import CHECK, CONTROLS, GIVEN, GOOD, TRICKS


@pytest.fixture(scope="module")
def stock():
    names = [*TRICKS, "good", "wrong"]
    cells = [trick.cells for trick in TRICKS.values()]
    cells += [(GOOD,), ("def area(r):\n    return 0 * r",)]
    found = run_stock([[GIVEN, *own, *CONTROLS, CHECK] for own in cells])
    return dict(zip(names, found, strict=True))


@pytest.fixture(scope="module")
def _sandboxed():
    try:
        default_executor()
    except GradingError as error:
        pytest.skip(str(error))


def graded(cells, judged):
    return run(given(GIVEN), *cells, check("area", CHECK, 3.0), judged=judged)


def test_there_are_fifteen():
    assert len(TRICKS) >= 15


def test_stock_tells_a_right_answer_from_a_wrong_one(stock):
    assert stock["good"][-1] and not stock["wrong"][-1]


@pytest.mark.parametrize("name", TRICKS)
def test_stock_gives_all_points_and_controls_see_nothing(stock, name):
    *before, last = stock[name][1:]
    own = len(TRICKS[name].cells)
    assert all(before[:own]) and not any(before[own:]), before
    assert last


@pytest.mark.usefixtures("_sandboxed")
@pytest.mark.parametrize("name", TRICKS)
def test_apart_it_earns_nothing(name):
    found = graded(TRICKS[name].cells, {})
    assert found.points == {"area": 0.0} and not found.noticed


@pytest.mark.usefixtures("_sandboxed")
@pytest.mark.parametrize("name", TRICKS)
def test_beside_it_earns_nothing_unseen(name):
    found = graded(TRICKS[name].cells, {"area": Judged.BESIDE})
    assert found.points == {"area": 0.0}
    if "would earn" in found.reason:
        assert found.noticed and found.status is Status.REVIEW


#: Where a function uses the check's names for something, they stay in the notebook.
MENTIONED = "def other():\n    return secret.shape, expected.shape"


@pytest.mark.usefixtures("_sandboxed")
@pytest.mark.parametrize("name", TRICKS)
def test_beside_it_is_noticed(name):
    trick = TRICKS[name]
    found = graded((MENTIONED, *trick.cells), {"area": Judged.BESIDE})
    assert found.points == {"area": 0.0}
    assert ("area would earn 3" in found.reason) is trick.earns, (found.reason, found.failures)
    if trick.words:
        assert found.status is Status.REVIEW
        assert any(trick.words in sentence for sentence in found.noticed), found.noticed


@pytest.mark.usefixtures("_sandboxed")
@pytest.mark.parametrize("judged", [{}, {"area": Judged.BESIDE}], ids=["apart", "beside"])
def test_the_right_answer_has_its_points(judged):
    found = graded((GOOD,), judged)
    assert found.points == {"area": 3.0} and found.status is Status.GRADED and not found.noticed
