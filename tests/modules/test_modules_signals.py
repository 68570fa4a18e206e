"""Figures of signals in deep networks."""

import numpy as np
import pytest

from chainrule.figures.lessons import signals


def test_sizes_say_where_each_curve_ends_and_survive_zeros():
    plot = signals.sizes({"a": [1, 0.1, 0.0], "b": [1.0, 2.0, 4.0]}, "Sizes")
    assert "a goes from 1 to 0; b goes from 1 to 4" in plot.alt
    assert (
        signals.sizes({"a": [1, 0.1]}, "Sizes").svg == signals.sizes({"a": [1, 0.1]}, "Sizes").svg
    )


def test_histograms_count_what_lies_outside_in_the_outermost_bars():
    values = np.array([-5.0, -0.2, 0.1, 0.3])
    plot = signals.histograms({"layer 1": values, "layer 2": values / 10}, "Values")
    assert "layer 1: standard deviation 2.2, 25 percent in the outermost tenth" in plot.alt
    assert "layer 2: standard deviation 0.22, 0 percent" in plot.alt


@pytest.mark.parametrize("curves", [{}, {str(k): [1.0] for k in range(5)}])
def test_wrong_numbers_of_curves(curves):
    with pytest.raises(ValueError, match="curves"):
        signals.sizes(curves, "Sizes")
    with pytest.raises(ValueError, match="curves"):
        signals.training(curves, "Losses")
    with pytest.raises(ValueError, match="no signals"):
        signals.histograms({}, "Values")


def test_training_curves_say_their_ends():
    plot = signals.training({"a": [1.0, 0.5], "b": [2.0, 0.1]}, "Losses")
    assert "a goes from 1 to 0.5; b goes from 2 to 0.1" in plot.alt
