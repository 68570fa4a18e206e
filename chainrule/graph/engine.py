"""Graphs, and the chain rule in one function: `_backward_pass`, which comes first here.

What an operator computes and its derivatives stand in `operators`, expressions in `nodes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from chainrule.graph.formatting import format_number
from chainrule.graph.nodes import Edge, Node, checked_number
from chainrule.graph.operators import OPERATORS, evaluate
from chainrule.graph.steps import Step, describe_steps

if TYPE_CHECKING:
    from chainrule.graph.drawing import Drawing
    from chainrule.graph.stepper import Stepper

#: A node, the edge that a gradient came over, its upstream and local gradient, and the
#: node's gradient so far. For the output, where dL/dL = 1, there is no edge.
Passed: TypeAlias = tuple[Node, Edge | None, float | None, float | None, float]


def _backward_pass(graph: Graph, replaced: Mapping) -> Iterator[Passed]:
    """Send gradients against the arrows, from the output to the inputs.

    The chain rule: on every edge, *downstream = upstream x local*. What arrives at a node
    over several edges adds up. `replaced` holds local derivatives to use in place of the
    true ones.
    """
    gradients: dict[Node, float] = {graph.output: 1.0}
    yield graph.output, None, None, None, 1.0
    for target in reversed(graph.nodes):
        for edge in graph.incoming(target):
            if not edge.wanted:
                continue
            upstream = gradients[target]
            local = replaced[edge] if edge in replaced else edge.local
            if callable(local):
                local = local(edge.local)
            total = gradients.get(edge.source, 0.0) + upstream * local
            gradients[edge.source] = total
            yield edge.source, edge, upstream, local, total


class Graph:
    """All nodes that an output depends on.

    >>> from chainrule.graph import variable
    >>> a, b = variable("a", 2.0), variable("b", 3.0)
    >>> graph = Graph((a * b + b).named("L"))
    >>> graph.backward()
    {'a': 3.0, 'b': 3.0}
    >>> graph.forward(a=10.0)
    33.0
    >>> print(graph.steps()[-1].text)
    from v1 back to b: upstream 1 × local 10 = downstream 10; gradients of b add: 1 + 10 = 11

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

    def __init__(self, output: Node) -> None:
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
                result[node] = evaluate(node.operator, node.inputs, arguments, node.label)
            elif node.label in values:
                result[node] = checked_number(values[node.label], f"input {node.label!r}")
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
        return {name: gradients[node] for name, node in self.variables.items()}

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
        return {node: total for node, _, _, _, total in _backward_pass(self, replaced)}

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
        return describe_steps(self, _backward_pass(self, {}), digits)

    def draw(self, show: str | None = None, **options: Any) -> Drawing:
        """Draw the graph from left to right; see `chainrule.graph.drawing.draw_graph`."""
        from chainrule.graph.drawing import draw_graph

        return draw_graph(self, show, **options)

    def stepper(self, **options: Any) -> Stepper:
        """Return the graph with buttons for each step; see `chainrule.graph.stepper.step_graph`."""
        from chainrule.graph.stepper import step_graph

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
