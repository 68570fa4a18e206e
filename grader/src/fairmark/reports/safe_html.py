"""Turning what students wrote into HTML that runs nothing and asks no other site.

Everything passes one filter: a short list of tags and attributes, pictures only
as data inside the page, no scripts, no styles, no frames. Mathematics becomes
MathML, which browsers show without a script.
"""

from __future__ import annotations

import base64
import html
import mimetypes
import re
import secrets
from collections.abc import Mapping
from xml.etree import ElementTree

import nh3
from bs4 import BeautifulSoup, Tag
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from fairmark.messages import plain

try:
    from latex2mathml import converter as mathml
    from latex2mathml import exceptions as mathml_exceptions
except ImportError:  # mathematics is then shown as TeX
    # mypy has no word for a module that may be missing.
    mathml = mathml_exceptions = None  # type: ignore[assignment]

_DROPPED = ["script", "style", "iframe", "object", "embed", "template", "noscript", "link", "form"]
_TAGS = frozenset(
    "a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img "
    "kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead "
    "tr u ul var".split()
)
_CELL = frozenset(["colspan", "rowspan", "align", "scope"])
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "class"},
    "td": _CELL,
    "th": _CELL,
}
#: How the addresses begin that are kept: what a page asks for on its own stands in it.
_ADDRESSES = {"src": ("data:image/",), "href": ("http://", "https://", "mailto:", "#")}
_LONGEST_TEXT = 20_000
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")

_MATH_TAGS = frozenset(
    "math semantics mrow mi mo mn ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom "
    "menclose msub msup msubsup munder mover munderover mmultiscripts mprescripts mtable mtr "
    "mtd".split()
)
_MATH_ATTRIBUTES = frozenset(
    "display displaystyle scriptlevel mathvariant stretchy fence form separator symmetric "
    "minsize maxsize largeop movablelimits accent accentunder lspace rspace width height depth "
    "linethickness columnalign rowalign columnspacing rowspacing columnlines rowlines notation "
    "columnspan rowspan".split()
)
_XMLNS = "http://www.w3.org/1998/Math/MathML"
#: Environments that the converter does not know, and the ones that look the same.
_ENVIRONMENTS = {
    "aligned": "split",
    "gathered": "matrix",
    "gather": "matrix",
    "gather*": "matrix",
    "equation": "matrix",
    "equation*": "matrix",
}

#: The attachments of a cell, as students hand them in: name to media type to base64.
_Attachments = Mapping[str, object]
_HIDDEN = re.compile(r"display\s*:\s*none")


