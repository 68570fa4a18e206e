"""The scalar graph: values, gradients, replaced derivatives, steps and error messages."""

import math
import random

import numpy as np
import pytest

from chainrule import graph as cg
from chainrule.graph import Graph, choose, constant, copy, format_number, variable


def example():
    a, b, c = variable("a", 2.0), variable("b", 3.0), variable("c", 4.0)
    return Graph(((a * b).named("d") + (c * b).named("e")).named("L"))


# --- Values and gradients -----------------------------------------------------------

# Each entry: the function for nodes, its name in torch, and where it is safe.
UNARY = [
    (lambda a: -a, lambda t, a: -a),
    (cg.square, lambda t, a: a * a),
    (lambda a: cg.sqrt(a * a + 0.5), lambda t, a: t.sqrt(a * a + 0.5)),
    (lambda a: cg.exp(cg.tanh(a)), lambda t, a: t.exp(t.tanh(a))),
    (lambda a: cg.log(cg.absolute(a) + 1), lambda t, a: t.log(t.abs(a) + 1)),
    (cg.sin, lambda t, a: t.sin(a)),
    (cg.cos, lambda t, a: t.cos(a)),
    (lambda a: cg.tan(cg.sin(a)), lambda t, a: t.tan(t.sin(a))),
    (cg.sigmoid, lambda t, a: t.sigmoid(a)),
    (cg.relu, lambda t, a: t.relu(a)),
    (lambda a: (a * a + 0.3) ** -1.5, lambda t, a: (a * a + 0.3) ** -1.5),
    (lambda a: 2 - a, lambda t, a: 2 - a),
    (lambda a: 1.5 / (a * a + 1), lambda t, a: 1.5 / (a * a + 1)),
    (lambda a: 0.7 ** cg.tanh(a), lambda t, a: 0.7 ** t.tanh(a)),
    (lambda a: a**3, lambda t, a: a**3),
]
BINARY = [
    (lambda a, b: a + b, lambda t, a, b: a + b),
    (lambda a, b: a - b, lambda t, a, b: a - b),
    (lambda a, b: a * b, lambda t, a, b: a * b),
    (lambda a, b: a / (b * b + 1), lambda t, a, b: a / (b * b + 1)),
    (
        lambda a, b: (a * a + 0.1) ** cg.tanh(b),
        lambda t, a, b: (a * a + 0.1) ** t.tanh(b),
    ),
    (cg.maximum, lambda t, a, b: t.maximum(a, b)),
    (cg.minimum, lambda t, a, b: t.minimum(a, b)),
    (lambda a, b: choose(a, b, 1), lambda t, a, b: a),
    (lambda a, b: choose(a, b, 2), lambda t, a, b: b),
]


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_agree_with_pytorch(seed):
    torch = pytest.importorskip("torch")
    rng = random.Random(seed)
    start = {name: rng.uniform(-2, 2) for name in ("x", "y", "z")}
    nodes = [variable(name, value) for name, value in start.items()]
    tensors = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in start.values()]
    leaves = list(tensors)
    for _ in range(12):
        i, j = rng.randrange(len(nodes)), rng.randrange(len(nodes))
        if rng.random() < 0.5:
            mine, theirs = rng.choice(UNARY)
            node, tensor = mine(nodes[i]), theirs(torch, tensors[i])
        else:
            mine, theirs = rng.choice(BINARY)
            if i == j:
                continue
            node, tensor = mine(nodes[i], nodes[j]), theirs(torch, tensors[i], tensors[j])
        # Keep numbers of a size at which absolute errors mean something.
        if abs(node.value) < 1e3:
            nodes.append(node)
            tensors.append(tensor)
    out, total = sum(nodes[1:], start=nodes[0]), sum(tensors[1:], start=tensors[0])
    total.backward()
    graph = Graph(out)
    gradients = graph.backward()
    assert graph.output.value == pytest.approx(total.item(), rel=1e-12, abs=1e-12)
    for name, leaf in zip(start, leaves, strict=True):
        assert gradients[name] == pytest.approx(leaf.grad.item(), rel=1e-10, abs=1e-10)
    assert graph.gradients() == gradients

    moved = {name: value + 0.25 for name, value in start.items()}
    graph.forward(**moved)
    graph.forward(**start)
    assert graph.backward() == gradients


def test_ties_and_kinks_are_as_documented():
    a, b = variable("a", 1.0), variable("b", 1.0)
    assert Graph(cg.maximum(a, b)).backward() == {"a": 1.0, "b": 0.0}
    assert Graph(cg.minimum(a, b)).backward() == {"a": 1.0, "b": 0.0}
    z = variable("z", 0.0)
    assert Graph(cg.relu(z)).backward() == {"z": 0.0}
    assert Graph(cg.absolute(z)).backward() == {"z": 0.0}
    assert Graph(z**2).backward() == {"z": 0.0}
    assert Graph(z**0).backward() == {"z": 0.0}


