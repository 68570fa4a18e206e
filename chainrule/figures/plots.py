"""Wrap matplotlib figures so that they carry alt text and read well on any page."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from xml.sax.saxutils import quoteattr

#: The palette of Okabe and Ito ("Color Universal Design", 2008), without its yellow,
#: which is hard to see on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

#: Lines differ by dash as well as by colour, markers by form.
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

#: Settings of every plot; give them to ``matplotlib.pyplot.rc_context``.
STYLE = {
    "axes.prop_cycle": None,  # filled in by `style`
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "figure.facecolor": "#ffffff",
    "axes.facecolor": "#ffffff",
    "font.size": 11.0,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "path",
    "svg.hashsalt": "chainrule",
}


def style() -> dict:
    """Return the settings of a plot, for ``with pyplot.rc_context(style()):``."""
    from cycler import cycler

    cycle = cycler(color=COLOURS) + cycler(linestyle=DASHES)
    return {**STYLE, "axes.prop_cycle": cycle}


class Plot:
    """A finished matplotlib figure with its alt text.

    It keeps a light ground, so that it is readable on dark pages too. The figure
    is drawn once, here, and closed.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to show.
    alt : str
        What it shows, for readers who do not see it.

    Raises
    ------
    ValueError
        If the alt text is empty.
    """

    def __init__(self, figure, alt: str):
        if not alt.strip():
            raise ValueError("a figure needs alt text")
        self.alt = " ".join(alt.split())
        self._svg = _rendered(figure, "svg")
        self._png = _rendered(figure, "png")
        _close(figure)

    def save(self, path: str | Path) -> Path:
        """Write the figure as SVG or PNG, as the name says, and return where.

        Raises
        ------
        ValueError
            If the name ends in something else.
        """
        path = Path(path)
        kinds = {".svg": self._svg, ".png": self._png}
        if path.suffix.lower() not in kinds:
            raise ValueError(f"{path.name!r} should end in .svg or .png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(kinds[path.suffix.lower()])
        return path

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        data = base64.b64encode(self._svg).decode()
        image = (
            f'<img alt={quoteattr(self.alt)} style="max-width:100%" '
            f'src="data:image/svg+xml;base64,{data}">'
        )
        png = base64.b64encode(self._png).decode()
        return {"text/html": image, "image/png": png, "text/plain": self.alt}

    def __repr__(self) -> str:
        return self.alt


def _rendered(figure, kind: str) -> bytes:
    import matplotlib as mpl

    stream = io.BytesIO()
    # No date and a fixed salt: the same figure gives the same bytes.
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context({"svg.hashsalt": "chainrule", "svg.fonttype": "path"}):
        figure.savefig(stream, format=kind, dpi=130, bbox_inches="tight", metadata=metadata)
    return stream.getvalue()


def _close(figure) -> None:
    from matplotlib import pyplot

    pyplot.close(figure)
