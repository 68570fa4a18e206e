"""Draw scalar graphs as SVG, from left to right, in the manner of a textbook.

Values stand above the arrows, gradients below them, with an arrow that points
back. The layout is the layered one of K. Sugiyama, S. Tagawa and M. Toda,
"Methods for visual understanding of hierarchical system structures", IEEE
Transactions on Systems, Man, and Cybernetics 11 (1981), with a place for every
label, so that labels cannot cover each other.

Where the order of arguments matters, as in a division, they enter from top to
bottom.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from chainrule.graph.engine import Edge, Graph, Node, Step, format_number

# More than this is a hairball on any screen.
_MOST_NODES = 300

_SHOW = ("names", "values", "gradients")
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

# Sizes in SVG units, which are CSS pixels on a screen that is wide enough.
_FONT = 15
_RADIUS = 19
_LABEL = 21  # room above or below an arrow for a line of text
_PORT = 10  # vertical distance between two arrows at one operator
_HEAD = 9  # length of an arrowhead
_MARGIN = 14


# --- What is drawn: vertices joined by wires -----------------------------------------


@dataclass(eq=False)
class _Vertex:
    """A box or circle. All copies of a node share one vertex."""

    kind: str  # "variable", "constant", "operator", "copy" or "output"
    text: str
    node: Node | None
    formula: str = ""
    order_free: bool = False
    layer: int = 0
    inputs: list[_Wire] = field(default_factory=list)
    outputs: list[_Wire] = field(default_factory=list)
    total: list[_Run] = field(default_factory=list)


@dataclass(eq=False)
class _Wire:
    """An arrow on which the value of `node` travels; gradients come back over `edges`."""

    source: _Vertex
    target: _Vertex
    node: Node
    edges: list[Edge]
    dashed: bool = False
    above: list[_Run] = field(default_factory=list)
    below: list[_Run] = field(default_factory=list)
    route: list[_Item] = field(default_factory=list)
    port: float = 0.0


@dataclass(frozen=True)
class _Run:
    """A piece of text in one style."""

    text: str
    style: str


def _vertices(graph: Graph) -> list[_Vertex]:
    """Turn nodes and edges into vertices and wires; the output's box comes last."""
    names = graph.names()
    formulas = graph.formulas()
    vertex_of: dict[Node, _Vertex] = {}
    copies: dict[Node, _Vertex] = {}
    vertices: list[_Vertex] = []
    absorbed = {edge for node in graph.nodes for edge in _plain_number(graph, node)}

    def connect(source: _Vertex, target: _Vertex, node: Node, edges: list[Edge], dashed=False):
        wire = _Wire(source, target, node, edges, dashed)
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
            vertex = _Vertex(kind, text, node)
        elif node.operator == "copy":
            vertex = copies[node.inputs[0]] = _Vertex("copy", "copy", node)
        else:
            symbol = _SYMBOLS.get(node.operator, node.operator)
            for edge in _plain_number(graph, node):
                number = format_number(edge.source.value)
                number = f"({number})" if edge.source.value < 0 else number
                symbol = _WITH_NUMBER[node.operator][edge.position].format(number)
            vertex = _Vertex("operator", symbol, node, formulas[node])
            vertex.order_free = node.operator in _ORDER_FREE
        for edge in graph.incoming(node):
            if edge in absorbed:
                continue
            dashed = node.operator == "choose" and edge.position == 2
            connect(vertex_of[edge.source], vertex, edge.source, [edge], dashed)
        vertex_of[node] = vertex
        vertices.append(vertex)
    output = _Vertex("output", graph.output.label or "output", None)
    connect(vertex_of[graph.output], output, graph.output, [])
    return [*vertices, output]


def _plain_number(graph: Graph, node: Node) -> list[Edge]:
    """Return the edge of a number that is better written inside its operator, as in "+ 1"."""
    edges = graph.incoming(node)
    plain = [edge for edge in edges if edge.source.operator is None and not edge.source.label]
    return plain if len(plain) == 1 and node.operator in _WITH_NUMBER else []


# --- Labels ------------------------------------------------------------------------------

# What a stepper adds to the parts of a picture: ("value", node), ("gradient", wire),
# ("total", vertex), ("vertex", vertex) or ("wire", wire) to the names of classes.
_Marks = dict[tuple[str, object], str]


