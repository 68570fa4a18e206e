"""The one wrapper for figures that matplotlib draws: SVG, alt text, light and dark.

Draw inside `style`, with the colours named here, and hand the figure to `Plot`::

    with plots.style():
        figure = Figure(figsize=(6, 3.5))
        axes = figure.subplots()
        axes.plot(steps, losses, color=plots.BLUE)
        return plots.Plot(figure, alt="What a reader who does not see it must know.")

The colours follow the page: each has a light and a dark form in the SVG. Points drawn
with ``rasterized=True`` keep the colour of light pages.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from html import escape
from typing import Any
from xml.sax.saxutils import quoteattr

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler

from chainrule.figures.picture import Picture, follow_page, follow_system

# Okabe-Ito, with the lighter neighbours on dark pages. Each is a colour that matplotlib
# writes into the SVG and that becomes a variable of the page's style there.
BLUE = "#0072b2"
ORANGE = "#d55e00"
GREEN = "#009e73"
PINK = "#b5578e"
INK = "#1b1f24"
LINE = "#d0d7de"
QUIET = "#57606a"
GROUND = "#fefefe"
SERIES = (BLUE, ORANGE, GREEN, PINK)

_NAMES = ("blue", "orange", "green", "pink", "ink", "line", "quiet", "ground")
_LIGHT = dict(zip(_NAMES, (BLUE, ORANGE, GREEN, PINK, INK, LINE, QUIET, "#ffffff"), strict=True))
_DARK = dict(
    zip(
        _NAMES,
        ("#56b4e9", "#e69f00", "#33b894", "#e29bc4", "#f0f3f6", "#3b4550", "#9aa7b4", "#14181e"),
        strict=True,
    )
)
_BY_COLOUR = dict(zip((BLUE, ORANGE, GREEN, PINK, INK, LINE, QUIET, GROUND), _NAMES, strict=True))

_SETTINGS: dict[Any, object] = {
    "axes.axisbelow": True,
    "axes.edgecolor": QUIET,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=SERIES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "figure.facecolor": GROUND,
    "font.size": 10.5,
    "grid.color": LINE,
    "legend.edgecolor": LINE,
    "legend.facecolor": GROUND,
    "legend.framealpha": 1.0,
    "lines.linewidth": 2.0,
    "path.simplify": False,
    "savefig.facecolor": "auto",
    "svg.fonttype": "path",
    "svg.hashsalt": "chainrule",
    "text.color": INK,
    "xtick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
}


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--crp-{name}:{colour};" for name, colour in colours.items())


# For a page that holds plots.
PAGE_CSS = (
    follow_page(".cr-plots", _variables(_LIGHT), _variables(_DARK))
    + ".cr-plots .cr-live{display:block!important}\n"
    ".cr-plots .cr-still{display:none!important}\n"
    ".cr-plots svg{display:block;width:100%;height:auto;background:none}\n"
    ".cr-plots .cr-scroll{overflow-x:auto;border-radius:6px;background:var(--crp-ground)}\n"
)
_ALONE_CSS = follow_system("svg", _variables(_LIGHT), _variables(_DARK))


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Set the course's look for the figures that are made inside this context."""
    with mpl.rc_context(_SETTINGS):
        yield


class Plot(Picture):
    """A matplotlib figure as SVG with alt text; shows itself in a notebook.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn inside `style`.
    alt : str
        What the figure shows, for readers who do not see it.

    Attributes
    ----------
    alt : str
    width : int
        In pixels, at its own size.

    Raises
    ------
    ValueError
        Without alt text.
    """

    frame = "cr-figure cr-plots"
    page_css = PAGE_CSS
    alone_css = _ALONE_CSS

    def __init__(self, figure: Figure, alt: str) -> None:
        super().__init__(alt)
        self.width = round(float(figure.get_figwidth()) * 96)
        written = io.StringIO()
        with style():
            figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
        self._body, self._box = _reduced(written.getvalue())

    def element(self, style: str = "", alone: bool = False) -> str:
        """Return the SVG element; with ``alone`` as a document of its own."""
        space = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
        size = f'width="{self.width}"' if alone else f'style="max-width:{self.width}px"'
        sheet = f"<style>{style}</style>" if style else ""
        return (
            f'<svg{space} xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{self._box}" {size} '
            f'role="img" aria-label={quoteattr(self.alt)}>'
            f"<title>{escape(self.alt)}</title>{sheet}{self._body}</svg>"
        )


def _reduced(svg: str) -> tuple[str, str]:
    """Return what stands inside matplotlib's svg element, in the page's colours, and its box."""
    head = re.search(r"<svg[^>]*viewBox=\"([^\"]*)\"[^>]*>", svg)
    if head is None:
        raise ValueError("matplotlib wrote no SVG element")
    body = svg[head.end() : svg.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"\n\s*", "\n", body)
    # matplotlib's ids would meet those of other figures on the page; only these are used.
    used = set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", body))
    body = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", body)
    for colour, name in _BY_COLOUR.items():
        body = re.sub(rf"{colour}\b", f"var(--crp-{name},{colour})", body, flags=re.IGNORECASE)
    # A hundredth of a point is enough, makes a small file, and is the same on every machine.
    body = re.sub(r' (?:d|x|y)="[^"]*"', lambda m: _NUMBER.sub(_rounded, m[0]), body)
    return body.strip(), head[1]


_NUMBER = re.compile(r"-?\d+\.\d{3,}")


def _rounded(match: re.Match) -> str:
    return f"{float(match[0]):.2f}"
