"""Draw scalar graphs as SVG, from left to right, in the manner of a textbook.

Values stand above the arrows, gradients below them, with an arrow that points
back. Where the order of arguments matters, as in a division, they enter from top to
bottom. What is drawn is said in `diagram`, where it stands in `layout`.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from chainrule.figures.picture import Picture, follow_page, follow_system
from chainrule.graph.diagram import Marks, Run, Vertex, Wire, set_labels, vertices_of
from chainrule.graph.formatting import format_number
from chainrule.graph.layout import (
    FONT,
    HEAD,
    MARGIN,
    RADIUS,
    Column,
    joint,
    lay_out,
    runs_width,
    shape_width,
)

if TYPE_CHECKING:
    from chainrule.graph.engine import Graph

# More than this is a hairball on any screen.
_MOST_NODES = 300
_SHOW = ("names", "values", "gradients")

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


_THEME_CSS = follow_page(".cr-figure", _variables(_LIGHT), _variables(_DARK))
_ALONE_CSS = follow_system(".cr-svg", _variables(_LIGHT), _variables(_DARK))
_FAMILY = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
_DRAWING_CSS = f"""\
.cr-svg{{font:{FONT}px {_FAMILY}}}
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
_HTML_CSS = """\
.cr-live{display:block!important}
.cr-still{display:none!important}
.cr-scroll{overflow-x:auto;border-radius:6px;background:var(--cr-bg)}
.cr-scroll svg{display:block;width:100%;height:auto}
"""


# --- Pictures ----------------------------------------------------------------------------


class Drawing(Picture):
    """A picture of a graph: shows itself in a notebook, and saves itself as SVG.

    Attributes
    ----------
    alt : str
        What the picture shows, for readers who do not see it.
    title : str or None
        The heading inside the picture.
    """

    frame = "cr-figure"
    page_css = _THEME_CSS + _DRAWING_CSS + _HTML_CSS
    alone_css = _ALONE_CSS + "\n" + _DRAWING_CSS

    def __init__(self, body: str, width: float, height: float, alt: str, title: str | None) -> None:
        super().__init__(alt)
        self.title = title
        self._body = body
        self._width = math.ceil(width)
        self._height = math.ceil(height)

    def element(self, style: str = "", alone: bool = False) -> str:
        """Return the SVG element; with ``alone`` as a document of its own."""
        size = f"{self._width} {self._height}"
        attributes = (
            f'class="cr-svg" viewBox="0 0 {size}" role="img" aria-label={quoteattr(self.alt)}'
        )
        if alone:
            start = "<svg"
            attributes += (
                f' xmlns="http://www.w3.org/2000/svg" width="{self._width}" height="{self._height}"'
            )
        else:
            start = "\n<svg"
            # Wider than its own size it would be coarse, narrower than 3/4 unreadable.
            attributes += f' style="max-width:{self._width}px;min-width:{self._width * 3 // 4}px"'
        sheet = f"<style>{style}</style>\n" if style else ""
        title = escape(self.title or self.alt)
        return f"{start} {attributes}>\n<title>{title}</title>\n{sheet}{self._body}</svg>\n"


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
    alt = alt or description(graph, show, digits)
    return compose(vertices_of(graph), graph, show, digits, title, alt, {})


def description(graph: Graph, show: str, digits: int) -> str:
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


