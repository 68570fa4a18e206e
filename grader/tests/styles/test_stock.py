"""Stock nbgrader gives the marks that each style says: solutions pass, mistakes fail."""

from __future__ import annotations

import pytest
from grader_support.stock_shell import StockShell

from . import STYLES, Style


@pytest.fixture(scope="module")
def stock():
    shell = StockShell()
    yield shell
    shell.close()


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_stock_gives_the_marks_that_the_style_says(stock, style: Style):
    if missing := style.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    for name, (answer, marks) in style.answers().items():
        found = stock.run(style.handed_in(answer, tests=True), style.files)
        assert found["points"] == marks, f"{name}: {found['errors']}"


def test_each_style_has_a_name_and_answers_of_its_own():
    assert len({style.name for style in STYLES}) == len(STYLES) >= 60
    for style in STYLES:
        assert len(style.wrong) >= 2 and style.right, style.name
        assert all(
            marks != style.most for _, marks in map(style.answers().get, ["wrong-1", "wrong-2"])
        )


def test_the_libraries_of_the_styles_are_there():
    """They are in the environment of the tests, so that no style is left out unseen."""
    assert {library for style in STYLES for library in style.missing()} == set()
