"""Draw docs/architecture.svg: the processes of one grading run, and who holds which socket.

python tools/draw_architecture.py           # writes the drawing
python tools/draw_architecture.py --check   # fails where the file is not what is drawn
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "docs" / "architecture.svg"
WIDTH, HEIGHT = 900, 600
LINE = 18

#: Okabe-Ito's blue and vermilion. A white ground of its own, so that a dark page changes nothing.
STYLE = """\
  text { font: 13px sans-serif; fill: #1b1b1b }
  .name { font-weight: bold }
  .box { fill: #ffffff; stroke: #0072b2; stroke-width: 2 }
  .shut { fill: #fdf1ea; stroke: #d55e00; stroke-width: 2; stroke-dasharray: 7 4 }
  .line { fill: none; stroke: #1b1b1b; stroke-width: 1.6 }
  .fork { fill: none; stroke: #0072b2; stroke-width: 1.6; stroke-dasharray: 2 4 }
  .label { font-size: 12px }"""


@dataclass(frozen=True)
class Box:
    """A process: where it stands, its name, and what it may read."""

    x: int
    y: int
    width: int
    name: str
    lines: tuple[str, ...]
    shut: bool = False

    @property
    def height(self) -> int:
        """As much as its lines need."""
        return 34 + LINE * len(self.lines)


@dataclass(frozen=True)
class Arrow:
    """A connection: its corners, and what goes over it."""

    corners: tuple[tuple[int, int], ...]
    label: tuple[str, ...]
    at: tuple[int, int]
    kind: str = "line"
    both: bool = True


BOXES = (
    Box(
        20, 20, 320, "Grader: fairmark grade",
        ("reads: source/", "writes, it alone: gradebook,", "autograded/, .fairmark/"),
    ),
    Box(
        560, 20, 320, "Worker, one for each processor",
        ("reads: submitted/ of its submission", "holds: every socket below", "sees no gradebook"),
    ),
    Box(
        20, 200, 320, "Warm server",
        ("reads: Python and its libraries", "sees no notebook, check or submission"),
    ),
    Box(
        20, 440, 360, "Student's process",
        (
            "reads: Python, data sets, files handed in,",
            "helper files beside the notebook in source/",
            "writes: its own folder, which ends with it",
            "sees no check, network or other process",
        ),
        shut=True,
    ),
    Box(
        520, 440, 360, "Checks' process",
        (
            "reads: Python, data sets, data files handed",
            "in or written since, the instructors' helpers",
            "imports no file of the submission",
            "its word alone gives points",
        ),
        shut=True,
    ),
)  # fmt: skip

ARROWS = (
    Arrow(((340, 55), (560, 55)), ("what is to be graded", "outputs, points, status"), (366, 48)),
    Arrow(
        ((590, 111), (590, 235), (340, 235)),
        ("fork, interrupt, end, as JSON;", "with a fork: ends of two sockets"), (366, 228),
    ),
    Arrow(
        ((640, 111), (640, 330), (260, 330), (260, 440)),
        ("control: files, the student's cells;", "back: outputs"), (366, 323),
    ),
    Arrow(
        ((760, 111), (760, 440)),
        ("control: check", "cells, files; back:", "outputs"), (768, 230),
    ),
    Arrow(((380, 500), (520, 500)), ("channel: data", "and stand-ins"), (408, 493)),
    Arrow(((80, 272), (80, 440)), ("fork",), (88, 400), "fork", False),
    Arrow(((180, 272), (180, 390), (600, 390), (600, 440)), ("fork",), (560, 384), "fork", False),
)  # fmt: skip
LEGEND = (
    "Dashed frame: in a sandbox of its own. Dotted line: is forked from. "
    "Arrow at both ends: a socket."
)


def drawing() -> str:
    """Return the whole drawing as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="The processes of one grading run">',
        f"<style>\n{STYLE}\n</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>',
        *map(_box, BOXES),
        *map(_arrow, ARROWS),
        _text(20, HEIGHT - 24, LEGEND, "label"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{mark}>{escape(text)}</text>'


def _box(box: Box) -> str:
    kind = "shut" if box.shut else "box"
    frame = (
        f'<rect class="{kind}" x="{box.x}" y="{box.y}" width="{box.width}" '
        f'height="{box.height}" rx="8"/>'
    )
    lines = [
        _text(box.x + 12, box.y + 44 + LINE * number, line) for number, line in enumerate(box.lines)
    ]
    return "\n".join([frame, _text(box.x + 12, box.y + 23, box.name, "name"), *lines])


def _arrow(arrow: Arrow) -> str:
    path = "M" + " L".join(f"{x} {y}" for x, y in arrow.corners)
    start = ' marker-start="url(#tip)"' if arrow.both else ""
    line = f'<path class="{arrow.kind}" d="{path}" marker-end="url(#tip)"{start}/>'
    x, y = arrow.at
    # The first line of a label stands above its arrow, the others below it.
    labels = [_text(x, y + 22 * n, text, "label") for n, text in enumerate(arrow.label)]
    return "\n".join([line, *labels])


def main() -> None:
    """Write the drawing, or compare it with the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    if not parser.parse_args().check:
        TARGET.write_text(drawing(), encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != drawing():
        sys.exit(f"{TARGET.name} is not what {Path(__file__).name} draws: run it.")


if __name__ == "__main__":
    main()