def test_the_gradient_of_the_output_is_one():
    graph = example()
    assert graph.output.grad is None
    graph.backward()
    assert graph.output.grad == 1.0
    x = variable("x", 3)
    assert Graph(x).backward() == {"x": 1.0}
    assert Graph(constant(3)).backward() == {}


def test_forward_drops_gradients_of_earlier_values():
    graph = example()
    graph.backward()
    assert graph.forward(b=5) == 30.0
    assert all(node.grad is None for node in graph.nodes)
    assert graph.backward() == {"a": 5.0, "b": 6.0, "c": 5.0}


def test_negative_base_with_a_whole_exponent():
    x = variable("x", -2.0)
    graph = Graph(x**3)
    assert graph.backward() == {"x": 12.0}
    # The constant exponent has no derivative here, and none is asked for.
    assert all(edge.downstream is None for edge in graph.edges if not edge.wanted)


def test_numpy_scalars_and_plain_numbers():
    x = variable("x", np.float32(0.5))
    for out in (np.float64(2) * x, x * np.int64(2), np.array(2.0) * x, 2 * x, np.float32(2) * x):
        assert isinstance(out, cg.Node)
        assert type(out.value) is float and out.value == 1.0
    assert (1 - x).value == 0.5 and (1 / x).value == 2.0 and (4**x).value == 2.0
    assert (x - 1).value == -0.5 and abs(-x).value == 0.5


def test_explicit_copies_equal_implicit_sharing():
    a, b, c = variable("a", 0.3), variable("b", -1.2), variable("c", 2.0)
    implicit = Graph(a * b + c * b + cg.exp(b))
    a, b, c = variable("a", 0.3), variable("b", -1.2), variable("c", 2.0)
    b1, b2, b3 = copy(b, 3)
    explicit = Graph(a * b1 + c * b2 + cg.exp(b3))
    assert explicit.output.value == implicit.output.value
    assert explicit.backward() == pytest.approx(implicit.backward(), rel=1e-15)
    assert [node.label for node in (b1, b2, b3)] == ["b′", "b″", "b‴"]
    assert b1.grad + b2.grad + b3.grad == pytest.approx(b.grad)
    assert len(explicit.operators) == len(implicit.operators) == 5
    assert explicit.shared == [b]


# --- Edges ---------------------------------------------------------------------------


def test_edges_carry_upstream_local_and_downstream():
    graph = example()
    edge = next(e for e in graph.incoming(graph.node("e")) if e.source.label == "b")
    assert (edge.local, edge.upstream, edge.downstream) == (4.0, None, None)
    graph.backward()
    assert (edge.position, edge.local, edge.upstream, edge.downstream) == (1, 4.0, 1.0, 4.0)
    assert len(graph.edges) == 6
    assert [node.label for node in graph.shared] == ["b"]
    assert sum(e.downstream for e in graph.outgoing(graph.node("b"))) == graph.node("b").grad


def test_replaced_local_derivatives_show_typical_mistakes():
    graph = example()
    first, second = graph.outgoing(graph.node("b"))
    assert graph.gradients() == {"a": 3.0, "b": 6.0, "c": 3.0}
    assert graph.gradients({first: 0.0})["b"] == 4.0
    assert graph.gradients({second: 0.0})["b"] == 2.0
    assert graph.gradients({first: lambda d: -d})["b"] == 2.0
    assert graph.node("b").grad is None
    graph.forward(a=1.0)
    assert set(graph.outgoing(graph.node("b"))) == {first, second}
    assert graph.gradients({first: 0.0})["b"] == 4.0
    with pytest.raises(KeyError, match="not an edge of this graph"):
        graph.gradients({example().edges[0]: 0.0})


def test_a_replaced_derivative_need_not_exist():
    graph = Graph(cg.sqrt(variable("x", 0.0)))
    with pytest.raises(ZeroDivisionError, match=r"differentiate.*sqrt"):
        graph.backward()
    assert graph.gradients({graph.edges[0]: 7.0}) == {"x": 7.0}


def test_a_variable_used_twice_by_one_operator():
    x = variable("x", 3.0)
    graph = Graph(x * x)
    assert graph.backward() == {"x": 6.0}
    assert [edge.position for edge in graph.edges] == [0, 1]
    assert graph.shared == [x]


def test_choose_has_no_gradient_for_the_number():
    a, b, y = variable("a", 2.0), variable("b", 3.0), constant(2).named("y")
    graph = Graph(choose(a, b, y) * 5)
    assert graph.backward() == {"a": 0.0, "b": 5.0}
    assert y.grad is None
    assert graph.forward(y=1) == 10.0
    assert graph.backward() == {"a": 5.0, "b": 0.0}
    with pytest.raises(ValueError, match="must be 1 or 2, not 3"):
        graph.forward(y=3)
    assert graph.output.value == 10.0
    for which in (0, 3, 1.5):
        with pytest.raises(ValueError, match="must be 1 or 2"):
            choose(a, b, which)
    with pytest.raises(ValueError, match="make it a constant"):
        choose(a, b, variable("k", 1))


