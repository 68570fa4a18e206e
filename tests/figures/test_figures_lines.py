"""Lines and bars of the lessons: described, the same each time, and strict about input."""

import numpy as np
import pytest

from chainrule.figures.lines import bars, lines

AXES = {"title": "Fall", "xlabel": "step", "ylabel": "loss"}


def test_lines_tell_their_course():
    figure = lines({"loss": ([1, 2, 3], [4.0, 1.0, 2.0])}, **AXES)
    assert figure.alt == (
        "Fall: loss against step. loss goes from 4 at 1 to 2 at 3; its lowest value is 1 at 2."
    )
    assert figure.svg == lines({"loss": ([1, 2, 3], [4.0, 1.0, 2.0])}, **AXES).svg


def test_a_given_alt_text_is_taken():
    assert lines({"a": ([1], [1])}, **AXES, alt="A point.").alt == "A point."
    assert bars({"a": [1]}, ["x"], "t", "y", alt="A bar.").alt == "A bar."


def test_what_cannot_be_drawn_leaves_a_gap():
    figure = lines(
        {"a": ([1, 2, 3], [1.0, np.nan, 3.0]), "b": ([1, 2], [0.0, -1.0])}, **AXES, log="xy"
    )
    assert "a goes from 1 at 1 to 3 at 3" in figure.alt
    assert "b: nothing that can be drawn." in figure.alt


def test_marks_and_limits_are_drawn():
    plain = lines({"a": ([1, 2], [1, 2])}, **AXES)
    marked = lines({"a": ([1, 2], [1, 2])}, **AXES, marks={"here": 1.5}, limits=(0, 5), dots=True)
    assert len(marked.svg) > len(plain.svg)


@pytest.mark.parametrize(
    "curves", [{}, {"a": ([1, 2], [1])}, {"a": ([], [])}, dict.fromkeys("abcde", ([1], [1]))]
)
def test_lines_that_do_not_fit_are_refused(curves):
    with pytest.raises(ValueError, match=r"curves|x values"):
        lines(curves, **AXES)


def test_bars_tell_their_numbers():
    figure = bars({"p": [0.25, 0.75], "q": [0.0, 1e-12]}, ["cat", "dog"], "Shares", "probability")
    assert figure.alt == (
        "Shares: probability as bars. p: cat 0.25, dog 0.75. q: cat 0, dog 1e-12."
    )


@pytest.mark.parametrize(
    "groups", [{}, {"a": [1, 2, 3]}, {"a": [1, np.inf]}, {key: [1, 2] for key in "abcde"}]
)
def test_bars_that_do_not_fit_are_refused(groups):
    with pytest.raises(ValueError, match=r"groups|finite number"):
        bars(groups, ["x", "y"], "t", "y")
