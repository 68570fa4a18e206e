"""The figures of graphs: right, legible, described, and silent about f1 to f3's gradients."""

import ast
import inspect
import math

import pytest
from support.drawings import assert_nothing_overlaps, assert_self_contained, texts

from chainrule.backprop import figures
from chainrule.graph import format_number

FIGURES = {
    "f1": figures.f1,
    "f2": figures.f2,
    "f3": figures.f3,
    "f3-y2": lambda: figures.f3(y=2),
    "sum": figures.example_sum,
    "shared": figures.example_shared,
    "copy": figures.example_copy,
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_legible_and_described(name):
    figure = FIGURES[name]()
    assert_nothing_overlaps(figure.svg)
    assert_self_contained(figure._repr_mimebundle_()["text/html"])
    assert len(figure.alt) > 100 and not figure.alt.startswith("Computational graph")
    assert figure.svg == FIGURES[name]().svg


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("f1", ["x1", "w1", "x2", "w2", "b", "y", "L"]),
        ("f2", ["x", "d", "e", "t", "b", "y"]),
        ("f3", ["s1", "s2", "e1", "e2", "d", "p1", "p2", "p+", "y = 1", "L"]),
        ("f3-y2", ["y = 2"]),
    ],
)
def test_the_tasks_figures_show_names_and_no_numbers(name, shown):
    figure = FIGURES[name]()
    drawn = texts(figure.svg)
    assert set(shown) <= set(drawn)
    assert not any("←" in text or "0." in text for text in drawn)
    assert 'class="grad' not in figure.svg and 'class="value' not in figure.svg
    assert "gradient" not in figure.alt


def test_forward_values():
    x1, w1, x2, w2, b, y = 0.1, 0.7, 0.3, 0.9, 0.2, 0.8
    graph = figures.f1_graph(x1, w1, x2, w2, b, y)
    assert graph.output.value == pytest.approx((w1 * x1 + w2 * x2 + b - y) ** 2, rel=1e-14)
    assert set(graph.variables) == {"x1", "w1", "x2", "w2", "b", "y"}
    assert figures.f2_graph(0.4).output.value == pytest.approx(math.tanh(0.4), rel=1e-14)
    for y, score in ((1, 0.3), (2, 1.1)):
        graph = figures.f3_graph(0.3, 1.1, y)
        expected = math.log(math.exp(0.3) + math.exp(1.1)) - score
        assert graph.output.value == pytest.approx(expected, rel=1e-14)
        assert set(graph.variables) == {"s1", "s2"}
    assert graph.forward(y=1) == pytest.approx(expected + 0.8, rel=1e-14)
    with pytest.raises(ValueError, match="1 or 2"):
        figures.f3(y=0)


def test_the_alt_texts_of_the_examples_state_the_drawn_numbers():
    for figure, graph in (
        (figures.example_sum(), figures.sum_graph()),
        (figures.example_shared(), figures.shared_graph()),
        (figures.example_copy(), figures.copy_graph()),
    ):
        gradients = graph.backward()
        words = figure.alt.replace(",", " ").replace(".", " ").replace(";", " ").split()
        for number in [node.value for node in graph.nodes] + list(gradients.values()):
            assert format_number(number) in words


def test_no_gradient_of_f1_to_f3_is_written_down():
    # The only numbers in the module are inputs: no formula of a gradient hides there.
    tree = ast.parse(inspect.getsource(figures))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not any("grad" in name.lower() for name in names)
    assert not any(
        isinstance(node, ast.Attribute) and node.attr in ("backward", "gradients", "grad")
        for node in ast.walk(tree)
    )
