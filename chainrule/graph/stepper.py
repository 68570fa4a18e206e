"""A graph with a forward and a backward pass to step through, without JavaScript."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from chainrule.figures.picture import Shown
from chainrule.graph.diagram import Marks, Vertex, Wire, vertices_of
from chainrule.graph.drawing import Drawing, compose, description, draw_graph

if TYPE_CHECKING:
    from chainrule.graph.engine import Graph
    from chainrule.graph.nodes import Edge, Node
    from chainrule.graph.steps import Step


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
    vertices = vertices_of(graph)
    alt = alt or description(graph, "gradients", digits)
    marks = _step_marks(vertices, steps)
    drawing = compose(vertices, graph, "gradients", digits, title, alt, marks)
    still = draw_graph(graph, "gradients", title, alt, digits)
    return Stepper(drawing, still, steps, key)


def _step_marks(vertices: list[Vertex], steps: list[Step]) -> Marks:
    """Say from which step a number is visible, and at which step a part is the current one."""
    vertex_of: dict[Node, Vertex] = {}
    wire_of: dict[Edge | None, Wire] = {None: vertices[-1].inputs[0]}
    for vertex in vertices:
        for wire in vertex.inputs:
            wire_of.update({edge: wire for edge in wire.edges})
            vertex_of[wire.node] = wire.source
    marks: Marks = {("any", None): ""}
    for number, step in enumerate(steps, start=1):
        if step.phase == "forward":
            marks["value", step.node] = f"from-{number}"
            part: tuple[str, object] = ("vertex", vertex_of[step.node])
        else:
            wire = wire_of[step.edge]
            # A later step of the same wire or vertex overwrites: the sum is complete then.
            marks["gradient", wire] = f"from-{number}"
            marks["total", wire.source] = f"from-{number}"
            part = ("wire", wire)
        marks[part] = f"{marks.get(part, '')} at-{number}".strip()
    return marks


class Stepper(Shown):
    """A graph with a forward and a backward pass to step through, without JavaScript.

    Every step is a radio button: click one, or use the arrow keys.

    Attributes
    ----------
    steps : list of Step
        The steps, as `Graph.steps` returns them.
    alt : str
        What the picture shows after the last step.
    """

    def __init__(self, drawing: Drawing, still: Drawing, steps: list[Step], key: str = "") -> None:
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
        style = Drawing.page_css + _STEPPER_CSS + self._rules()
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
                f'</div>\n<div class="cr-scroll">{self._drawing.element()}</div>',
                f"</div>\n</div>\n{self._still.still()}\n</div>",
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

    def __repr__(self) -> str:
        lines = [self.alt]
        lines += [f"{self._heading(n)}. {self._captions[n]}" for n in range(len(self._captions))]
        return "\n".join(lines)
