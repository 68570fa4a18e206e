"""What is drawn of a graph: vertices, the wires that join them, and their labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from chainrule.graph.formatting import format_number

if TYPE_CHECKING:
    from chainrule.graph.engine import Graph
    from chainrule.graph.layout import Item
    from chainrule.graph.nodes import Edge, Node

_SYMBOLS = {"*": "×", "/": "÷", "-": "−", "**": "^", "square": "( )²", "sqrt": "√", "sigmoid": "σ"}
_ORDER_FREE = {"+", "*", "max", "min"}
# How an operator shows a plain number as its first or second argument.
_WITH_NUMBER = {
    "+": ("+ {}", "+ {}"),
    "-": ("{} −", "− {}"),
    "*": ("× {}", "× {}"),
    "/": ("{} ÷", "÷ {}"),
    "**": ("{} ^", "^ {}"),
    "max": ("max {}", "max {}"),
    "min": ("min {}", "min {}"),
}


@dataclass(eq=False)
class Vertex:
    """A box or circle. All copies of a node share one vertex."""

    kind: str  # "variable", "constant", "operator", "copy" or "output"
    text: str
    node: Node | None
    formula: str = ""
    order_free: bool = False
    layer: int = 0
    inputs: list[Wire] = field(default_factory=list)
    outputs: list[Wire] = field(default_factory=list)
    total: list[Run] = field(default_factory=list)


@dataclass(eq=False)
class Wire:
    """An arrow on which the value of `node` travels; gradients come back over `edges`."""

    source: Vertex
    target: Vertex
    node: Node
    edges: list[Edge]
    dashed: bool = False
    above: list[Run] = field(default_factory=list)
    below: list[Run] = field(default_factory=list)
    route: list[Item] = field(default_factory=list)
    port: float = 0.0


@dataclass(frozen=True)
class Run:
    """A piece of text in one style."""

    text: str
    style: str


def vertices_of(graph: Graph) -> list[Vertex]:
    """Turn nodes and edges into vertices and wires; the output's box comes last."""
    names = graph.names()
    formulas = graph.formulas()
    vertex_of: dict[Node, Vertex] = {}
    copies: dict[Node, Vertex] = {}
    vertices: list[Vertex] = []
    absorbed = {edge for node in graph.nodes for edge in _plain_number(graph, node)}

    def connect(source: Vertex, target: Vertex, node: Node, edges: list[Edge], dashed=False):
        wire = Wire(source, target, node, edges, dashed)
        source.outputs.append(wire)
        target.inputs.append(wire)

    for node in graph.nodes:
        uses = graph.outgoing(node)
        if uses and absorbed.issuperset(uses):
            continue
        if node.operator == "copy" and node.inputs[0] in copies:
            vertex_of[node] = copies[node.inputs[0]]
            vertex_of[node].inputs[0].edges += graph.incoming(node)
            continue
        if node.operator is None:
            kind = "variable" if node.is_variable else "constant"
            text = names[node]
            if kind == "constant" and node.label:
                text += f" = {format_number(node.value)}"
            vertex = Vertex(kind, text, node)
        elif node.operator == "copy":
            vertex = copies[node.inputs[0]] = Vertex("copy", "copy", node)
        else:
            symbol = _SYMBOLS.get(node.operator, node.operator)
            for edge in _plain_number(graph, node):
                number = format_number(edge.source.value)
                number = f"({number})" if edge.source.value < 0 else number
                symbol = _WITH_NUMBER[node.operator][edge.position].format(number)
            vertex = Vertex("operator", symbol, node, formulas[node])
            vertex.order_free = node.operator in _ORDER_FREE
        for edge in graph.incoming(node):
            if edge in absorbed:
                continue
            dashed = node.operator == "choose" and edge.position == 2
            connect(vertex_of[edge.source], vertex, edge.source, [edge], dashed)
        vertex_of[node] = vertex
        vertices.append(vertex)
    output = Vertex("output", graph.output.label or "output", None)
    connect(vertex_of[graph.output], output, graph.output, [])
    return [*vertices, output]


def _plain_number(graph: Graph, node: Node) -> list[Edge]:
    """Return the edge of a number that is better written inside its operator, as in "+ 1"."""
    edges = graph.incoming(node)
    plain = [edge for edge in edges if edge.source.operator is None and not edge.source.label]
    return plain if len(plain) == 1 and node.operator in _WITH_NUMBER else []


# What a stepper adds to the parts of a picture: ("value", node), ("gradient", wire),
# ("total", vertex), ("vertex", vertex) or ("wire", wire) to the names of classes.
Marks: TypeAlias = dict[tuple[str, object], str]


def set_labels(vertices: list[Vertex], graph: Graph, show: str, digits: int, marks: Marks) -> None:
    """Write names and values above the wires, gradients below them."""
    names = graph.names()
    arrived: dict[Edge | None, float] = {}
    totals: dict[Node, float] = {}
    if show == "gradients":
        for step in graph.steps():
            if step.phase == "backward":
                arrived[step.edge] = step.value if step.downstream is None else step.downstream
                totals[step.node] = step.value
    for vertex in vertices:
        for wire in vertex.inputs:
            _label_wire(wire, names, show, digits, marks)
            # The last wire, to the output's box, carries dL/dL and belongs to no edge.
            edges: list[Edge | None] = [*wire.edges] or [None]
            parts = [arrived[edge] for edge in edges if edge in arrived]
            if parts:
                style = f"grad {marks.get(('gradient', wire), '')}"
                wire.below = [Run(f"← {format_number(sum(parts), digits)}", style)]
        if len(vertex.outputs) > 1 and vertex.kind != "copy" and vertex.node in totals:
            style = f"grad {marks.get(('total', vertex), '')}"
            number = format_number(totals[vertex.node], digits)
            vertex.total = [Run(f"← sum {number}", style)]


def _label_wire(wire: Wire, names: dict[Node, str], show: str, digits: int, marks: Marks):
    """Write what stands above a wire; boxes show their own names, constants their numbers."""
    if wire.source.kind == "constant":
        return
    if wire.source.kind != "variable" and wire.target.kind != "output":
        name = names[wire.node] if marks else wire.node.label
        if name:
            wire.above.append(Run(name, "name"))
    if show != "names":
        if wire.above:
            wire.above.append(Run(" = ", marks.get(("value", wire.node), "")))
        style = f"value {marks.get(('value', wire.node), '')}"
        wire.above.append(Run(format_number(wire.node.value, digits), style))