def test_long_chains_do_not_hit_the_recursion_limit():
    x = variable("x", 0.5)
    node = x
    for _ in range(5000):
        node = cg.sin(node) + 0.001
    graph = Graph(node)
    assert math.isfinite(graph.backward()["x"])
    assert math.isfinite(graph.forward(x=0.4))
    assert len(graph.steps()) == 2 * 10_000 + 1


def test_topological_order():
    graph = example()
    place = {node: i for i, node in enumerate(graph.nodes)}
    assert all(place[edge.source] < place[edge.target] for edge in graph.edges)
    assert list(graph.variables) == ["a", "b", "c"]


# --- Errors ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda x: cg.log(x - 1), ValueError, "'log'.*greater than 0"),
        (lambda x: cg.sqrt(-x), ValueError, "'sqrt'.*must not be negative"),
        (lambda x: x / (x - 1), ZeroDivisionError, "x=1.*Keep the divisor away from 0"),
        (lambda x: cg.exp(x * 1000), OverflowError, "'exp'.*below about 709"),
        (lambda x: (-x) ** 0.5, ValueError, "fractional exponent"),
        (lambda x: (x - 1) ** -1, ZeroDivisionError, "positive base"),
        (lambda x: x * 1e200 * 1e200, OverflowError, "too large"),
        (lambda x: x + "1", TypeError, "not str"),
        (lambda x: x + None, TypeError, "not NoneType"),
        (lambda x: x + 1j, TypeError, "not complex"),
        (lambda x: x * np.ones(2), TypeError, "single real number, not ndarray"),
        (lambda x: x + float("nan"), ValueError, "finite"),
        (lambda x: variable("v", float("inf")), ValueError, "'v' must be finite"),
        (lambda x: variable("", 1.0), ValueError, "non-empty"),
        (lambda x: x.named(3), ValueError, "non-empty string"),
        (lambda x: copy(x, 0), ValueError, "at least 1"),
        (lambda x: Graph(3.0), TypeError, "variable\\(name, value\\)"),
        (lambda x: Graph(x * variable("x", 2)), ValueError, "two inputs are called 'x'"),
        (lambda x: Graph(x).forward(z=1), KeyError, "'z'; the inputs are: x"),
        (lambda x: Graph(x).node("q"), KeyError, "0 nodes are called 'q'"),
    ],
)
def test_errors_say_what_and_where(make, error, words):
    with pytest.raises(error, match=words):
        make(variable("x", 1.0))


def test_an_error_names_the_node_and_leaves_the_graph_alone():
    x = variable("x", 2.0)
    graph = Graph(cg.log(x).named("q") * 3)
    before = graph.output.value
    with pytest.raises(ValueError, match="'q', operator 'log'"):
        graph.forward(x=-1)
    assert (x.value, graph.output.value) == (2.0, before)


# --- Steps -------------------------------------------------------------------------------


def test_steps_tell_both_passes():
    graph = example()
    steps = graph.steps()
    assert [step.text for step in steps] == [
        "d = a · b = 6",
        "e = c · b = 12",
        "L = d + e = 18",
        "dL/dL = 1: the backward pass starts at the output",
        "from L back to d: upstream 1 × local 1 = downstream 1",
        "from L back to e: upstream 1 × local 1 = downstream 1",
        "from e back to c: upstream 1 × local 3 = downstream 3",
        "from e back to b: upstream 1 × local 4 = downstream 4",
        "from d back to a: upstream 1 × local 3 = downstream 3",
        "from d back to b: upstream 1 × local 2 = downstream 2; gradients of b add: 4 + 2 = 6",
    ]
    assert [step.phase for step in steps] == ["forward"] * 3 + ["backward"] * 7
    assert graph.output.grad is None
    assert (steps[-1].upstream, steps[-1].local, steps[-1].downstream) == (1.0, 2.0, 2.0)
    assert (steps[-1].node.label, steps[-1].value) == ("b", 6.0)


def test_steps_skip_constants_and_name_the_nameless():
    x = variable("x", 0.6)
    steps = Graph(cg.exp(2 * x)).steps()
    assert [step.text for step in steps][:2] == ["v1 = 2 · x = 1.2", "v2 = exp v1 = 3.32"]
    assert len(steps) == 2 + 3
    x = variable("v1", 0.6)
    assert Graph(cg.exp(2 * x)).steps()[0].text == "v2 = 2 · v1 = 1.2"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 4, "0"),
        (-0.0, 4, "0"),
        (-0.25, 4, "−0.25"),
        (1 / 3, 4, "0.3333"),
        (1e-7 * 1.2, 4, "1.2·10⁻⁷"),
        (-3e20, 2, "−3·10²⁰"),
        (123456.0, 3, "1.23·10⁵"),
        (2.0, 4, "2"),
    ],
)
def test_format_number(value, digits, text):
    assert format_number(value, digits) == text


def test_format_number_needs_a_digit():
    with pytest.raises(ValueError, match="at least 1"):
        format_number(1.0, 0)
