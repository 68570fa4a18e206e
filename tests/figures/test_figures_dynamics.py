"""Figures of training runs: described from their numbers."""

import numpy as np
import pytest

from chainrule.figures.lessons import dynamics

RUN = {
    "train_loss": [3.0, 2.0, 1.0],
    "val_loss": [3.0, 2.5, 2.8],
    "train_accuracy": [0.1, 0.5, 0.9],
    "val_accuracy": [0.1, 0.3, 0.25],
}


def test_a_run_tells_where_the_validation_loss_is_lowest():
    alt = dynamics.run(RUN, "Rate 0.1").alt
    for words in ("Rate 0.1.", "over 2 epochs", "lowest value 2.50 after epoch 1", "90 percent"):
        assert words in alt


def test_a_run_is_drawn_the_same_each_time_and_with_limits():
    assert dynamics.run(RUN, "a").svg == dynamics.run(RUN, "a").svg
    assert dynamics.run(RUN, "a").svg != dynamics.run(RUN, "a", (0, 9)).svg


def test_a_missing_curve_is_named():
    with pytest.raises(KeyError, match="val_loss"):
        dynamics.run({"train_loss": [1.0], "train_accuracy": [1.0]}, "a")


def test_weights_become_one_picture_for_each_class():
    weights = np.random.default_rng(0).normal(size=(48, 2))
    figure = dynamics.weight_pictures({"plain": weights, "zero": 0 * weights}, ["a", "b"], "Four.")
    assert figure.alt == "Four."
    assert figure.element().count("<image") == 4


def test_weights_that_are_no_square_are_refused():
    with pytest.raises(ValueError, match="no square"):
        dynamics.weight_pictures({"plain": np.zeros((50, 2))}, ["a", "b"], "x")
