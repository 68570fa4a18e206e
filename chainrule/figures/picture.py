"""The base of all that a notebook shows as a figure: alt text, HTML, SVG, light and dark.

It needs the standard library alone, so that graphs can be drawn without matplotlib.
"""

from __future__ import annotations

import base64
from pathlib import Path
from xml.sax.saxutils import quoteattr

# A page that states its theme is believed; the reader's system decides otherwise.
_NO_THEME = "html:not([data-theme]):not([theme]) body:not([data-jp-theme-light])"
_PAGE_THEMES = (
    'html[data-theme="dark"]',  # the book (Sphinx, pydata theme)
    'body[data-jp-theme-light="false"]',  # JupyterLab
    'html[theme="dark"]',  # Colab
)


def follow_page(selector: str, light: str, dark: str) -> str:
    """Return CSS that gives an element one of two sets of variables, as the page's theme is."""
    dark_pages = ",".join(f"{page} {selector}" for page in _PAGE_THEMES)
    return (
        f"{selector}{{{light}}}\n"
        f"@media (prefers-color-scheme:dark){{{_NO_THEME} {selector}{{{dark}}}}}\n"
        f"{dark_pages}{{{dark}}}\n"
    )


def follow_system(selector: str, light: str, dark: str) -> str:
    """Return CSS for a picture in a file of its own, light or dark as the reader's system is."""
    return f"{selector}{{{light}}}\n@media (prefers-color-scheme:dark){{{selector}{{{dark}}}}}"


class Shown:
    """What a notebook shows as HTML, and in words where it shows no more than text.

    Attributes
    ----------
    alt : str
        What is seen, for readers who do not see it.
    """

    alt: str

    @property
    def html(self) -> str:
        """The whole as HTML, with its style sheet."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return self.alt


class Picture(Shown):
    """An SVG picture with alt text, which shows itself in a notebook and saves itself.

    A subclass says how its SVG `element` is made, and the three attributes below.

    Parameters
    ----------
    alt : str
        What the picture shows, for readers who do not see it.

    Attributes
    ----------
    frame : str
        Classes of the element around it on a page.
    page_css : str
        The style sheet of a page that holds such pictures.
    alone_css : str
        The style sheet of a picture in a file of its own.

    Raises
    ------
    ValueError
        Without alt text.
    """

    frame: str
    page_css: str
    alone_css: str

    def __init__(self, alt: str) -> None:
        if not alt.strip():
            raise ValueError("a figure needs alt text")
        self.alt = alt

    def element(self, style: str = "", alone: bool = False) -> str:
        """Return the SVG element; with ``alone`` as a document of its own."""
        raise NotImplementedError

    @property
    def svg(self) -> str:
        """A complete SVG document with its own style sheet, light or dark as the system is."""
        return self.element(self.alone_css, alone=True)

    def still(self, css_class: str = "cr-still") -> str:
        """Return the picture as an image element, for pages that allow no more."""
        data = base64.b64encode(self.svg.encode()).decode()
        return (
            f'<img class="{css_class}" alt={quoteattr(self.alt)} '
            f'src="data:image/svg+xml;base64,{data}">'
        )

    @property
    def html(self) -> str:
        """The picture as HTML, with its style sheet.

        A notebook that is not trusted drops styles and SVG, and would leave a heap of
        numbers. There the inline style hides the live part, and the image stands in for it.
        """
        return (
            f'<div class="{self.frame}">\n<style>{self.page_css}</style>\n'
            f'<div class="cr-live cr-scroll" style="display:none">{self.element()}</div>\n'
            f"{self.still()}\n</div>"
        )

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, and return its path.

        Parameters
        ----------
        path : str or Path
            A name that ends in ``.svg``.

        Raises
        ------
        ValueError
            If the name ends in something else.
        """
        path = Path(path)
        if path.suffix.lower() != ".svg":
            raise ValueError(
                f"a figure is saved as SVG: {path.name!r} should end in .svg. "
                "Every browser opens such a file and can print it as PDF"
            )
        path.write_text(self.svg, encoding="utf-8")
        return path
