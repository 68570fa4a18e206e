"""The two passes through a row of layers, moment by moment."""

import pytest

from chainrule.figures.lessons.layers import passes
from chainrule.figures.plots import GREEN

NAMES = ("scale", "tanh", "loss")
VALUES = ("x\n(N, D)", "(N, D)", "(N, D)", "L")


def caches(figure):
    """Count the boxes of caches: each has one closed outline in green."""
    return figure.element().count(f"var(--crp-green,{GREEN}); stroke-width: 2")


@pytest.mark.parametrize(
    ("moment", "held", "words"),
    [
        (0, 0, "Nothing is computed yet"),
        (1, 1, "reached scale, layer 1 of 3. The first layer has a cache."),
        (3, 3, "reached loss, layer 3 of 3. The first 3 layers hold a cache."),
        (4, 2, "back through loss, layer 3 of 3. The first 2 layers hold a cache."),
        (6, 0, "back through scale, layer 1 of 3. All caches are used up."),
    ],
)
def test_caches_are_there_between_the_passes(moment, held, words):
    figure = passes(NAMES, VALUES, moment)
    assert words in figure.alt
    assert "x (N, D)" in figure.alt
    assert caches(figure) == held


def test_all_moments_differ():
    assert len({passes(NAMES, VALUES, moment).svg for moment in range(7)}) == 7


@pytest.mark.parametrize(
    ("values", "moment"), [(VALUES[:3], 0), (VALUES, 7), (VALUES, -1)], ids=["few", "late", "early"]
)
def test_what_does_not_fit_is_refused(values, moment):
    with pytest.raises(ValueError, match=r"layers and|moment"):
        passes(NAMES, values, moment)
