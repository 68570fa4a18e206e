"""The figures of layers, networks and runs."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from chainrule.modules import figures, given_activation, make_run

ROWS = [
    {"epoch": k, "train_loss": 1 / k, "val_loss": 1.1 / k, "train_error": 0.1, "val_error": 0.2}
    for k in (1, 2, 3)
]


@pytest.mark.parametrize("draw", [figures.fully_connected, figures.network])
def test_drawings_are_complete_svg_with_alt_text(draw):
    drawing = draw()
    root = ET.fromstring(drawing.svg)
    box = [float(number) for number in root.get("viewBox").split()]
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 < float(text.get("x")) < box[2] and 0 < float(text.get("y")) < box[3]
    assert "backward" in drawing.alt.lower() and "left" in drawing.alt
    assert draw().svg == drawing.svg
    assert set(drawing._repr_mimebundle_()) == {"text/html", "text/plain"}


@pytest.mark.parametrize("draw", [figures.fully_connected, figures.network])
def test_drawings_give_no_formula_of_a_gradient_away(draw):
    for formula in ("Xᵀ", "X^T", "X.T", "Wᵀ", "W.T", "sum"):
        assert formula not in draw().svg


def test_curves_say_their_ends():
    assert "training loss goes from 1 to 0.333" in figures.loss_curves(ROWS, "run").alt
    assert "validation error goes from 0.2 to 0.2" in figures.error_curves(ROWS, "run").alt
    plot = figures.activation(given_activation("tanh"), "tanh")
    assert "derivative from 0.00134 to 1" in plot.alt


def test_comparison_and_table_of_runs():
    good = make_run("good", 0.01, 8, ROWS)
    bad = make_run("bad", 5.0, 16, [{"train_loss": np.nan, "val_loss": np.nan, "val_error": 0.7}])
    plot = figures.compare_runs([bad, good])
    assert "learning rate 0.01 with 8 hidden units ends at 0.367" in plot.alt
    table = figures.run_table([bad, good])
    assert [row[0] for row in table.rows] == ["good", "bad"]
    assert "validation error" in repr(table) and "<td>20.0 %</td>" in table._repr_html_()
    with pytest.raises(ValueError, match="no run"):
        figures.compare_runs([])