def _set_labels(
    vertices: list[_Vertex], graph: Graph, show: str, digits: int, marks: _Marks
) -> None:
    """Write names and values above the wires, gradients below them."""
    names = graph.names()
    arrived: dict[Edge | None, float] = {}
    totals: dict[Node, float] = {}
    if show == "gradients":
        for step in graph.steps():
            if step.phase == "backward":
                arrived[step.edge] = step.value if step.edge is None else step.downstream
                totals[step.node] = step.value
    for vertex in vertices:
        for wire in vertex.inputs:
            _label_wire(wire, names, show, digits, marks)
            # The last wire, to the output's box, carries dL/dL and belongs to no edge.
            parts = [arrived[edge] for edge in wire.edges or [None] if edge in arrived]
            if parts:
                style = f"grad {marks.get(('gradient', wire), '')}"
                wire.below = [_Run(f"← {format_number(sum(parts), digits)}", style)]
        if len(vertex.outputs) > 1 and vertex.kind != "copy" and vertex.node in totals:
            style = f"grad {marks.get(('total', vertex), '')}"
            number = format_number(totals[vertex.node], digits)
            vertex.total = [_Run(f"← sum {number}", style)]


def _label_wire(wire: _Wire, names: dict[Node, str], show: str, digits: int, marks: _Marks):
    """Write what stands above a wire; boxes show their own names, constants their numbers."""
    if wire.source.kind == "constant":
        return
    if wire.source.kind != "variable" and wire.target.kind != "output":
        name = names[wire.node] if marks else wire.node.label
        if name:
            wire.above.append(_Run(name, "name"))
    if show != "names":
        if wire.above:
            wire.above.append(_Run(" = ", marks.get(("value", wire.node), "")))
        style = f"value {marks.get(('value', wire.node), '')}"
        wire.above.append(_Run(format_number(wire.node.value, digits), style))


# --- Layout: ranks, order, heights, columns -------------------------------------------
#
# Vertices stand in even ranks. In the odd rank behind its source, every wire has
# an item that keeps room for its label; in each later rank on its way it has a
# bend, so it never runs through another vertex.


@dataclass(eq=False)
class _Item:
    """Something that takes up room in a rank: a vertex, a label or a bend."""

    rank: int
    width: float
    up: float
    down: float
    vertex: _Vertex | None = None
    before: list[tuple[_Item, _Wire]] = field(default_factory=list)
    after: list[tuple[_Item, _Wire]] = field(default_factory=list)
    order: int = 0
    y: float = 0.0


def _text_width(text: str, size: float = _FONT) -> float:
    """Estimate the width of a text, on the wide side of common sans-serif fonts."""
    narrow, wide = set("il.,:;'′″‴|()[] ·⁻¹²³"), set("mwMWΣ←→−+=×÷")
    return size * sum(0.38 if c in narrow else 0.84 if c in wide else 0.64 for c in text)


def _runs_width(runs: list[_Run]) -> float:
    return _text_width("".join(run.text for run in runs))


def _set_layers(vertices: list[_Vertex]) -> None:
    """Put operators one layer behind their inputs, and leaves just before their first use."""
    for vertex in vertices:
        if vertex.inputs:
            vertex.layer = 1 + max(wire.source.layer for wire in vertex.inputs)
    for vertex in vertices:
        if not vertex.inputs:
            vertex.layer = min(wire.target.layer for wire in vertex.outputs) - 1


def _make_ranks(vertices: list[_Vertex]) -> list[list[_Item]]:
    """Make the items of all ranks, in an order in which a tree has no crossings."""
    ranks: list[list[_Item]] = [[] for _ in range(2 * vertices[-1].layer + 1)]
    item_of: dict[_Vertex, _Item] = {}

    def add(item: _Item) -> _Item:
        ranks[item.rank].append(item)
        return item

    def add_vertex(vertex: _Vertex) -> None:
        width = max(2 * _RADIUS, _text_width(vertex.text) + 18, _runs_width(vertex.total))
        down = _RADIUS + (_LABEL if vertex.total else 0)
        item_of[vertex] = add(_Item(2 * vertex.layer, width, _RADIUS, down, vertex))

    # Depth first from the output, first argument first; a stack, because graphs can be deep.
    add_vertex(vertices[-1])
    stack = list(reversed(vertices[-1].inputs))
    while stack:
        wire = stack.pop()
        if wire.source not in item_of:
            add_vertex(wire.source)
            stack.extend(reversed(wire.source.inputs))
        start, end = item_of[wire.source], item_of[wire.target]
        wire.route = [start]
        for rank in range(start.rank + 1, end.rank):
            item = _Item(rank, 0, 10, 10)
            if rank == start.rank + 1:
                item.width = max(_runs_width(wire.above), _runs_width(wire.below))
                item.up = _LABEL if wire.above else 10
                item.down = _LABEL if wire.below else 10
            wire.route.append(add(item))
        wire.route.append(end)
        for left, right in pairwise(wire.route):
            left.after.append((right, wire))
            right.before.append((left, wire))
    _number(ranks)
    return ranks


def _number(ranks: list[list[_Item]]) -> None:
    for rank in ranks:
        for order, item in enumerate(rank):
            item.order = order


