"""Small tables of words and numbers, as text and as HTML."""

from collections.abc import Sequence
from html import escape


def as_text(head: Sequence[str], rows: Sequence[Sequence[str]], right: bool = False) -> str:
    """Return a table as lines of text; `right` moves its cells to the right.

    >>> print(as_text(("run", "error"), [("a", "20.0 %")]))
    run  error
    a    20.0 %
    """
    lines = [head, *rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    put = str.rjust if right else str.ljust
    return "\n".join(
        "  ".join(put(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_html(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Return a table as HTML, with its caption where it has one."""
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    titles = "".join(f"<th scope='col'>{escape(text)}</th>" for text in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table>{above}<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
