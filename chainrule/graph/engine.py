"""A small scalar graph that records what it computes.

Write an expression with variables, and every operator in it becomes a node.
A forward pass computes the values; a backward pass sends gradients against the
arrows. On each edge, *downstream = upstream x local*:

>>> from chainrule.graph import Graph, variable
>>> a, b, c = variable("a", 2.0), variable("b", 3.0), variable("c", 4.0)
>>> graph = Graph((c + a * b).named("L"))
>>> graph.backward()["a"]
3.0

Source: D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning
representations by back-propagating errors", Nature 323 (1986).
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from chainrule.graph.drawing import Drawing, Stepper

# --- Operators: forward and local derivatives side by side -------------------


@dataclass(frozen=True)
class Operator:
    """What an operator computes, and its derivative for each of its arguments.

    ``local[i]`` takes the same arguments as ``forward`` and returns the
    derivative of the result with respect to argument ``i``.
    """

    name: str
    text: str
    forward: Callable[..., float]
    local: tuple[Callable[..., float], ...]


def _power(a: float, b: float) -> float:
    if a < 0 and b != int(b):
        raise ValueError("a negative number has no real power with a fractional exponent")
    return a**b


def _power_by_exponent(a: float, b: float) -> float:
    if a < 0 or (a == 0 and b <= 0):
        raise ValueError("the derivative by the exponent needs a positive base")
    return a**b * math.log(a) if a > 0 else 0.0


def _sigmoid(a: float) -> float:
    # exp of a large positive number overflows, so its argument stays negative.
    return 1 / (1 + math.exp(-a)) if a >= 0 else math.exp(a) / (1 + math.exp(a))


def _choose(a: float, b: float, which: float) -> float:
    if which not in (1, 2):
        raise ValueError(f"the number of the choice must be 1 or 2, not {which:g}")
    return a if which == 1 else b


OPERATORS = {
    operator.name: operator
    for operator in (
        Operator("+", "{} + {}", lambda a, b: a + b, (lambda a, b: 1.0, lambda a, b: 1.0)),
        Operator("-", "{} − {}", lambda a, b: a - b, (lambda a, b: 1.0, lambda a, b: -1.0)),
        Operator("*", "{} · {}", lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
        Operator("/", "{} / {}", lambda a, b: a / b, (lambda a, b: 1 / b, lambda a, b: -a / b / b)),
        Operator(
            "**",
            "{} ^ {}",
            _power,
            (lambda a, b: b * a ** (b - 1) if b != 0 else 0.0, _power_by_exponent),
        ),
        Operator("neg", "−{}", lambda a: -a, (lambda a: -1.0,)),
        Operator("square", "{}²", lambda a: a * a, (lambda a: 2 * a,)),
        Operator("sqrt", "√{}", math.sqrt, (lambda a: 0.5 / math.sqrt(a),)),
        Operator("exp", "exp {}", math.exp, (math.exp,)),
        Operator("log", "log {}", math.log, (lambda a: 1 / a,)),
        Operator("sin", "sin {}", math.sin, (math.cos,)),
        Operator("cos", "cos {}", math.cos, (lambda a: -math.sin(a),)),
        Operator("tan", "tan {}", math.tan, (lambda a: 1 + math.tan(a) ** 2,)),
        Operator("tanh", "tanh {}", math.tanh, (lambda a: 1 - math.tanh(a) ** 2,)),
        Operator("sigmoid", "σ({})", _sigmoid, (lambda a: _sigmoid(a) * _sigmoid(-a),)),
        # At a kink any value between the slopes of the two sides is defensible.
        # relu and abs take 0, as PyTorch does; a tie in max or min goes to the first.
        Operator("relu", "relu {}", lambda a: max(a, 0.0), (lambda a: 1.0 if a > 0 else 0.0,)),
        Operator("abs", "|{}|", abs, (lambda a: float((a > 0) - (a < 0)),)),
        Operator(
            "max",
            "max({}, {})",
            max,
            (lambda a, b: 1.0 if a >= b else 0.0, lambda a, b: 1.0 if b > a else 0.0),
        ),
        Operator(
            "min",
            "min({}, {})",
            min,
            (lambda a, b: 1.0 if a <= b else 0.0, lambda a, b: 1.0 if b < a else 0.0),
        ),
        Operator(
            "choose",
            "choose({}, {}, {})",
            _choose,
            (
                lambda a, b, which: 1.0 if which == 1 else 0.0,
                lambda a, b, which: 1.0 if which == 2 else 0.0,
                lambda a, b, which: 0.0,
            ),
        ),
        Operator("copy", "copy of {}", lambda a: a, (lambda a: 1.0,)),
    )
}

_ADVICE = {
    "/": "Keep the divisor away from 0.",
    "log": "Its argument must be greater than 0.",
    "sqrt": "Its argument must not be negative; at 0 it has no derivative.",
    "**": "Use a positive base, or a whole exponent that is not negative.",
    "exp": "Its argument must stay below about 709.",
    "choose": "Pass 1 for the first value or 2 for the second.",
}


# --- Nodes --------------------------------------------------------------------


class Node:
    """A value in the graph: a variable, a constant or the result of an operator.

    Make nodes with `variable`, `constant`, the functions of this module and
    Python's ``+ - * / **``, not by calling this class.

    Attributes
    ----------
    value : float
        The result of the last forward pass.
    grad : float or None
        dL/dnode for the graph's output L; None before a backward pass, and for
        nodes that depend on no variable.
    label : str or None
        The name used in figures and steps.
    operator : str or None
        ``"+"``, ``"*"``, ``"exp"``, ``"copy"`` and so on; None for a leaf.
    inputs : tuple of Node
        The operator's arguments.
    is_variable : bool
        Whether the gradient of this leaf is wanted.
    """

    # NumPy scalars on the left of an operator must leave the work to Node.
    __array_ufunc__ = None

    def __init__(
        self,
        value: float,
        label: str | None = None,
        operator: str | None = None,
        inputs: tuple[Node, ...] = (),
        is_variable: bool = False,
    ):
        self.value = value
        self.grad: float | None = None
        self.label = label
        self.operator = operator
        self.inputs = inputs
        self.is_variable = is_variable

    def named(self, label: str) -> Node:
        """Set the label that figures and steps show, and return this node."""
        self.label = _checked_name(label)
        return self

    def __repr__(self) -> str:
        what = self.operator or ("variable" if self.is_variable else "constant")
        return f"<Node {self.label or '(unnamed)'}: {what}, value {self.value!r}>"

    def __add__(self, other):
        return _apply("+", self, other)

    def __radd__(self, other):
        return _apply("+", other, self)

    def __sub__(self, other):
        return _apply("-", self, other)

    def __rsub__(self, other):
        return _apply("-", other, self)

    def __mul__(self, other):
        return _apply("*", self, other)

    def __rmul__(self, other):
        return _apply("*", other, self)

    def __truediv__(self, other):
        return _apply("/", self, other)

    def __rtruediv__(self, other):
        return _apply("/", other, self)

    def __pow__(self, other):
        return _apply("**", self, other)

    def __rpow__(self, other):
        return _apply("**", other, self)

    def __neg__(self):
        return _apply("neg", self)

    def __abs__(self):
        return _apply("abs", self)


def variable(name: str, value: float) -> Node:
    """Return a leaf whose gradient is wanted.

    Parameters
    ----------
    name : str
        Unique in the graph; the key of its gradient.
    value : float
        A finite number; NumPy scalars are stored as Python floats.

    Raises
    ------
    TypeError
        If the value is not a number.
    ValueError
        If the value is not finite or the name is empty.
    """
    return Node(_number(value, f"variable {name!r}"), _checked_name(name), is_variable=True)


def constant(value: float) -> Node:
    """Return a leaf whose gradient is not wanted.

    Plain numbers in an expression become constants by themselves. Give a
    constant a name (``constant(1).named("y")``) to be able to change it with
    `Graph.forward`.

    Raises
    ------
    TypeError
        If the value is not a number.
    ValueError
        If the value is not finite.
    """
    return Node(_number(value, "a constant"))


def copy(node: Node, n: int = 2) -> tuple[Node, ...]:
    """Copy a value, once for each place that uses it.

    The forward pass hands on the same value `n` times. In the backward pass the
    gradients of the copies add up.

    Parameters
    ----------
    node : Node or number
        The value that is used more than once.
    n : int
        How many copies, at least 1.

    Returns
    -------
    tuple of Node
        The copies, named after the original where it has a name (``b′``, ``b″``).

    Raises
    ------
    ValueError
        If `n` is not a whole number of at least 1.
    """
    if not isinstance(n, numbers.Integral) or n < 1:
        raise ValueError(f"copy needs a whole number of copies, at least 1, not {n!r}")
    original = _as_node(node)
    copies = tuple(_apply("copy", original) for _ in range(n))
    if original.label:
        for number, one in enumerate(copies, start=1):
            one.label = original.label + {1: "′", 2: "″", 3: "‴"}.get(number, f"′{number}")
    return copies


def choose(a: Node, b: Node, which: int) -> Node:
    """Return `a` if `which` is 1 and `b` if it is 2; there is no gradient for `which`.

    `which` may be a number or a constant with a name.

    Raises
    ------
    ValueError
        If `which` is neither 1 nor 2, or is a variable.
    """
    if isinstance(which, Node) and which.is_variable:
        raise ValueError(
            "choose has no derivative for the number of the choice: make it a constant, "
            "not a variable"
        )
    return _apply("choose", a, b, which)


def square(a: Node) -> Node:
    """Return a²."""
    return _apply("square", a)


def sqrt(a: Node) -> Node:
    """Return the square root of a; a ValueError is raised for a < 0."""
    return _apply("sqrt", a)


def exp(a: Node) -> Node:
    """Return e to the power of a; an OverflowError is raised for a > 709."""
    return _apply("exp", a)


def log(a: Node) -> Node:
    """Return the natural logarithm; a ValueError is raised for a <= 0."""
    return _apply("log", a)


def sin(a: Node) -> Node:
    """Return the sine of a, in radians."""
    return _apply("sin", a)


def cos(a: Node) -> Node:
    """Return the cosine of a, in radians."""
    return _apply("cos", a)


def tan(a: Node) -> Node:
    """Return the tangent of a, in radians."""
    return _apply("tan", a)


def tanh(a: Node) -> Node:
    """Return the hyperbolic tangent of a."""
    return _apply("tanh", a)


def sigmoid(a: Node) -> Node:
    """Return 1 / (1 + exp(−a))."""
    return _apply("sigmoid", a)


def relu(a: Node) -> Node:
    """Return max(a, 0); the derivative at 0 is taken to be 0."""
    return _apply("relu", a)


def absolute(a: Node) -> Node:
    """Return |a|; the derivative at 0 is taken to be 0."""
    return _apply("abs", a)


def maximum(a: Node, b: Node) -> Node:
    """Return the larger of a and b; in a tie the whole gradient goes to a."""
    return _apply("max", a, b)


def minimum(a: Node, b: Node) -> Node:
    """Return the smaller of a and b; in a tie the whole gradient goes to a."""
    return _apply("min", a, b)


def _apply(name: str, *arguments: Node | float) -> Node:
    inputs = tuple(_as_node(argument) for argument in arguments)
    value = _evaluate(name, inputs, [node.value for node in inputs])
    return Node(value, operator=name, inputs=inputs)


def _evaluate(name: str, inputs: tuple[Node, ...], values: list[float], label=None) -> float:
    """Run an operator forward, and explain what went wrong where it cannot be run."""
    try:
        result = OPERATORS[name].forward(*values)
        if not math.isfinite(result):
            raise OverflowError("the result is too large")
        return float(result)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise _explained(error, "compute", name, inputs, values, label) from error


def _explained(error, verb, name, inputs, values, label=None) -> Exception:
    given = ", ".join(
        f"{node.label}={value:g}" if node.label else f"{value:g}"
        for node, value in zip(inputs, values, strict=True)
    )
    of = f"{label!r}, " if label else ""
    advice = _ADVICE.get(name, "Choose other inputs.")
    return type(error)(f"cannot {verb} {of}operator {name!r} with ({given}): {error}. {advice}")


def _as_node(value: Node | float) -> Node:
    return value if isinstance(value, Node) else constant(value)


def _number(value: float, what: str) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{what} must be a single real number, not {type(value).__name__}")
    if not math.isfinite(value):
        raise ValueError(f"{what} must be finite, not {value!r}")
    return float(value)


def _checked_name(name: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"a name must be a non-empty string, not {name!r}")
    return name


# --- Edges and graphs -----------------------------------------------------------


class Edge:
    """The arrow from an argument to the operator that uses it.

    An edge is itself for as long as its graph lives, so it can be a key of a
    dictionary before and after `Graph.forward`.

    Attributes
    ----------
    source, target : Node
        The argument and the node computed from it.
    position : int
        Which argument of the target, from 0.
    wanted : bool
        Whether a variable lies behind the source, so that a gradient has to pass.
    """

    def __init__(self, source: Node, target: Node, position: int, wanted: bool):
        self.source = source
        self.target = target
        self.position = position
        self.wanted = wanted

    @property
    def local(self) -> float:
        """The derivative of the target with respect to the source, at the present values.

        Raises
        ------
        ValueError, ZeroDivisionError
            If there is none, as for sqrt at 0.
        """
        name = self.target.operator
        values = [node.value for node in self.target.inputs]
        try:
            return float(OPERATORS[name].local[self.position](*values))
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise _explained(
                error, "differentiate", name, self.target.inputs, values, self.target.label
            ) from error

    @property
    def upstream(self) -> float | None:
        """The gradient that arrives at the target; None before a backward pass."""
        return self.target.grad

    @property
    def downstream(self) -> float | None:
        """Upstream x local, the gradient sent to the source; None where none is sent."""
        if self.upstream is None or not self.wanted:
            return None
        return self.upstream * self.local

    def __repr__(self) -> str:
        source = self.source.label or self.source.operator or repr(self.source.value)
        target = self.target.label or self.target.operator
        return f"<Edge {source} -> {target}, argument {self.position}>"


@dataclass(frozen=True)
class Step:
    """One step of a forward or a backward pass.

    Attributes
    ----------
    phase : {"forward", "backward"}
        The pass this step belongs to.
    text : str
        What happens, in one line, with numbers.
    node : Node
        The node that is computed, or whose gradient grows.
    edge : Edge or None
        The edge that a gradient passes; None in the forward pass and for the
        first backward step, dL/dL = 1.
    value : float
        The computed value, or the gradient of `node` so far.
    upstream, local, downstream : float or None
        The numbers on the edge.
    """

    phase: str
    text: str
    node: Node
    edge: Edge | None
    value: float
    upstream: float | None = None
    local: float | None = None
    downstream: float | None = None


class Graph:
    """All nodes that an output depends on.

    Parameters
    ----------
    output : Node
        The result, L in dL/dx.

    Attributes
    ----------
    nodes : list of Node
        In topological order: every node stands after its inputs.
    edges : list of Edge
        In the order of their targets and of the arguments.
    variables : dict of str to Node
        The leaves whose gradients are wanted.

    Raises
    ------
    TypeError
        If the output is not a node.
    ValueError
        If two variables (or named constants) share a name.
    """

    def __init__(self, output: Node):
        if not isinstance(output, Node):
            raise TypeError(
                f"the output of a graph must be a node, not {type(output).__name__}: "
                "make its inputs with variable(name, value)"
            )
        self.output = output
        self.nodes = _topological(output)
        self.variables: dict[str, Node] = {}
        self._named_leaves: dict[str, Node] = {}
        wanted: set[Node] = set()
        self.edges: list[Edge] = []
        self._incoming: dict[Node, list[Edge]] = {}
        self._outgoing: dict[Node, list[Edge]] = {node: [] for node in self.nodes}
        for node in self.nodes:
            if not node.inputs and node.label:
                if node.label in self._named_leaves:
                    raise ValueError(
                        f"two inputs are called {node.label!r}: every name must be unique. "
                        "Use one variable twice, or choose another name"
                    )
                self._named_leaves[node.label] = node
            if node.is_variable:
                self.variables[node.label] = node
            if node.is_variable or any(source in wanted for source in node.inputs):
                wanted.add(node)
            self._incoming[node] = [
                Edge(source, node, position, source in wanted)
                for position, source in enumerate(node.inputs)
            ]
            for edge in self._incoming[node]:
                self._outgoing[edge.source].append(edge)
                self.edges.append(edge)

    @property
    def shared(self) -> list[Node]:
        """Nodes with more than one outgoing edge, whose gradients therefore add.

        The explicit copy operator counts as well: the copied node has an edge to
        each of its copies.
        """
        return [node for node in self.nodes if len(self._outgoing[node]) > 1]

    @property
    def operators(self) -> list[Node]:
        """Nodes computed by an operator; leaves and copies do not count."""
        return [node for node in self.nodes if node.operator not in (None, "copy")]

    def incoming(self, node: Node) -> list[Edge]:
        """Return the edges into a node, in the order of its arguments."""
        return list(self._incoming[node])

    def outgoing(self, node: Node) -> list[Edge]:
        """Return the edges out of a node."""
        return list(self._outgoing[node])

    def node(self, label: str) -> Node:
        """Return the only node with this label.

        Raises
        ------
        KeyError
            If no node, or more than one, has this label.
        """
        found = [node for node in self.nodes if node.label == label]
        if len(found) != 1:
            known = ", ".join(node.label for node in self.nodes if node.label)
            raise KeyError(f"{len(found)} nodes are called {label!r}; the names are: {known}")
        return found[0]

    def forward(self, **values: float) -> float:
        """Compute every value again, with new values for some inputs.

        Parameters
        ----------
        **values : float
            By name of the variable or named constant; the others keep theirs.

        Returns
        -------
        float
            The new value of the output. Gradients of earlier values are dropped.

        Raises
        ------
        KeyError
            If no input has that name.
        ValueError, ZeroDivisionError, OverflowError
            If an operator cannot take its inputs; the graph then stays as it was.
        """
        unknown = [name for name in values if name not in self._named_leaves]
        if unknown:
            known = ", ".join(self._named_leaves) or "(none)"
            raise KeyError(f"no input is called {unknown[0]!r}; the inputs are: {known}")
        result: dict[Node, float] = {}
        for node in self.nodes:
            if node.operator:
                arguments = [result[source] for source in node.inputs]
                result[node] = _evaluate(node.operator, node.inputs, arguments, node.label)
            elif node.label in values:
                result[node] = _number(values[node.label], f"input {node.label!r}")
            else:
                result[node] = node.value
        for node, value in result.items():
            node.value = value
            node.grad = None
        return self.output.value

    def backward(self) -> dict[str, float]:
        """Compute dL/dnode for every node, store it in ``node.grad``, and return dL/dvariable.

        Returns
        -------
        dict of str to float
            The gradient of the output with respect to each variable.

        Raises
        ------
        ValueError, ZeroDivisionError
            If an operator has no derivative at its inputs.
        """
        gradients = self._gradients({})
        for node in self.nodes:
            node.grad = gradients.get(node)
        return {name: node.grad for name, node in self.variables.items()}

    def gradients(
        self, local: Mapping[Edge, float | Callable[[float], float]] | None = None
    ) -> dict[str, float]:
        """Return dL/dvariable and leave the graph as it is.

        Parameters
        ----------
        local : mapping of Edge to float or callable, optional
            Local derivatives to use in place of the true ones: a number, or a
            function of the true local derivative. ``{edge: 0.0}`` drops a path,
            ``{edge: lambda d: -d}`` turns a sign round.

        Returns
        -------
        dict of str to float
            The gradient with respect to each variable.

        Raises
        ------
        KeyError
            If an edge does not belong to this graph.
        """
        replaced = dict(local or {})
        own = set(self.edges)
        foreign = [edge for edge in replaced if edge not in own]
        if foreign:
            raise KeyError(f"{foreign[0]!r} is not an edge of this graph")
        gradients = self._gradients(replaced)
        return {name: gradients[node] for name, node in self.variables.items()}

    def _gradients(self, replaced: Mapping) -> dict[Node, float]:
        gradients: dict[Node, float] = {}
        for node, _, _, _, total in self._backward_pass(replaced):
            gradients[node] = total
        return gradients

    def _backward_pass(self, replaced: Mapping) -> Iterator[tuple]:
        """Yield (node, edge, upstream, local, gradient of the node so far), output first."""
        gradients: dict[Node, float] = {self.output: 1.0}
        yield self.output, None, None, None, 1.0
        for target in reversed(self.nodes):
            for edge in self._incoming[target]:
                if not edge.wanted:
                    continue
                local = replaced[edge] if edge in replaced else edge.local
                if callable(local):
                    local = local(edge.local)
                total = gradients.get(edge.source, 0.0) + gradients[target] * local
                gradients[edge.source] = total
                yield edge.source, edge, gradients[target], local, total

    # --- Looking at a graph ---

    def names(self) -> dict[Node, str]:
        """Return a name for every node: its label, its number if constant, or v1, v2, ..."""
        taken = {node.label for node in self.nodes}
        fresh = (f"v{i}" for i in range(1, len(self.nodes) + 1 + len(taken)))
        names = {}
        for node in self.nodes:
            if node.label:
                names[node] = node.label
            elif node.operator is None:
                names[node] = format_number(node.value)
            else:
                names[node] = next(name for name in fresh if name not in taken)
        return names

    def formulas(self) -> dict[Node, str]:
        """Return, for every operator node, how it is computed: ``"d = 2 · x"``."""
        names = self.names()
        return {
            node: f"{names[node]} = "
            + OPERATORS[node.operator].text.format(*(names[source] for source in node.inputs))
            for node in self.nodes
            if node.operator
        }

    def steps(self, digits: int = 4) -> list[Step]:
        """Return the forward pass node by node, then the backward pass edge by edge.

        Parameters
        ----------
        digits : int
            Significant digits of the numbers in the texts.

        Returns
        -------
        list of Step
            The graph's values and gradients stay as they are.

        Raises
        ------
        ValueError, ZeroDivisionError
            If an operator has no derivative at its inputs.
        """
        names = self.names()

        def show(number: float) -> str:
            return format_number(number, digits)

        steps = [
            Step("forward", f"{formula} = {show(node.value)}", node, None, node.value)
            for node, formula in self.formulas().items()
        ]
        seen: dict[Node, float] = {}
        out = names[self.output]
        for node, edge, upstream, local, total in self._backward_pass({}):
            if edge is None:
                text = f"d{out}/d{out} = 1: the backward pass starts at the output"
                steps.append(Step("backward", text, node, None, 1.0))
                continue
            downstream = upstream * local
            text = (
                f"from {names[edge.target]} back to {names[node]}: upstream {show(upstream)} × "
                f"local {show(local)} = downstream {show(downstream)}"
            )
            if node in seen:
                text += (
                    f"; gradients of {names[node]} add: "
                    f"{show(seen[node])} + {show(downstream)} = {show(total)}"
                )
            seen[node] = total
            steps.append(Step("backward", text, node, edge, total, upstream, local, downstream))
        return steps

    def draw(self, show: str | None = None, **options) -> Drawing:
        """Draw the graph from left to right; see `chainrule.graph.drawing.draw_graph`."""
        from chainrule.graph.drawing import draw_graph

        return draw_graph(self, show, **options)

    def stepper(self, **options) -> Stepper:
        """Return the graph with buttons for each step; see `chainrule.graph.drawing.step_graph`."""
        from chainrule.graph.drawing import step_graph

        return step_graph(self, **options)


def _topological(output: Node) -> list[Node]:
    """Order the nodes so that inputs come first; a stack, because graphs can be deep."""
    order: list[Node] = []
    placed: set[Node] = set()
    stack = [output]
    while stack:
        node = stack[-1]
        if node in placed:
            stack.pop()
            continue
        missing = [source for source in node.inputs if source not in placed]
        if missing:
            stack.extend(reversed(missing))
        else:
            placed.add(node)
            order.append(node)
            stack.pop()
    return order


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def format_number(value: float, digits: int = 4) -> str:
    """Return a number as a textbook would print it.

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Significant digits, at least 1.

    Returns
    -------
    str
        For example ``"−0.25"`` or ``"1.2·10⁻⁷"``, with a true minus sign.

    Raises
    ------
    ValueError
        If `digits` is less than 1.
    """
    if digits < 1:
        raise ValueError(f"digits must be at least 1, not {digits}")
    text = f"{value:.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    if float(text) == 0:
        return "0"
    shown = mantissa.replace("-", "−")
    if exponent:
        shown += "·10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    return shown
