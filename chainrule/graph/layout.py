"""Where everything in a drawing stands: a layered layout, from left to right.

The layout is the one of K. Sugiyama, S. Tagawa and M. Toda, "Methods for visual
understanding of hierarchical system structures", IEEE Transactions on Systems, Man,
and Cybernetics 11 (1981), with a place for every label, so that labels cannot cover
each other.

Vertices stand in even ranks. In the odd rank behind its source, every wire has an item
that keeps room for its label; in each later rank on its way it has a bend, so it never
runs through another vertex.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

from chainrule.graph.diagram import Run, Vertex, Wire

# Sizes in SVG units, which are CSS pixels on a screen that is wide enough.
FONT = 15
RADIUS = 19
_LABEL = 21  # room above or below an arrow for a line of text
_PORT = 10  # vertical distance between two arrows at one operator
HEAD = 9  # length of an arrowhead
MARGIN = 14


def lay_out(vertices: list[Vertex]) -> tuple[list[list[Item]], list[Column]]:
    """Place vertices and wires: the items of each rank with their heights, and the columns.

    The vertices stand in topological order, the output's box last; labels are set.
    """
    _set_layers(vertices)
    ranks = _make_ranks(vertices)
    _set_ports(vertices, by_height=False)
    _sort_ranks(ranks)
    _set_ports(vertices, by_height=True)
    _set_heights(ranks)
    _straighten(vertices, ranks)
    return ranks, _set_columns(ranks)


@dataclass(eq=False)
class Item:
    """Something that takes up room in a rank: a vertex, a label or a bend."""

    rank: int
    width: float
    up: float
    down: float
    vertex: Vertex | None = None
    before: list[tuple[Item, Wire]] = field(default_factory=list)
    after: list[tuple[Item, Wire]] = field(default_factory=list)
    order: int = 0
    y: float = 0.0


def text_width(text: str, size: float = FONT) -> float:
    """Estimate the width of a text, on the wide side of common sans-serif fonts."""
    narrow, wide = set("il.,:;'′″‴|()[] ·⁻¹²³"), set("mwMWΣ←→−+=×÷")
    return size * sum(0.38 if c in narrow else 0.84 if c in wide else 0.64 for c in text)


def shape_width(vertex: Vertex) -> float:
    """Return the width of a vertex's outline."""
    return max(2 * RADIUS, text_width(vertex.text) + 18)


def runs_width(runs: list[Run]) -> float:
    """Estimate the width of pieces of text that stand in one line."""
    return text_width("".join(run.text for run in runs))


def _set_layers(vertices: list[Vertex]) -> None:
    """Put operators one layer behind their inputs, and leaves just before their first use."""
    for vertex in vertices:
        if vertex.inputs:
            vertex.layer = 1 + max(wire.source.layer for wire in vertex.inputs)
    for vertex in vertices:
        if not vertex.inputs:
            vertex.layer = min(wire.target.layer for wire in vertex.outputs) - 1


def _make_ranks(vertices: list[Vertex]) -> list[list[Item]]:
    """Make the items of all ranks, in an order in which a tree has no crossings."""
    ranks: list[list[Item]] = [[] for _ in range(2 * vertices[-1].layer + 1)]
    item_of: dict[Vertex, Item] = {}

    def add(item: Item) -> Item:
        ranks[item.rank].append(item)
        return item

    def add_vertex(vertex: Vertex) -> None:
        width = max(shape_width(vertex), runs_width(vertex.total))
        down = RADIUS + (_LABEL if vertex.total else 0)
        item_of[vertex] = add(Item(2 * vertex.layer, width, RADIUS, down, vertex))

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
            item = Item(rank, 0, 10, 10)
            if rank == start.rank + 1:
                item.width = max(runs_width(wire.above), runs_width(wire.below))
                item.up = _LABEL if wire.above else 10
                item.down = _LABEL if wire.below else 10
            wire.route.append(add(item))
        wire.route.append(end)
        for left, right in pairwise(wire.route):
            left.after.append((right, wire))
            right.before.append((left, wire))
    _number(ranks)
    return ranks


def _number(ranks: list[list[Item]]) -> None:
    for rank in ranks:
        for order, item in enumerate(rank):
            item.order = order


def joint(right: Item, wire: Wire) -> float:
    """Return where a wire meets the item to its right, measured from that item's middle."""
    return wire.port if right.vertex else 0.0