def markdown(
    source: str,
    attachments: Mapping[str, Mapping[str, str]] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> str:
    """Render Markdown.

    Parameters
    ----------
    source : str
        As it stands in the cell.
    attachments : mapping, optional
        The cell's attachments: name to media type to base64.
    files : mapping, optional
        Files of the submission that pictures may name.
    """
    renderer = _Renderer()
    rendered = MarkdownWithMath(renderer=renderer).render(source)
    cleaned = clean(rendered, attachments, files)
    return renderer.put_mathematics_back(cleaned)


def clean(
    text: str,
    attachments: Mapping[str, Mapping[str, str]] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> str:
    """Keep of some HTML what cannot do anything.

    Parameters
    ----------
    text : str
        Any HTML.
    attachments, files : mapping, optional
        Where pictures may come from; see `markdown`.
    """
    soup = BeautifulSoup(text, "html.parser")
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    # Without its styles a drawing that waits for a script would show as black
    # boxes; what stands beside it for pages such as this one stays.
    for tag in soup.find_all(style=_HIDDEN):
        tag.decompose()
    for tag in soup.find_all("svg"):
        picture = soup.new_tag("img", src=_svg_address(str(tag)), alt=_svg_title(tag))
        tag.replace_with(picture)
    for tag in soup.find_all("img"):
        _settle_picture(soup, tag, attachments or {}, files or {})
    return nh3.clean(
        str(soup),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_safe_value,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )


def output(out: NotebookNode, files: Mapping[str, bytes] | None = None) -> str:
    """Render one output of a code cell.

    Parameters
    ----------
    out : NotebookNode
        A stream or a display. Errors are not for this function.
    files : mapping, optional
        Files of the submission that pictures may name.
    """
    if out.output_type == "stream":
        return _pre(out.get("text", ""))
    data = out.get("data", {})
    for kind in _PICTURES:
        if kind in data:
            return _picture(kind, data[kind], str(data.get("text/plain", "")))
    if "text/html" in data:
        cleaned = clean(_text(data["text/html"]), files=files)
        if cleaned.strip():
            return f'<div class="rich">{cleaned}</div>'
    if "text/markdown" in data:
        return markdown(_text(data["text/markdown"]), files=files)
    if "text/latex" in data:
        return markdown(_text(data["text/latex"]))
    return _pre(data.get("text/plain", ""))


def texts(out: NotebookNode) -> str:
    """Return all that can be read in an output, to search it.

    Parameters
    ----------
    out : NotebookNode
        Any output.
    """
    if out.output_type == "stream":
        return _text(out.get("text", ""))
    if out.output_type == "error":
        return "\n".join([str(out.get("evalue", "")), *map(str, out.get("traceback", []))])
    kinds = (value for kind, value in out.get("data", {}).items() if kind not in _PICTURES[1:])
    return "\n".join(_text(value) for value in kinds)


def _text(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _pre(value: object) -> str:
    text = plain(_text(value)).rstrip("\n")
    if len(text) > _LONGEST_TEXT:
        text = text[:_LONGEST_TEXT] + "\n[the rest is not shown]"
    return f"<pre>{html.escape(text)}</pre>" if text.strip() else ""


def _picture(kind: str, value: object, alt: str) -> str:
    text = _text(value)
    if kind == "image/svg+xml":
        source = _svg_address(text)
    else:
        encoded = re.sub(r"\s", "", text)
        if not re.fullmatch(r"[A-Za-z0-9+/=]*", encoded):
            return ""
        source = f"data:{kind};base64,{encoded}"
    words = html.escape(plain(alt)[:200] or "picture made by this cell", quote=True)
    return f'<img class="picture" alt="{words}" src="{source}">'


def _svg_address(text: str) -> str:
    """Return a drawing as an address inside the page: as a picture it runs no script."""
    if "xmlns=" not in text.split(">", 1)[0]:
        text = text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    encoded = base64.b64encode(text.encode()).decode()
    return f"data:image/svg+xml;base64,{encoded}"


def _svg_title(tag: Tag) -> str:
    title = tag.find("title")
    label = str(tag.get("aria-label") or "")
    return label or (title.get_text(strip=True) if title else "") or "drawing"


def _settle_picture(
    soup: BeautifulSoup, tag: Tag, attachments: _Attachments, files: Mapping[str, bytes]
) -> None:
    """Put a picture's data into the page, or words in its place."""
    source = str(tag.get("src") or "").strip()
    data = _picture_data(source, attachments, files)
    if data is None:
        note = soup.new_tag("em")
        note.string = f"[picture not shown: {source[:100] or 'no address'}]"
        tag.replace_with(note)
        return
    tag.attrs = {"src": data, "alt": str(tag.get("alt") or "picture"), "class": "picture"}


def _picture_data(source: str, attachments: _Attachments, files: Mapping[str, bytes]) -> str | None:
    kind = source.removeprefix("data:").split(";")[0]
    if source.startswith("data:"):
        return source if kind in _PICTURES else None
    name = source.removeprefix("attachment:")
    bundle = attachments.get(name)
    if isinstance(bundle, Mapping):
        for kind, value in bundle.items():
            if kind in _PICTURES:
                return f"data:{kind};base64," + re.sub(r"\s", "", _text(value))
    name = source.removeprefix("./")
    guessed = mimetypes.guess_type(name)[0]
    if name in files and guessed in _PICTURES:
        return f"data:{guessed};base64," + base64.b64encode(files[name]).decode()
    return None


def _safe_value(tag: str, name: str, value: str) -> str | None:
    return value if value.startswith(_ADDRESSES.get(name, "")) else None


class _Renderer(IPythonRenderer):
    """nbconvert's renderer; mathematics waits behind a mark until the HTML is clean."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self._mark = secrets.token_hex(8)
        self._kept: list[str] = []

    def _keep(self, tex: str, block: bool) -> str:
        self._kept.append(formula(tex, block))
        return f"{self._mark}-{len(self._kept) - 1}-"

    def block_math(self, body: str) -> str:
        return self._keep(body, True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._keep(rf"\begin{{{name}}}{body}\end{{{name}}}", True)

    def inline_math(self, body: str) -> str:
        return self._keep(body, False)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        # The base class would read files from the disk; `clean` decides instead.
        return f'<img alt="{html.escape(text)}" src="{html.escape(url)}">'

    def put_mathematics_back(self, text: str) -> str:
        """Replace the marks by the formulas."""
        return re.sub(rf"{self._mark}-(\d+)-", lambda match: self._kept[int(match[1])], text)


def formula(tex: str, block: bool) -> str:
    """Turn TeX into MathML; where that fails, show the TeX itself.

    Parameters
    ----------
    tex : str
        Without dollar signs.
    block : bool
        Whether it stands on a line of its own.
    """
    converted = _to_mathml(tex, "block" if block else "inline")
    if converted is None:
        return f'<code class="tex">{html.escape(tex.strip())}</code>'
    return converted


def _to_mathml(tex: str, display: str) -> str | None:
    if mathml is None or len(tex) > 5000:
        return None
    for unknown, same in _ENVIRONMENTS.items():
        for word in ("begin", "end"):
            tex = tex.replace(rf"\{word}{{{unknown}}}", rf"\{word}{{{same}}}")
    try:
        # `<` is read as markup by the XML parser below.
        tree = ElementTree.fromstring(_convert(tex.replace("<", r"\lt "), display))
    except ElementTree.ParseError:
        return None
    if tree is None or not all(_is_mathematics(item) for item in tree.iter()):
        return None
    ElementTree.register_namespace("", _XMLNS)
    return ElementTree.tostring(tree, encoding="unicode")


def _convert(tex: str, display: str) -> str:
    """Convert; every complaint becomes an empty text, which no parser takes."""
    try:
        return mathml.convert(tex.strip(), display=display)
    except _mathml_errors():
        return ""


def _mathml_errors() -> tuple[type[Exception], ...]:
    """Return what the converter raises: its own exceptions have no common class."""
    own = [item for item in vars(mathml_exceptions).values() if isinstance(item, type)]
    lookups = (LookupError, ValueError, TypeError, AttributeError, RecursionError, StopIteration)
    return (*(item for item in own if issubclass(item, Exception)), *lookups)


def _is_mathematics(item: ElementTree.Element) -> bool:
    """Say if an element is plain MathML; drop what is not needed of its attributes."""
    tag = item.tag.removeprefix(f"{{{_XMLNS}}}")
    for name in set(item.attrib) - _MATH_ATTRIBUTES:
        del item.attrib[name]
    return tag in _MATH_TAGS
