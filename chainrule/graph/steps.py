"""The steps of a forward and a backward pass, in words and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainrule.graph.formatting import format_number

if TYPE_CHECKING:
    from chainrule.graph.engine import Graph, Passed
    from chainrule.graph.nodes import Edge, Node


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


def describe_steps(graph: Graph, backward_pass: Iterable[Passed], digits: int) -> list[Step]:
    """Return the forward pass node by node, then the backward pass edge by edge.

    Parameters
    ----------
    graph : Graph
        With its values.
    backward_pass : iterable of Passed
        What the backward pass through it yields.
    digits : int
        Significant digits of the numbers in the texts.
    """
    forward = [
        Step("forward", f"{formula} = {format_number(node.value, digits)}", node, None, node.value)
        for node, formula in graph.formulas().items()
    ]
    return forward + _backward_steps(graph, backward_pass, digits)


def _backward_steps(graph: Graph, backward_pass: Iterable[Passed], digits: int) -> list[Step]:
    names = graph.names()
    out = names[graph.output]
    seen: dict[Node, float] = {}
    steps = []

    def show(number: float) -> str:
        return format_number(number, digits)

    for node, edge, upstream, local, total in backward_pass:
        if edge is None or upstream is None or local is None:  # the start has none of the three
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