def _joint(right: _Item, wire: _Wire) -> float:
    """Return where a wire meets the item to its right, measured from that item's middle."""
    return wire.port if right.vertex else 0.0


def _set_ports(vertices: list[_Vertex], by_height: bool) -> None:
    """Space the ends of the wires at each operator; where order is free, by height."""
    for vertex in vertices:
        wires = list(vertex.inputs)
        if vertex.order_free and by_height:
            wires.sort(key=lambda wire: wire.route[-2].order)
        for place, wire in enumerate(wires):
            free = vertex.order_free and not by_height
            wire.port = 0.0 if free else (place - (len(wires) - 1) / 2) * _PORT


def _crossings(rank: list[_Item]) -> int:
    """Count the crossings between a rank and the next."""
    ends = [
        (item.order, right.order + _joint(right, wire) / 1000)
        for item in rank
        for right, wire in item.after
    ]
    return sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[i + 1 :])


def _barycentre(item: _Item, leftwards: bool) -> float:
    """Return the mean place of an item's neighbours in the rank to its left or right."""
    joints = item.before if leftwards else item.after
    places = [
        other.order + (0.0 if leftwards else _joint(other, wire) / 1000) for other, wire in joints
    ]
    return sum(places) / len(places) if places else item.order


def _sort_ranks(ranks: list[list[_Item]]) -> None:
    """Reorder ranks by barycentres and by swaps; keep the order with the fewest crossings."""
    best = [list(rank) for rank in ranks]
    fewest = sum(map(_crossings, ranks))
    for sweep in range(16):
        if fewest == 0:
            break
        leftwards = sweep % 2 == 1
        for rank in ranks if leftwards else reversed(ranks):
            rank.sort(key=lambda item: _barycentre(item, leftwards))
            _number([rank])
        for r, rank in enumerate(ranks):
            _swap_neighbours(rank, ranks[max(r - 1, 0) : r + 1])
        found = sum(map(_crossings, ranks))
        if found < fewest:
            best, fewest = [list(rank) for rank in ranks], found
    for rank, order in zip(ranks, best, strict=True):
        rank[:] = order
    _number(ranks)


def _swap_neighbours(rank: list[_Item], near: list[list[_Item]]) -> None:
    """Swap neighbours in a rank wherever that removes crossings in the ranks near it."""
    for i in range(len(rank) - 1):
        upper, lower = rank[i], rank[i + 1]
        earlier = sum(map(_crossings, near))
        upper.order, lower.order = i + 1, i
        if sum(map(_crossings, near)) < earlier:
            rank[i], rank[i + 1] = lower, upper
        else:
            upper.order, lower.order = i, i + 1


def _distance(upper: _Item, lower: _Item) -> float:
    """Return how far the middles of neighbours in a rank must at least be apart."""
    return upper.down + lower.up + (14 if upper.vertex and lower.vertex else 6)