def _set_ports(vertices: list[Vertex], by_height: bool) -> None:
    """Space the ends of the wires at each operator; where order is free, by height."""
    for vertex in vertices:
        wires = list(vertex.inputs)
        if vertex.order_free and by_height:
            wires.sort(key=lambda wire: wire.route[-2].order)
        for place, wire in enumerate(wires):
            free = vertex.order_free and not by_height
            wire.port = 0.0 if free else (place - (len(wires) - 1) / 2) * _PORT


def _crossings(rank: list[Item]) -> int:
    """Count the crossings between a rank and the next."""
    ends = [
        (item.order, right.order + joint(right, wire) / 1000)
        for item in rank
        for right, wire in item.after
    ]
    return sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[i + 1 :])


def _barycentre(item: Item, leftwards: bool) -> float:
    """Return the mean place of an item's neighbours in the rank to its left or right."""
    joints = item.before if leftwards else item.after
    places = [
        other.order + (0.0 if leftwards else joint(other, wire) / 1000) for other, wire in joints
    ]
    return sum(places) / len(places) if places else item.order


def _sort_ranks(ranks: list[list[Item]]) -> None:
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


def _swap_neighbours(rank: list[Item], near: list[list[Item]]) -> None:
    """Swap neighbours in a rank wherever that removes crossings in the ranks near it."""
    for i in range(len(rank) - 1):
        upper, lower = rank[i], rank[i + 1]
        earlier = sum(map(_crossings, near))
        upper.order, lower.order = i + 1, i
        if sum(map(_crossings, near)) < earlier:
            rank[i], rank[i + 1] = lower, upper
        else:
            upper.order, lower.order = i, i + 1


def _distance(upper: Item, lower: Item) -> float:
    """Return how far the middles of neighbours in a rank must at least be apart."""
    return upper.down + lower.up + (14 if upper.vertex and lower.vertex else 6)


def _spread(rank: list[Item], wanted: list[float], weights: list[float]) -> None:
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


def _set_heights(ranks: list[list[Item]]) -> None:
    """Straighten the wires: pull every item towards its neighbours, rank by rank."""
    for rank in ranks:
        _spread(rank, [0.0] * len(rank), [1.0] * len(rank))
    for sweep in range(100):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            wanted, weights = [], []
            for item in rank:
                pulls = [(o.y - joint(item, w), _stiffness(o, w)) for o, w in item.before]
                pulls += [(o.y + joint(o, w), _stiffness(item, w)) for o, w in item.after]
                weights.append(sum(weight for _, weight in pulls))
                wanted.append(sum(y * weight for y, weight in pulls) / weights[-1])
            _spread(rank, wanted, weights)


def _stiffness(left: Item, wire: Wire) -> float:
    """Return how hard a piece of wire pulls: long wires stay level, leaves give way."""
    forks = len(wire.source.outputs) > 1
    if left.vertex:
        return 1.0 if forks else 8.0 if wire.source.inputs else 4.0
    if left is wire.route[-2]:
        return 4.0 if wire.source.inputs and not forks else 1.0
    return 8.0


def _straighten(vertices: list[Vertex], ranks: list[list[Item]]) -> None:
    """Lay each wire level between its ends, where the items above and below it allow."""

    def level(items: list[Item], y: float, exactly: bool) -> bool:
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
            near = abs(first.y - last.y) < RADIUS
            if alone and near and len(vertex.inputs) == 1 and level([last], first.y, True):
                level(between, first.y, False)
            elif alone and not wire.source.inputs:
                end = last.y + wire.port
                if not (near and level([first, *between], end, True)):
                    level(between, first.y, False)
            else:
                level(between, first.y if alone else last.y + wire.port, False)


@dataclass
class Column:
    """Where a rank stands, from its left to its right edge."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        """The place between both edges."""
        return (self.left + self.right) / 2


def _set_columns(ranks: list[list[Item]]) -> list[Column]:
    """Place the ranks from left to right, further apart where wires climb."""
    columns = []
    x = float(MARGIN)
    for rank in ranks:
        width = max(item.width for item in rank)
        columns.append(Column(x, x + width))
        climb = max(
            (
                abs(right.y + joint(right, wire) - item.y)
                for item in rank
                for right, wire in item.after
            ),
            default=0.0,
        )
        x += width + min(44.0, 10 + 0.22 * climb) + (HEAD if len(columns) % 2 == 0 else 0)
    return columns
