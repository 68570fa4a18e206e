"""Drawings and steppers: complete, legible, self-contained and the same every time."""

import base64
import html
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from support.drawings import (
    SVG,
    assert_nothing_overlaps,
    assert_self_contained,
    boxes,
    texts,
)

from chainrule import graph as cg
from chainrule.graph import Graph, choose, constant, copy, drawing, variable


def shared():
    a, b, c = variable("a", 2.5), variable("b", -3.0), variable("c", 4.0)
    return Graph(((a * b).named("d") + (c * b).named("e1")).named("L"))


def large():
    x, y = variable("x", 0.37), variable("y", -1.24)
    h = cg.tanh(x * 2 + y).named("h")
    y1, y2 = copy(h * x)
    chosen = choose(cg.sigmoid(y1), cg.maximum(y2, y), constant(1).named("k"))
    return Graph(chosen / (cg.exp(h) + 1) - x**2)


def reused():
    a, b, c = (variable(n, v) for n, v in zip("abc", (0.1, -1.5, 2), strict=True))
    e = [cg.exp(v) for v in (a, b, c)]
    s = (e[0] + e[1] + e[2]).named("s")
    return Graph((cg.log(s) - a * e[1] / s).named("L"))


GRAPHS = [shared, large, reused]


class Elements(HTMLParser):
    """Collect the elements of a page with their attributes; void elements do not nest."""

    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.open = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in ("input", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


# --- Drawings ------------------------------------------------------------------------


@pytest.mark.parametrize("make", GRAPHS)
@pytest.mark.parametrize("show", ["names", "values", "gradients"])
def test_labels_and_shapes_do_not_overlap(make, show):
    assert_nothing_overlaps(make().draw(show, title="A title").svg)


@pytest.mark.parametrize("make", GRAPHS)
def test_a_drawing_holds_every_value_and_gradient(make):
    graph = make()
    drawn = texts(graph.draw("gradients").svg)
    graph.backward()
    for edge in graph.edges:
        if edge.wanted:
            value = cg.format_number(edge.source.value)
            assert any(t == value or t.endswith(f"= {value}") for t in drawn)
        # The copy operator has one wire in, which carries the sum.
        if edge.wanted and edge.target.operator != "copy":
            assert f"← {cg.format_number(edge.downstream)}" in drawn
    for node in graph.shared:
        total = cg.format_number(node.grad)
        assert f"← sum {total}" in drawn or f"← {total}" in drawn
    for name in graph.variables:
        assert name in drawn


def test_what_is_shown():
    graph = shared()
    names, values = texts(graph.draw("names").svg), texts(graph.draw("values").svg)
    assert {"a", "b", "c", "×", "+", "d", "e1", "L"} == set(names)
    assert "d = −7.5" in values and not any("←" in text for text in values)
    assert texts(graph.draw().svg) == values
    before = [node.grad for node in graph.nodes]
    with_gradients = graph.draw("gradients").svg
    assert [node.grad for node in graph.nodes] == before == [None] * len(before)
    graph.backward()
    assert graph.draw().svg == with_gradients
    with pytest.raises(ValueError, match="show must be one of names, values, gradients"):
        graph.draw("everything")


def test_names_are_set_with_subscripts():
    svg = shared().draw("names").svg
    assert re.search(r'>e</tspan><tspan class="name sub" dy="4">1</tspan>', svg)


def test_plain_numbers_stand_inside_their_operators():
    x = variable("x", 3.0)
    for node, symbol in (
        (x + 1, "+ 1"),
        (1 + x, "+ 1"),
        (x - 2, "− 2"),
        (2 - x, "2 −"),
        (x * -2, "× (−2)"),
        (1 / x, "1 ÷"),
        (x**2, "^ 2"),
        (2**x, "2 ^"),
    ):
        assert set(texts(Graph(node).draw("names").svg)) == {"x", symbol, "output"}
    only_numbers = Graph(constant(2) * constant(3) + x)
    assert {"2", "3", "×", "+", "x"} <= set(texts(only_numbers.draw("values").svg))


def test_arguments_enter_from_top_to_bottom_where_their_order_matters():
    a, b = variable("a", 1.0), variable("b", 2.0)
    drawn = {t: y for _, y, _, _, t in boxes(Graph((b - a) / (a + b)).draw("names").svg)}
    assert drawn["−"] < drawn["+"]
    drawn = {t: y for _, y, _, _, t in boxes(Graph(b - a).draw("names").svg)}
    assert drawn["b"] < drawn["a"]


def test_alternative_text():
    graph = shared()
    assert graph.draw("gradients").alt == (
        "Computational graph of L. Inputs: a = 2.5, b = −3, c = 4. d = a · b = −7.5. "
        "e1 = c · b = −12. L = d + e1 = −19.5. "
        "Gradients: dL/da = −3, dL/db = 6.5, dL/dc = −3."
    )
    assert graph.draw("names").alt == (
        "Computational graph of L. Inputs: a, b, c. d = a · b. e1 = c · b. L = d + e1."
    )
    picture = graph.draw("names", alt='It says "<b>" & more', title="1 < 2 & 3")
    root = ET.fromstring(picture.svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'It says "<b>" & more'
    assert root.find(f"{SVG}title").text == "1 < 2 & 3"
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == repr(picture) == 'It says "<b>" & more'
    Elements(bundle["text/html"])


@pytest.mark.parametrize("make", GRAPHS)
def test_html_is_well_formed_and_self_contained(make):
    graph = make()
    for output in (graph.draw("gradients", title="T"), graph.stepper(title="T")):
        markup = output._repr_mimebundle_()["text/html"]
        elements = Elements(markup)
        assert elements.open == []
        ids = [a["id"] for _, a in elements.found if "id" in a]
        assert len(ids) == len(set(ids))
        assert_self_contained(markup)
        source = next(a["src"] for tag, a in elements.found if tag == "img")
        picture = base64.b64decode(source.removeprefix("data:image/svg+xml;base64,")).decode()
        assert_self_contained(picture)
        assert ET.fromstring(picture).tag == f"{SVG}svg"
        # Nothing is lost, and nothing heaps up, where a notebook is not trusted.
        assert all(
            "display:none" in a["style"]
            for _, a in elements.found
            if "cr-live" in a.get("class", "")
        )


def test_the_same_in_every_process():
    code = (
        "from chainrule.backprop import figures as g\n"
        "for d in (g.f1(), g.f2(), g.f3(2), g.example_copy(), g.shared_graph().stepper()):\n"
        "    print(d._repr_mimebundle_()['text/html'])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "442")
    }
    assert len(outputs) == 1


def test_save(tmp_path):
    picture = shared().draw("values")
    path = picture.save(tmp_path / "graph.svg")
    assert path.read_text(encoding="utf-8") == picture.svg
    ET.parse(path)
    with pytest.raises(ValueError, match=r"'graph.png' should end in .svg"):
        picture.save(tmp_path / "graph.png")


def test_graphs_that_are_too_large():
    node = variable("x", 0.5)
    for _ in range(400):
        node = cg.sin(node)
    with pytest.raises(ValueError, match="at most 300 can be drawn"):
        Graph(node).draw()


def test_a_graph_of_one_variable():
    assert_nothing_overlaps(Graph(variable("x", 1.5)).draw("gradients").svg)
    assert "1.5" in texts(Graph(variable("x", 1.5)).draw("values").svg)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [drawing._LIGHT, drawing._DARK])
def test_contrast(colours):
    for name in ("ink", "value", "grad"):
        assert contrast(colours[name], colours["bg"]) >= 4.5
        assert contrast(colours[name], colours["fill"]) >= 4.5
    assert contrast(colours["line"], colours["bg"]) >= 3


def test_themes():
    markup = shared().draw("values")._repr_mimebundle_()["text/html"]
    for selector in (
        'html[data-theme="dark"] .cr-figure',
        'body[data-jp-theme-light="false"] .cr-figure',
        'html[theme="dark"] .cr-figure',
        "@media (prefers-color-scheme:dark){html:not([data-theme]):not([theme]) "
        "body:not([data-jp-theme-light]) .cr-figure",
    ):
        assert selector in markup


# --- Steppers ----------------------------------------------------------------------------


def test_a_stepper_has_a_button_and_a_caption_for_every_step():
    stepper = shared().stepper(title="Two paths")
    markup = stepper.html
    found = Elements(markup).found
    radios = [a for tag, a in found if tag == "input"]
    assert len(radios) == len(stepper.steps) + 1 == 11
    assert len({a["name"] for a in radios}) == 1
    # The arrow keys belong to the button in focus, also in JupyterLab.
    assert all("data-lm-suppress-shortcuts" in a for a in radios)
    assert ["checked" in a for a in radios] == [True] + [False] * 10
    assert [a["aria-label"] for a in radios][:2] == ["Start", "Step 1 of 10, forward"]
    ids = {a["id"] for a in radios}
    labels = [a["for"] for tag, a in found if tag == "label"]
    assert set(labels) == ids and len(labels) == 2 * 11 - 2
    for step in stepper.steps:
        assert html.escape(step.text, quote=False) in markup
        assert step.text in repr(stepper)
    assert stepper._repr_mimebundle_()["text/plain"] == repr(stepper)


def test_numbers_appear_in_order():
    markup = large().stepper().html
    body = markup[markup.index("<svg") : markup.index("</svg>")]
    count = len(large().stepper().steps)
    assert {int(n) for n in re.findall(r"\bat-(\d+)", body)} == set(range(1, count + 1))
    for number in re.findall(r"\bfrom-(\d+)", body):
        assert f"-{number}~.cr-body .from-{number}" in markup


def test_equal_steppers_on_one_page_can_be_told_apart():
    one, two, other = shared().stepper(), shared().stepper(), shared().stepper(key="2")
    assert one.html == two.html
    assert one._id != other._id
