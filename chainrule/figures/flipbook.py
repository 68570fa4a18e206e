"""Things to play with: sliders in a live notebook, a flip book where no kernel runs.

The book has no kernel and loads nothing from elsewhere, so a widget would be an empty
box there. `interactive` shows sliders to a person before a live notebook and a given
still figure to everybody else. A `Flipbook` needs neither kernel nor JavaScript.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from html import escape
from xml.sax.saxutils import quoteattr

from chainrule.figures.picture import Shown
from chainrule.figures.plots import PAGE_CSS, Plot
from chainrule.runtime import is_live

_FLIP_CSS = """\
.cr-flip{background:var(--crp-ground);color:var(--crp-ink);padding:8px;border-radius:6px;
font:15px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.cr-flip>input{position:absolute;opacity:0;pointer-events:none}
.cr-flip .cr-choices{display:flex;flex-wrap:wrap;gap:6px;align-items:center;margin:2px 0 8px}
.cr-flip .cr-choices label{cursor:pointer;border:1.5px solid var(--crp-quiet);border-radius:6px;
padding:3px 10px;margin:0;color:inherit;font:inherit;white-space:nowrap}
.cr-flip .cr-page{display:none}
.cr-flip .cr-page p{margin:4px 0 0}
.cr-stills{display:flex;flex-wrap:wrap;gap:8px}
.cr-stills figure{margin:0;max-width:22rem}
.cr-stills img{max-width:100%}
"""


class Flipbook(Shown):
    """Plots of which the reader chooses one at a time, by clicking or with the arrow keys.

    It is made of HTML and CSS alone. Where styles are not allowed, as in a notebook that
    is not trusted, all plots are shown beside one another.

    Parameters
    ----------
    plots : sequence of Plot
        At least two.
    labels : sequence of str
        What the buttons say, one for each plot.
    captions : sequence of str, optional
        A sentence below each plot.
    title : str
        What is chosen, for example ``"learning rate"``.
    start : int
        Index of the plot that is seen first.

    Raises
    ------
    ValueError
        If the numbers of plots, labels and captions differ, or ``start`` is out of range.
    """

    def __init__(
        self,
        plots: Sequence[Plot],
        labels: Sequence[str],
        captions: Sequence[str] | None = None,
        title: str = "choose",
        start: int = 0,
    ) -> None:
        captions = [""] * len(plots) if captions is None else captions
        if len(plots) < 2 or not len(plots) == len(labels) == len(captions):
            raise ValueError(
                f"{len(plots)} plots, {len(labels)} labels and {len(captions)} captions; "
                "there should be two or more, and as many of each"
            )
        if not 0 <= start < len(plots):
            raise ValueError(f"start is {start}; there are plots 0 to {len(plots) - 1}")
        self.plots = list(plots)
        self.labels = list(labels)
        self.captions = list(captions)
        self.title = title
        self.start = start
        parts = zip(labels, plots, captions, strict=True)
        self.alt = "\n".join(f"{label}: {plot.alt} {text}".strip() for label, plot, text in parts)
        content = "".join([title, *labels, *captions, *(plot.svg for plot in plots)])
        self._id = "flip-" + hashlib.sha256(content.encode()).hexdigest()[:10]

    @property
    def html(self) -> str:
        """The flip book as HTML, with its style sheet."""
        numbers = range(len(self.plots))
        # JupyterLab would take the arrow keys for itself without the data attribute.
        radios = "".join(
            f'<input type="radio" name="{self._id}" id="{self._id}-{n}" '
            f"data-lm-suppress-shortcuts aria-label={quoteattr(f'{self.title}: {self.labels[n]}')}"
            f"{' checked' if n == self.start else ''}>\n"
            for n in numbers
        )
        buttons = "".join(
            f'<label class="at-{n}" for="{self._id}-{n}">{escape(self.labels[n])}</label>'
            for n in numbers
        )
        pages = "".join(
            f'<div class="cr-page page-{n}"><div class="cr-scroll">{self.plots[n].element()}</div>'
            f"<p>{escape(self.captions[n])}</p></div>\n"
            for n in numbers
        )
        stills = "".join(
            f"<figure>{self.plots[n].still('')}<figcaption>{escape(self.labels[n])}. "
            f"{escape(self.captions[n])}</figcaption></figure>\n"
            for n in numbers
        )
        return (
            f'<div class="cr-figure cr-plots">\n<style>{PAGE_CSS}{_FLIP_CSS}{self._rules()}</style>'
            f'\n<div class="cr-live cr-flip" role="group" aria-label={quoteattr(self.title)} '
            f'style="display:none">\n{radios}'
            f'<div class="cr-choices"><b>{escape(self.title)}</b>{buttons}</div>\n'
            f'<div class="cr-pages" aria-live="polite">{pages}</div></div>\n'
            f'<div class="cr-still cr-stills">{stills}</div>\n</div>'
        )

    def _rules(self) -> str:
        """Return the rules that tie the radio buttons to the pages."""
        rules = ""
        for n in range(len(self.plots)):
            pressed = f"#{self._id}-{n}:checked~"
            rules += (
                f"{pressed}.cr-pages .page-{n}{{display:block}}\n"
                f"{pressed}.cr-choices .at-{n}"
                "{background:var(--crp-blue);color:var(--crp-ground);border-color:var(--crp-blue)}\n"
                f"#{self._id}-{n}:focus-visible~.cr-choices .at-{n}"
                "{outline:3px solid var(--crp-orange);outline-offset:2px}\n"
            )
        return rules


def interactive(draw: Callable, still: object, **sliders: object) -> None:
    """Show sliders in a live notebook, and a still figure everywhere else.

    Parameters
    ----------
    draw : callable
        Takes the values of the sliders by name and returns a figure, such as a `Plot`.
    still : object
        What is shown where nobody can move a slider: the built book, a graded notebook.
    **sliders
        As for ``ipywidgets.interact``: a widget, ``(low, high, step)``, or a list.
    """
    from IPython.display import display

    if not is_live():
        display(still)
        return
    try:
        import ipywidgets
    except ModuleNotFoundError:
        print("The sliders need the package ipywidgets: pip install ipywidgets")
        display(still)
        return

    def show(**values) -> None:
        display(draw(**values))

    controls = ipywidgets.interactive(show, **sliders)
    for control in controls.children:
        if hasattr(control, "continuous_update"):
            control.continuous_update = False  # draw once the slider is let go
    display(controls)
