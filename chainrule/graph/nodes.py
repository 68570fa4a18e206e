"""Nodes and edges: write an expression with variables, and it becomes a graph."""

from __future__ import annotations

import math
import numbers

import numpy as np

from chainrule.graph.operators import differentiate, evaluate


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
    ) -> None:
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

    def __add__(self, other: Node | float) -> Node:
        return _apply("+", self, other)

    def __radd__(self, other: float) -> Node:
        return _apply("+", other, self)

    def __sub__(self, other: Node | float) -> Node:
        return _apply("-", self, other)

    def __rsub__(self, other: float) -> Node:
        return _apply("-", other, self)

    def __mul__(self, other: Node | float) -> Node:
        return _apply("*", self, other)

    def __rmul__(self, other: float) -> Node:
        return _apply("*", other, self)

    def __truediv__(self, other: Node | float) -> Node:
        return _apply("/", self, other)

    def __rtruediv__(self, other: float) -> Node:
        return _apply("/", other, self)

    def __pow__(self, other: Node | float) -> Node:
        return _apply("**", self, other)

    def __rpow__(self, other: float) -> Node:
        return _apply("**", other, self)

    def __neg__(self) -> Node:
        return _apply("neg", self)

    def __abs__(self) -> Node:
        return _apply("abs", self)


def variable(name: str, value: float) -> Node:
    """Return a leaf whose gradient is wanted.

    >>> variable("x", 2.0)
    <Node x: variable, value 2.0>

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
    return Node(checked_number(value, f"variable {name!r}"), _checked_name(name), is_variable=True)


def constant(value: float) -> Node:
    """Return a leaf whose gradient is not wanted.

    Plain numbers in an expression become constants by themselves. Give a
    constant a name to be able to change it with `Graph.forward`.

    >>> constant(1).named("y")
    <Node y: constant, value 1.0>

    Raises
    ------
    TypeError
        If the value is not a number.
    ValueError
        If the value is not finite.
    """
    return Node(checked_number(value, "a constant"))


def copy(node: Node, n: int = 2) -> tuple[Node, ...]:
    """Copy a value, once for each place that uses it.

    The forward pass hands on the same value `n` times. In the backward pass the
    gradients of the copies add up.

    >>> [one.label for one in copy(variable("b", 2.0))]
    ['b′', 'b″']

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
    if not _is_count(n):
        raise ValueError(f"copy needs a whole number of copies, at least 1, not {n!r}")
    original = _as_node(node)
    copies = tuple(_apply("copy", original) for _ in range(n))
    if original.label:
        for number, one in enumerate(copies, start=1):
            one.label = original.label + {1: "′", 2: "″", 3: "‴"}.get(number, f"′{number}")
    return copies


def choose(a: Node, b: Node, which: Node | int) -> Node:
    """Return `a` if `which` is 1 and `b` if it is 2; there is no gradient for `which`.

    `which` may be a number or a constant with a name.

    >>> choose(variable("a", 2.0), variable("b", 3.0), 2).value
    3.0

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
    """Return a².

    >>> square(variable("a", 3.0)).value
    9.0
    """
    return _apply("square", a)


def sqrt(a: Node) -> Node:
    """Return the square root of a; a ValueError is raised for a < 0.

    >>> sqrt(variable("a", 9.0)).value
    3.0
    """
    return _apply("sqrt", a)


def exp(a: Node) -> Node:
    """Return e to the power of a; an OverflowError is raised for a > 709.

    >>> exp(variable("a", 0.0)).value
    1.0
    """
    return _apply("exp", a)


def log(a: Node) -> Node:
    """Return the natural logarithm; a ValueError is raised for a <= 0.

    >>> log(variable("a", 1.0)).value
    0.0
    """
    return _apply("log", a)


def sin(a: Node) -> Node:
    """Return the sine of a, in radians.

    >>> sin(variable("a", 0.0)).value
    0.0
    """
    return _apply("sin", a)


def cos(a: Node) -> Node:
    """Return the cosine of a, in radians.

    >>> cos(variable("a", 0.0)).value
    1.0
    """
    return _apply("cos", a)


def tan(a: Node) -> Node:
    """Return the tangent of a, in radians.

    >>> tan(variable("a", 0.0)).value
    0.0
    """
    return _apply("tan", a)


def tanh(a: Node) -> Node:
    """Return the hyperbolic tangent of a.

    >>> tanh(variable("a", 0.0)).value
    0.0
    """
    return _apply("tanh", a)


def sigmoid(a: Node) -> Node:
    """Return 1 / (1 + exp(−a)).

    >>> sigmoid(variable("a", 0.0)).value
    0.5
    """
    return _apply("sigmoid", a)


def relu(a: Node) -> Node:
    """Return max(a, 0); the derivative at 0 is taken to be 0.

    >>> relu(variable("a", -2.0)).value
    0.0
    """
    return _apply("relu", a)


def absolute(a: Node) -> Node:
    """Return |a|; the derivative at 0 is taken to be 0.

    >>> absolute(variable("a", -2.0)).value
    2.0
    """
    return _apply("abs", a)


def maximum(a: Node, b: Node) -> Node:
    """Return the larger of a and b; in a tie the whole gradient goes to a.

    >>> maximum(variable("a", 2.0), variable("b", 3.0)).value
    3.0
    """
    return _apply("max", a, b)


def minimum(a: Node, b: Node) -> Node:
    """Return the smaller of a and b; in a tie the whole gradient goes to a.

    >>> minimum(variable("a", 2.0), variable("b", 3.0)).value
    2.0
    """
    return _apply("min", a, b)


def _apply(name: str, *arguments: Node | float) -> Node:
    inputs = tuple(_as_node(argument) for argument in arguments)
    value = evaluate(name, inputs, [node.value for node in inputs])
    return Node(value, operator=name, inputs=inputs)


def _as_node(value: Node | float) -> Node:
    return value if isinstance(value, Node) else constant(value)


def _is_count(n: object) -> bool:
    return isinstance(n, numbers.Integral) and int(n) >= 1


def checked_number(value: object, what: str) -> float:
    """Return a finite number as a float, or say what is wrong with it; `what` names it.

    Raises
    ------
    TypeError
        If the value is not a single real number.
    ValueError
        If it is not finite.
    """
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

    def __init__(self, source: Node, target: Node, position: int, wanted: bool) -> None:
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
        operator = self.target.operator
        assert operator is not None  # edges lead to operators only
        return differentiate(operator, self.position, self.target.inputs, self.target.label)

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