def _spread(rank: list[_Item], wanted: list[float], weights: list[float]) -> None:
    """Put items as close to the wanted heights as their order and sizes allow.

    Weighted isotonic regression: neighbours that would overlap are pooled.
    """
    shifts = [0.0]
    for upper, lower in pairwise(rank):
        shifts.append(shifts[-1] + _distance(upper, lower))
    pools: list[tuple[float, float, int]] = []  # weighted sum, weight, number of items
    for y, weight, shift in zip(wanted, weights, shifts, strict=True):
        pools.append(((y - shift) * weight, weight, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (s1, w1, n1), (s2, w2, n2) = pools[-2:]
            pools[-2:] = [(s1 + s2, w1 + w2, n1 + n2)]
    heights = [s / w for s, w, count in pools for _ in range(count)]
    for item, height, shift in zip(rank, heights, shifts, strict=True):
        item.y = height + shift


def _set_heights(ranks: list[list[_Item]]) -> None:
    """Straighten the wires: pull every item towards its neighbours, rank by rank."""
    for rank in ranks:
        _spread(rank, [0.0] * len(rank), [1.0] * len(rank))
    for sweep in range(100):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            wanted, weights = [], []
            for item in rank:
                pulls = [(o.y - _joint(item, w), _stiffness(o, w)) for o, w in item.before]
                pulls += [(o.y + _joint(o, w), _stiffness(item, w)) for o, w in item.after]
                weights.append(sum(weight for _, weight in pulls))
                wanted.append(sum(y * weight for y, weight in pulls) / weights[-1])
            _spread(rank, wanted, weights)


def _stiffness(left: _Item, wire: _Wire) -> float:
    """Return how hard a piece of wire pulls: long wires stay level, leaves give way."""
    forks = len(wire.source.outputs) > 1
    if left.vertex:
        return 1.0 if forks else 8.0 if wire.source.inputs else 4.0
    if left is wire.route[-2]:
        return 4.0 if wire.source.inputs and not forks else 1.0
    return 8.0


def _straighten(vertices: list[_Vertex], ranks: list[list[_Item]]) -> None:
    """Lay each wire level between its ends, where the items above and below it allow."""

    def level(items: list[_Item], y: float, exactly: bool) -> bool:
        low, high = -math.inf, math.inf
        for item in items:
            rank = ranks[item.rank]
            if item.order > 0:
                upper = rank[item.order - 1]
                low = max(low, upper.y + _distance(upper, item))
            if item.order + 1 < len(rank):
                lower = rank[item.order + 1]
                high = min(high, lower.y - _distance(item, lower))
        if low > high or (exactly and not low <= y <= high):
            return False
        for item in items:
            item.y = min(max(y, low), high)
        return True

    for vertex in vertices:
        for wire in vertex.inputs:
            first, *between, last = wire.route
            alone = len(wire.source.outputs) == 1
            near = abs(first.y - last.y) < _RADIUS
            if alone and near and len(vertex.inputs) == 1 and level([last], first.y, True):
                level(between, first.y, False)
            elif alone and not wire.source.inputs:
                end = last.y + wire.port
                if not (near and level([first, *between], end, True)):
                    level(between, first.y, False)
            else:
                level(between, first.y if alone else last.y + wire.port, False)


@dataclass
class _Column:
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def _set_columns(ranks: list[list[_Item]]) -> list[_Column]:
    """Place the ranks from left to right, further apart where wires climb."""
    columns = []
    x = float(_MARGIN)
    for rank in ranks:
        width = max(item.width for item in rank)
        columns.append(_Column(x, x + width))
        climb = max(
            (
                abs(right.y + _joint(right, wire) - item.y)
                for item in rank
                for right, wire in item.after
            ),
            default=0.0,
        )
        x += width + min(44.0, 10 + 0.22 * climb) + (_HEAD if len(columns) % 2 == 0 else 0)
    return columns


# --- Colours ---------------------------------------------------------------------------
#
# Okabe-Ito: blue for values, vermillion for gradients, and their lighter
# neighbours sky blue and orange on dark pages. Vermillion is darkened on white,
# where the original has a contrast of 3.9; text needs 4.5.

_LIGHT = {
    "bg": "#ffffff",
    "ink": "#1b1f24",
    "line": "#57606a",
    "fill": "#edf2f7",
    "value": "#0068a3",
    "grad": "#a84600",
}
_DARK = {
    "bg": "#14181e",
    "ink": "#f0f3f6",
    "line": "#9aa7b4",
    "fill": "#27303b",
    "value": "#56b4e9",
    "grad": "#e69f00",
}


def _variables(colours: dict[str, str]) -> str:
    scheme = "dark" if colours is _DARK else "light"  # for scroll bars and radio buttons
    return f"color-scheme:{scheme};" + "".join(f"--cr-{n}:{c};" for n, c in colours.items())


# A page that states its theme is believed; the reader's system decides otherwise.
_NO_THEME = "html:not([data-theme]):not([theme]) body:not([data-jp-theme-light])"
_PAGE_THEMES = (
    'html[data-theme="dark"]',  # the book (Sphinx, pydata theme)
    'body[data-jp-theme-light="false"]',  # JupyterLab
    'html[theme="dark"]',  # Colab
)
_THEME_CSS = (
    f".cr-figure{{{_variables(_LIGHT)}}}\n"
    f"@media (prefers-color-scheme:dark){{{_NO_THEME} .cr-figure{{{_variables(_DARK)}}}}}\n"
    f"{','.join(f'{page} .cr-figure' for page in _PAGE_THEMES)}{{{_variables(_DARK)}}}\n"
)
_ALONE_CSS = (
    f".cr-svg{{{_variables(_LIGHT)}}}\n"
    f"@media (prefers-color-scheme:dark){{.cr-svg{{{_variables(_DARK)}}}}}\n"
)
_FAMILY = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
_DRAWING_CSS = f"""\
.cr-svg{{font:{_FONT}px {_FAMILY}}}
.cr-svg .bg{{fill:var(--cr-bg)}}
.cr-svg text{{fill:var(--cr-ink);text-anchor:middle}}
.cr-svg .title{{font-weight:600;text-anchor:start}}
.cr-svg .legend{{text-anchor:start;font-size:13px}}
.cr-svg .value{{fill:var(--cr-value)}}
.cr-svg .grad{{fill:var(--cr-grad);font-style:italic}}
.cr-svg .sub{{font-size:72%}}
.cr-svg .wire,.cr-svg .shape{{fill:none;stroke:var(--cr-line);stroke-width:var(--cr-thick,1.6)}}
.cr-svg .head{{fill:var(--cr-line)}}
.cr-svg .dashed{{stroke-dasharray:5 4}}
.cr-svg .operator,.cr-svg .copy{{fill:var(--cr-fill);stroke:var(--cr-edge,var(--cr-ink))}}
.cr-svg .copy{{stroke-dasharray:2 3;stroke-width:var(--cr-thick,2.2)}}
.cr-svg .variable,.cr-svg .output{{stroke:var(--cr-ink)}}
.cr-svg .output{{stroke-width:2.6}}
.cr-svg .constant{{stroke-dasharray:4 3}}
"""
# An untrusted notebook drops <style> and <svg> and would leave a heap of numbers.
# There the inline style hides the live part, and the picture stands in for it.
_HTML_CSS = """\
.cr-live{display:block!important}
.cr-still{display:none!important}
.cr-scroll{overflow-x:auto;border-radius:6px;background:var(--cr-bg)}
.cr-scroll svg{display:block;width:100%;height:auto}
"""


_STEPPER_CSS = """\
.cr-stepper{background:var(--cr-bg);color:var(--cr-ink);padding:8px;border-radius:6px;
font:15px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.cr-stepper>input{width:16px;height:16px;margin:2px 3px;accent-color:var(--cr-value)}
.cr-stepper>input:focus-visible{outline:3px solid var(--cr-grad);outline-offset:2px}
.cr-captions{display:grid;margin:6px 0}
.cr-caption{grid-area:1/1;visibility:hidden;display:flex;flex-wrap:wrap;gap:8px;align-items:center;
align-content:start}
.cr-caption p{flex:1 0 100%;margin:0}
.cr-caption label,.cr-caption .cr-off{border:1.5px solid var(--cr-line);border-radius:6px;
padding:4px 10px;margin:0;white-space:nowrap;color:inherit;font:inherit}
.cr-caption label{cursor:pointer;background:var(--cr-fill)}
.cr-caption .cr-off{opacity:.45}
"""


# --- Pictures ----------------------------------------------------------------------------


class Drawing:
    """A picture of a graph: shows itself in a notebook, and saves itself as SVG.

    Attributes
    ----------
    alt : str
        What the picture shows, for readers who do not see it.
    title : str or None
        The heading inside the picture.
    svg : str
        A complete SVG document with its own style sheet.
    """

    def __init__(self, body: str, width: float, height: float, alt: str, title: str | None):
        self.alt = alt
        self.title = title
        self._body = body
        self._width = math.ceil(width)
        self._height = math.ceil(height)

    @property
    def svg(self) -> str:
        """A complete SVG document with its own style sheet, light or dark as the system is."""
        return self._element(style=_ALONE_CSS + _DRAWING_CSS, alone=True)

    def _element(self, style: str = "", alone: bool = False) -> str:
        size = f"{self._width} {self._height}"
        attributes = (
            f'class="cr-svg" viewBox="0 0 {size}" role="img" aria-label={quoteattr(self.alt)}'
        )
        if alone:
            attributes += (
                f' xmlns="http://www.w3.org/2000/svg" width="{self._width}" height="{self._height}"'
            )
        else:
            # Wider than its own size it would be coarse, narrower than 3/4 unreadable.
            attributes += f' style="max-width:{self._width}px;min-width:{self._width * 3 // 4}px"'
        sheet = f"<style>{style}</style>\n" if style else ""
        title = escape(self.title or self.alt)
        return f"<svg {attributes}>\n<title>{title}</title>\n{sheet}{self._body}</svg>\n"

    def _picture(self) -> str:
        """Return the drawing as an image element, for pages that allow no more."""
        data = base64.b64encode(self.svg.encode()).decode()
        return (
            f'<img class="cr-still" alt={quoteattr(self.alt)} '
            f'src="data:image/svg+xml;base64,{data}">'
        )

    def save(self, path: str | Path) -> Path:
        """Write the drawing to a file.

        Parameters
        ----------
        path : str or Path
            A name that ends in ``.svg``.

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        ValueError
            If the name ends in something else.
        """
        path = Path(path)
        if path.suffix.lower() != ".svg":
            raise ValueError(
                f"a drawing is saved as SVG: {path.name!r} should end in .svg. "
                "Every browser opens such a file and can print it as PDF"
            )
        path.write_text(self.svg, encoding="utf-8")
        return path

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        html = (
            f'<div class="cr-figure">\n<style>{_THEME_CSS}{_DRAWING_CSS}{_HTML_CSS}</style>\n'
            f'<div class="cr-live cr-scroll" style="display:none">\n{self._element()}</div>\n'
            f"{self._picture()}\n</div>"
        )
        return {"text/html": html, "text/plain": self.alt}

    def __repr__(self) -> str:
        return self.alt


def draw_graph(
    graph: Graph,
    show: str | None = None,
    title: str | None = None,
    alt: str | None = None,
    digits: int = 4,
) -> Drawing:
    """Draw a graph from left to right.

    Parameters
    ----------
    graph : Graph
        At most 300 nodes.
    show : {"names", "values", "gradients"}, optional
        The structure with its names; also the values, above the arrows; also the
        gradients, below them. Left out: gradients after a backward pass, values
        before.
    title : str, optional
        A heading inside the picture.
    alt : str, optional
        A description for readers who do not see the picture; made from the graph
        when left out.
    digits : int
        Significant digits of the numbers.

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If `show` is something else, or the graph has more than 300 nodes.
    """
    if show is None:
        show = "values" if graph.output.grad is None else "gradients"
    if show not in _SHOW:
        raise ValueError(f"show must be one of {', '.join(_SHOW)}, not {show!r}")
    alt = alt or _description(graph, show, digits)
    return _compose(_vertices(graph), graph, show, digits, title, alt, {})


def step_graph(
    graph: Graph,
    title: str | None = None,
    alt: str | None = None,
    digits: int = 4,
    key: str = "",
) -> Stepper:
    """Show a forward and a backward pass step by step.

    Parameters
    ----------
    graph : Graph
        At most 300 nodes.
    title, alt, digits
        As in `draw_graph`.
    key : str
        Tells two equal steppers on one page apart, which would otherwise move
        together.

    Returns
    -------
    Stepper

    Raises
    ------
    ValueError
        If the graph has more than 300 nodes, or an operator has no derivative.
    """
    steps = graph.steps(digits)
    vertices = _vertices(graph)
    alt = alt or _description(graph, "gradients", digits)
    marks = _step_marks(vertices, steps)
    drawing = _compose(vertices, graph, "gradients", digits, title, alt, marks)
    still = draw_graph(graph, "gradients", title, alt, digits)
    return Stepper(drawing, still, steps, key)


def _description(graph: Graph, show: str, digits: int) -> str:
    """Write the alternative text of a drawing."""

    def with_value(text: str, value: float) -> str:
        return text if show == "names" else f"{text} = {format_number(value, digits)}"

    output = graph.names()[graph.output]
    sentences = [f"Computational graph of {output}"]
    inputs = [with_value(name, node.value) for name, node in graph.variables.items()]
    if inputs:
        sentences.append("Inputs: " + ", ".join(inputs))
    sentences += [with_value(text, node.value) for node, text in graph.formulas().items()]
    if show == "gradients" and inputs:
        gradients = graph.gradients().items()
        sentences.append(
            "Gradients: "
            + ", ".join(f"d{output}/d{name} = {format_number(g, digits)}" for name, g in gradients)
        )
    return ". ".join(sentences) + "."


# --- Writing SVG -------------------------------------------------------------------------


def _compose(
    vertices: list[_Vertex],
    graph: Graph,
    show: str,
    digits: int,
    title: str | None,
    alt: str,
    marks: _Marks,
) -> Drawing:
    """Lay the vertices out and write them as SVG."""
    if len(graph.nodes) > _MOST_NODES:
        raise ValueError(
            f"the graph has {len(graph.nodes)} nodes; at most {_MOST_NODES} can be drawn. "
            "Draw a part of it: Graph(node) of an intermediate node"
        )
    _set_labels(vertices, graph, show, digits, marks)
    _set_layers(vertices)
    ranks = _make_ranks(vertices)
    _set_ports(vertices, by_height=False)
    _sort_ranks(ranks)
    _set_ports(vertices, by_height=True)
    _set_heights(ranks)
    _straighten(vertices, ranks)
    columns = _set_columns(ranks)

    items = [item for rank in ranks for item in rank]
    head = 30 if title else 0
    lift = _MARGIN + head - min(item.y - item.up for item in items)
    for item in items:
        item.y += lift
    bottom = max(item.y + item.down for item in items)
    width = columns[-1].right + _MARGIN
    parts = []
    if title:
        runs = [_Run(title, "")]
        parts.append(_text(_MARGIN, _MARGIN + 12, runs, "title"))
        width = max(width, _runs_width(runs) + 2 * _MARGIN)
    for vertex in vertices:
        for wire in vertex.inputs:
            parts.append(_draw_wire(wire, columns, marks.get(("wire", wire), "")))
    for item in items:
        if item.vertex:
            x = columns[item.rank].middle
            parts.append(_draw_vertex(item, x, marks.get(("vertex", item.vertex), "")))
    if show != "names":
        bottom += 24
        runs = [_Run("value", "value"), _Run(" above its arrow", "")]
        if show == "gradients":
            runs += [_Run(",  ", ""), _Run("← upstream gradient", "grad"), _Run(" below", "")]
        parts.append(_text(_MARGIN, bottom, runs, "legend"))
        width = max(width, _runs_width(runs) * 13 / _FONT + 2 * _MARGIN)
    height = bottom + _MARGIN
    background = f'<rect class="bg" width="{math.ceil(width)}" height="{math.ceil(height)}"/>'
    body = "\n".join([background, *parts, ""])
    return Drawing(body, width, height, alt, title)


def _at(number: float) -> str:
    """Write a coordinate; a tenth of a unit is finer than any screen."""
    return f"{number + 0.0:.1f}".removesuffix(".0")


def _draw_vertex(item: _Item, x: float, mark: str) -> str:
    vertex = item.vertex
    width = _shape_width(vertex)
    corner = _RADIUS if vertex.kind in ("operator", "copy") else 6
    top = item.y - (_RADIUS if corner == _RADIUS else 15)
    shape = (
        f'<rect class="shape {vertex.kind}" x="{_at(x - width / 2)}" y="{_at(top)}" '
        f'width="{_at(width)}" height="{_at(2 * (item.y - top))}" rx="{corner}"/>'
    )
    hint = f"<title>{escape(vertex.formula)}</title>" if vertex.formula else ""
    style = "symbol" if vertex.kind in ("operator", "copy") else "name"
    text = _text(x, item.y + 5, [_Run(vertex.text, style)])
    if vertex.total:
        text += _text(x, item.y + _RADIUS + 15, vertex.total)
    group = f'<g class="{mark}">' if mark else "<g>"
    return f"{group}{hint}{shape}{text}</g>"


def _shape_width(vertex: _Vertex) -> float:
    return max(2 * _RADIUS, _text_width(vertex.text) + 18)


def _draw_wire(wire: _Wire, columns: list[_Column], mark: str) -> str:
    first, last = wire.route[0], wire.route[-1]
    start = columns[first.rank].middle + _shape_width(wire.source) / 2
    path = [f"M{_at(start)} {_at(first.y)}"]
    # Where no wire has a label there is nothing to get out of the way of.
    route = [i for i in wire.route if i.vertex or columns[i.rank].left < columns[i.rank].right]
    for left, right in pairwise(route):
        x1, x2 = columns[left.rank].right, columns[right.rank].left
        y1, y2 = left.y, right.y + _joint(right, wire)
        if right is last:
            x2 -= _HEAD
        middle = (x1 + x2) / 2
        path.append(f"H{_at(x1)}")
        if abs(y2 - y1) >= 0.05:
            path.append(f"C{_at(middle)} {_at(y1)} {_at(middle)} {_at(y2)} {_at(x2)} {_at(y2)}")
    y = last.y + wire.port
    # Arrows end on the outline, which is round for operators.
    tip = columns[last.rank].middle - _shape_width(wire.target) / 2 - 1
    if wire.target.kind == "operator":
        tip += _RADIUS - math.sqrt(_RADIUS**2 - wire.port**2)
    path.append(f"H{_at(tip - _HEAD)}")
    dashed = " dashed" if wire.dashed else ""
    head = f"M{_at(tip)} {_at(y)}l{-_HEAD} -4.5v9z"
    text = ""
    if wire.above or wire.below:
        label = wire.route[1]
        x = columns[label.rank].middle
        text += _text(x, label.y - 6, wire.above) if wire.above else ""
        text += _text(x, label.y + 17, wire.below) if wire.below else ""
    group = f'<g class="{mark}">' if mark else "<g>"
    return (
        f'{group}<path class="wire{dashed}" d="{"".join(path)}"/>'
        f'<path class="head" d="{head}"/>{text}</g>'
    )


def _text(x: float, y: float, runs: list[_Run], style: str = "") -> str:
    """Write one line of text; the digits behind a letter in a name are set lower."""
    spans = []
    lowered = 0
    for run in runs:
        pieces = [(run.text, run.style, 0)]
        name = re.fullmatch(r"(\D*[^\W\d])(\d+|\+)(.*)", run.text)
        if "name" in run.style.split() and name:
            pieces = [
                (name[1], run.style, 0),
                (name[2], f"{run.style} sub", 4),
                (name[3], run.style, 0),
            ]
        for text, kind, level in pieces:
            if text:
                shift = f' dy="{level - lowered}"' if level != lowered else ""
                kind = " ".join(kind.split())
                spans.append(f'<tspan class="{kind}"{shift}>{escape(text)}</tspan>')
                lowered = level
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{_at(x)}" y="{_at(y)}">{"".join(spans)}</text>'


# --- Stepping ----------------------------------------------------------------------------


def _step_marks(vertices: list[_Vertex], steps: list[Step]) -> _Marks:
    """Say from which step a number is visible, and at which step a part is the current one."""
    vertex_of: dict[Node, _Vertex] = {}
    wire_of: dict[Edge | None, _Wire] = {None: vertices[-1].inputs[0]}
    for vertex in vertices:
        for wire in vertex.inputs:
            wire_of.update({edge: wire for edge in wire.edges})
            vertex_of[wire.node] = wire.source
    marks: _Marks = {("any", None): ""}
    for number, step in enumerate(steps, start=1):
        if step.phase == "forward":
            marks["value", step.node] = f"from-{number}"
            part = ("vertex", vertex_of[step.node])
        else:
            wire = wire_of[step.edge]
            # A later step of the same wire or vertex overwrites: the sum is complete then.
            marks["gradient", wire] = f"from-{number}"
            marks["total", wire.source] = f"from-{number}"
            part = ("wire", wire)
        marks[part] = f"{marks.get(part, '')} at-{number}".strip()
    return marks


class Stepper:
    """A graph with a forward and a backward pass to step through, without JavaScript.

    Every step is a radio button: click one, or use the arrow keys.

    Attributes
    ----------
    steps : list of Step
        The steps, as `Graph.steps` returns them.
    alt : str
        What the picture shows after the last step.
    """

    def __init__(self, drawing: Drawing, still: Drawing, steps: list[Step], key: str = ""):
        self.steps = steps
        self.alt = drawing.alt
        self._drawing = drawing
        self._still = still
        self._captions = ["The inputs are given."] + [step.text for step in steps]
        content = "\n".join([key, drawing.svg, *self._captions])
        self._id = "cr-" + hashlib.sha256(content.encode()).hexdigest()[:10]

    @property
    def html(self) -> str:
        """The stepper as HTML, with its style sheet."""
        style = _THEME_CSS + _DRAWING_CSS + _HTML_CSS + _STEPPER_CSS + self._rules()
        label = quoteattr((self._drawing.title or "Computational graph") + ", step by step")
        # JupyterLab would take the arrow keys for itself without the data attribute.
        radios = [
            f'<input type="radio" name="{self._id}" id="{self._id}-{number}" '
            f"data-lm-suppress-shortcuts "
            f"aria-label={quoteattr(self._heading(number))}{' checked' if number == 0 else ''}>"
            for number in range(len(self._captions))
        ]
        captions = [self._caption(number) for number in range(len(self._captions))]
        return "\n".join(
            [
                f'<div class="cr-figure">\n<style>{style}</style>',
                f'<div class="cr-live cr-stepper" id="{self._id}" role="group" '
                f'aria-label={label} style="display:none">',
                *radios,
                '<div class="cr-body">\n<div class="cr-captions" aria-live="polite">',
                *captions,
                f'</div>\n<div class="cr-scroll">\n{self._drawing._element()}</div>',
                f"</div>\n</div>\n{self._still._picture()}\n</div>",
            ]
        )

    def _heading(self, number: int) -> str:
        if number == 0:
            return "Start"
        return f"Step {number} of {len(self.steps)}, {self.steps[number - 1].phase}"

    def _caption(self, number: int) -> str:
        def button(other: int, text: str) -> str:
            if 0 <= other < len(self._captions):
                return f'<label for="{self._id}-{other}">{text}</label>'
            return f'<span class="cr-off">{text}</span>'

        return (
            f'<div class="cr-caption show-{number}">{button(number - 1, "← Previous")}'
            f"{button(number + 1, 'Next →')}<b>{self._heading(number)}</b>"
            f"<p>{escape(self._captions[number])}</p></div>"
        )

    def _rules(self) -> str:
        """Return the rules that tie the radio buttons to the parts of the picture."""

        def each(pattern: str, numbers) -> str:
            return ",\n".join(pattern.format(id=self._id, n=number) for number in numbers)

        count = len(self._captions)
        phases = {
            phase: [n for n, step in enumerate(self.steps, start=1) if step.phase == phase]
            for phase in ("forward", "backward")
        }
        rules = [
            # Hidden while a button before its own is pressed.
            each("#{id} :checked~#{id}-{n}~.cr-body .from-{n}", range(1, count))
            + "{visibility:hidden}",
            each("#{id}-{n}:checked~.cr-body .from-{n}", range(1, count)) + "{font-weight:700}",
            each("#{id}-{n}:checked~.cr-body .show-{n}", range(count)) + "{visibility:visible}",
        ]
        for phase, colour in (("forward", "value"), ("backward", "grad")):
            rules.append(
                each("#{id}-{n}:checked~.cr-body .at-{n}", phases[phase])
                + f"{{--cr-thick:4.5;--cr-line:var(--cr-{colour});--cr-edge:var(--cr-{colour})}}"
            )
        return "\n".join(rules)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": repr(self)}

    def __repr__(self) -> str:
        lines = [self.alt]
        lines += [f"{self._heading(n)}. {self._captions[n]}" for n in range(len(self._captions))]
        return "\n".join(lines)
