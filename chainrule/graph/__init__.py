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

from chainrule.graph.engine import Graph
from chainrule.graph.formatting import format_number
from chainrule.graph.nodes import (
    Edge,
    Node,
    absolute,
    choose,
    constant,
    copy,
    cos,
    exp,
    log,
    maximum,
    minimum,
    relu,
    sigmoid,
    sin,
    sqrt,
    square,
    tan,
    tanh,
    variable,
)
from chainrule.graph.operators import OPERATORS, Operator
from chainrule.graph.steps import Step

__all__ = [
    "OPERATORS",
    "Edge",
    "Graph",
    "Node",
    "Operator",
    "Step",
    "absolute",
    "choose",
    "constant",
    "copy",
    "cos",
    "exp",
    "format_number",
    "log",
    "maximum",
    "minimum",
    "relu",
    "sigmoid",
    "sin",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "variable",
]