def compose(
    vertices: list[Vertex],
    graph: Graph,
    show: str,
    digits: int,
    title: str | None,
    alt: str,
    marks: Marks,
) -> Drawing:
    """Lay the vertices out and write them as SVG."""
    if len(graph.nodes) > _MOST_NODES:
        raise ValueError(
            f"the graph has {len(graph.nodes)} nodes; at most {_MOST_NODES} can be drawn. "
            "Draw a part of it: Graph(node) of an intermediate node"
        )
    set_labels(vertices, graph, show, digits, marks)
    ranks, columns = lay_out(vertices)
    items = [item for rank in ranks for item in rank]
    head = 30 if title else 0
    lift = MARGIN + head - min(item.y - item.up for item in items)
    for item in items:
        item.y += lift
    bottom = max(item.y + item.down for item in items)
    width = columns[-1].right + MARGIN
    parts = []
    if title:
        runs = [Run(title, "")]
        parts.append(_text(MARGIN, MARGIN + 12, runs, "title"))
        width = max(width, runs_width(runs) + 2 * MARGIN)
    for vertex in vertices:
        for wire in vertex.inputs:
            parts.append(_draw_wire(wire, columns, marks.get(("wire", wire), "")))
    for item in items:
        if item.vertex:
            x = columns[item.rank].middle
            parts.append(
                _draw_vertex(item.vertex, x, item.y, marks.get(("vertex", item.vertex), ""))
            )
    if show != "names":
        bottom += 24
        runs = [Run("value", "value"), Run(" above its arrow", "")]
        if show == "gradients":
            runs += [Run(",  ", ""), Run("← upstream gradient", "grad"), Run(" below", "")]
        parts.append(_text(MARGIN, bottom, runs, "legend"))
        width = max(width, runs_width(runs) * 13 / FONT + 2 * MARGIN)
    height = bottom + MARGIN
    background = f'<rect class="bg" width="{math.ceil(width)}" height="{math.ceil(height)}"/>'
    body = "\n".join([background, *parts, ""])
    return Drawing(body, width, height, alt, title)


def _at(number: float) -> str:
    """Write a coordinate; a tenth of a unit is finer than any screen."""
    return f"{number + 0.0:.1f}".removesuffix(".0")


def _draw_vertex(vertex: Vertex, x: float, y: float, mark: str) -> str:
    width = shape_width(vertex)
    corner = RADIUS if vertex.kind in ("operator", "copy") else 6
    top = y - (RADIUS if corner == RADIUS else 15)
    shape = (
        f'<rect class="shape {vertex.kind}" x="{_at(x - width / 2)}" y="{_at(top)}" '
        f'width="{_at(width)}" height="{_at(2 * (y - top))}" rx="{corner}"/>'
    )
    hint = f"<title>{escape(vertex.formula)}</title>" if vertex.formula else ""
    style = "symbol" if vertex.kind in ("operator", "copy") else "name"
    text = _text(x, y + 5, [Run(vertex.text, style)])
    if vertex.total:
        text += _text(x, y + RADIUS + 15, vertex.total)
    group = f'<g class="{mark}">' if mark else "<g>"
    return f"{group}{hint}{shape}{text}</g>"


def _draw_wire(wire: Wire, columns: list[Column], mark: str) -> str:
    first, last = wire.route[0], wire.route[-1]
    start = columns[first.rank].middle + shape_width(wire.source) / 2
    path = [f"M{_at(start)} {_at(first.y)}"]
    # Where no wire has a label there is nothing to get out of the way of.
    route = [i for i in wire.route if i.vertex or columns[i.rank].left < columns[i.rank].right]
    for left, right in pairwise(route):
        x1, x2 = columns[left.rank].right, columns[right.rank].left
        y1, y2 = left.y, right.y + joint(right, wire)
        if right is last:
            x2 -= HEAD
        middle = (x1 + x2) / 2
        path.append(f"H{_at(x1)}")
        if abs(y2 - y1) >= 0.05:
            path.append(f"C{_at(middle)} {_at(y1)} {_at(middle)} {_at(y2)} {_at(x2)} {_at(y2)}")
    y = last.y + wire.port
    # Arrows end on the outline, which is round for operators.
    tip = columns[last.rank].middle - shape_width(wire.target) / 2 - 1
    if wire.target.kind == "operator":
        tip += RADIUS - math.sqrt(RADIUS**2 - wire.port**2)
    path.append(f"H{_at(tip - HEAD)}")
    dashed = " dashed" if wire.dashed else ""
    head = f"M{_at(tip)} {_at(y)}l{-HEAD} -4.5v9z"
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


def _text(x: float, y: float, runs: list[Run], style: str = "") -> str:
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
