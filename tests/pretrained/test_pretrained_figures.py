"""The figures: alt text, what they refuse, what they save."""

import numpy as np
import pytest
from PIL import Image

from chainrule.pretrained import figures, imagenet_names, photo

NAMES = dict(enumerate(imagenet_names()))
TOP = [(282, 0.39), (285, 0.34), (281, 0.18), (287, 0.02), (904, 0.0)]


def test_squash_and_crop():
    figure = figures.squash_and_crop()
    assert "Squashed" in figure.alt and figure.svg.count("<image") == 3


def test_top_classes_are_drawn_and_saved(tmp_path):
    figure = figures.top_classes(photo("cat"), TOP, NAMES, tmp_path / "cat.png", "cat.jpg")
    assert "tiger cat (282) 39 %" in figure.alt and "cat.jpg" in figure.alt
    assert Image.open(tmp_path / "cat.png").size == (1200, 435)
    with pytest.raises(ValueError, match=r"end in \.png"):
        figures.top_classes(photo("cat"), TOP, NAMES, tmp_path / "cat.jpg")
    with pytest.raises(ValueError, match="no class"):
        figures.top_classes(photo("cat"), [], NAMES)


def test_filters():
    rng = np.random.default_rng(0)
    assert "10 filters of 3 x 3" in figures.filters(rng.normal(size=(10, 3, 3, 3))).alt
    assert figures.filters(np.zeros((1, 3, 3, 3))).alt
    with pytest.raises(ValueError, match="shape"):
        figures.filters(np.zeros((10, 1, 3, 3)))


@pytest.mark.parametrize("side", [7, 112])
def test_channels(side):
    maps = np.random.default_rng(0).normal(size=(20, side, side))
    figure = figures.channels(maps, "a layer")
    assert figure.alt.startswith("16 channels of a layer") and len(figure.svg) < 400_000


def test_heat_map_says_where_the_largest_value_is():
    values = np.zeros((9, 9))
    values[8, 0] = 2.0
    figure = figures.heat_map(Image.new("RGB", (224, 224)), values, "a map", "change", 48, 22)
    assert "largest value lies here: bottom, left" in figure.alt
    fine = np.zeros((224, 224))
    fine[100, 110] = 1.0
    assert "middle, middle" in figures.heat_map(Image.new("RGB", (224, 224)), fine, "a", "b").alt


def test_curves():
    assert "at -90" in figures.chance_curve([-90, 0], [0.2, 0.4], "cat", "angle").alt
    figure = figures.curves({"a": [1.0, 0.5], "b": [1.0, 0.25]}, "loss")
    assert "a ends at 0.5; b ends at 0.25" in figure.alt
    assert figures.images_in_a_row([np.zeros((4, 4)), np.zeros((4, 4, 3))], ["a", "b"], "x").alt
