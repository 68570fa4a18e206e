"""Reading notebooks that people hand in, whatever state they are in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

#: What nbformat raises on JSON that is no notebook; its upgrade functions meet
#: missing keys and wrong types with whatever Python raises there.
_FORMAT_ERRORS = (
    nbformat.reader.NotJSONError,
    nbformat.ValidationError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)

#: A single half of a character's code pair, which no file can hold.
_HALF = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """The file is no notebook. The text says what it is, for a person to read."""


def read_notebook(data: bytes, name: str) -> tuple[NotebookNode, list[str]]:
    """Read a notebook and bring it to the present format.

    Parameters
    ----------
    data : bytes
        What the file holds.
    name : str
        The name of the file, for the messages.

    Returns
    -------
    notebook : NotebookNode
        In format 4.5, with an id for every cell.
    repairs : list of str
        What was put right.

    Raises
    ------
    Unreadable
        When it is empty, a web page, cut off, no JSON, or no notebook.
    """
    text, repairs = _decode(data)
    _refuse_obvious(text, data, name)
    content = _parse(text, name)
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        raise Unreadable(f"{name} is JSON, but not a notebook (it has no cells)")
    if not isinstance(content.get("cells", []), list):
        raise Unreadable(f"{name} is damaged: its cells are no list")
    notebook = _upgrade(content, name, repairs)
    _normalise_cells(notebook)
    return notebook, repairs


def read_script(data: bytes, name: str) -> NotebookNode:
    """Read a Python backup (jupytext's percent format) as a notebook.

    Parameters
    ----------
    data : bytes
        What the file holds.
    name : str
        The name of the file, for the messages.

    Raises
    ------
    Unreadable
        When jupytext cannot read it.
    """
    # Imported here: it brings Jupyter's server with it, and few hand in such a file.
    import jupytext

    text, _ = _decode(data)
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
        notebook = NotebookNode(nbformat.from_dict(nbformat.convert(notebook, to_version=4)))
    except (*_FORMAT_ERRORS, SyntaxError) as error:
        raise Unreadable(f"{name} is not a Python backup of a notebook: {error}") from error
    _normalise_cells(notebook)
    return notebook


def file_bytes(path: Path, limit: int) -> bytes:
    """Read a file that is not larger than the limit.

    Parameters
    ----------
    path : Path
        The file.
    limit : int
        In bytes.

    Raises
    ------
    Unreadable
        When it is larger or cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > limit:
            megabytes = size / 1e6
            raise Unreadable(f"{path.name} is too large ({megabytes:.0f} MB)")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from error


def _decode(data: bytes) -> tuple[str, list[str]]:
    for encoding in (_wide_encoding(data), "utf-8-sig"):
        try:
            text = data.decode(encoding) if encoding else None
        except UnicodeDecodeError:
            continue
        if text is not None:
            name = encoding.upper()
            usual = encoding == "utf-8-sig"
            return text, [] if usual else [f"The file is not UTF-8; it was read as {name}."]
    return data.decode("latin-1"), ["The file is not UTF-8; it was read as Latin-1."]


def _wide_encoding(data: bytes) -> str:
    """Tell UTF-16 and UTF-32 by their mark, or by the zeros between plain letters."""
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = data[0:64:2], data[1:64:2]
    if len(odd) > 1 and not any(odd) and all(even):
        return "utf-16-le"
    if len(odd) > 1 and not any(even) and all(odd):
        return "utf-16-be"
    return ""


def _refuse_obvious(text: str, data: bytes, name: str) -> None:
    start = text.lstrip()[:200].lower()
    if not start:
        raise Unreadable(f"{name} is empty")
    if start.startswith("<"):
        raise Unreadable(f"{name} is a web page (HTML), not a notebook: a link was saved")
    if data[:2] == b"PK":
        raise Unreadable(f"{name} is a zip archive, not a notebook")
    if data[:4] == b"%PDF":
        raise Unreadable(f"{name} is a PDF, not a notebook")


def _parse(text: str, name: str) -> object:
    try:
        content = json.loads(text)
        return _whole_characters(content) if "\\ud" in text.lower() else content
    except RecursionError as error:
        raise Unreadable(f"{name} is nested too deeply to be a notebook") from error
    except json.JSONDecodeError as error:
        if _is_cut_off(text, error):
            raise Unreadable(
                f"{name} is cut off: it begins like a notebook and ends in line {error.lineno}"
            ) from error
        raise Unreadable(f"{name} is not JSON (line {error.lineno}: {error.msg})") from error
    except ValueError as error:  # such as a number with millions of digits
        raise Unreadable(f"{name} is not JSON ({error})") from error


def _whole_characters(content: object) -> object:
    """Replace halves of characters, which could be read but never be written again."""
    if isinstance(content, str):
        return _HALF.sub("\ufffd", content)
    if isinstance(content, list):
        return [_whole_characters(item) for item in content]
    if isinstance(content, dict):
        return {_HALF.sub("\ufffd", k): _whole_characters(v) for k, v in content.items()}
    return content


def _is_cut_off(text: str, error: json.JSONDecodeError) -> bool:
    """Tell whether a notebook simply stops: an unfinished download or upload."""
    begins_well = text.lstrip().startswith("{")
    unfinished = error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip())
    return begins_well and unfinished


def _upgrade(content: dict[str, Any], name: str, repairs: list[str]) -> NotebookNode:
    old = content.get("nbformat")
    if not isinstance(old, int) or isinstance(old, bool):
        content = {**content, "nbformat": 4, "nbformat_minor": 5}
        repairs.append("The notebook named no format; it was read as format 4.")
    elif old > 4:
        content = {**content, "nbformat": 4, "nbformat_minor": 5}
        repairs.append(f"The notebook says format {old}; it was read as format 4.")
    try:
        notebook: NotebookNode = nbformat.from_dict(content)
        if notebook.nbformat != 4:
            notebook = nbformat.reader.reads(json.dumps(content))
            notebook = nbformat.convert(notebook, to_version=4)
            repairs.append(f"The notebook was upgraded from format {old}.")
    except _FORMAT_ERRORS as error:
        raise Unreadable(f"{name} is damaged: nbformat says {error}") from error
    return notebook


def _normalise_cells(notebook: NotebookNode) -> None:
    """Give every cell the parts that the format asks for; drop what is no cell."""
    cells = notebook.get("cells")
    kept = [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
    used: set[str] = set()
    notebook.cells = [_normalise_cell(cell, number, used) for number, cell in enumerate(kept)]
    if not isinstance(notebook.get("metadata"), dict):
        notebook.metadata = NotebookNode()
    notebook.nbformat, notebook.nbformat_minor = 4, 5


def _normalise_cell(cell: dict[str, Any], number: int, used: set[str]) -> NotebookNode:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(str(line) for line in source)
    if not isinstance(source, str):
        source = ""
    metadata = cell.get("metadata")
    clean = NotebookNode(
        id=_fresh_id(cell.get("id"), number, used),
        cell_type=cell.get("cell_type"),
        metadata=metadata if isinstance(metadata, dict) else NotebookNode(),
        source=source,
    )
    if clean.cell_type not in ("code", "markdown", "raw"):
        clean.cell_type = "markdown"
    if clean.cell_type == "code":
        clean.outputs = []
        clean.execution_count = None
    elif isinstance(cell.get("attachments"), dict):
        clean.attachments = cell["attachments"]
    return clean


def _fresh_id(old: object, number: int, used: set[str]) -> str:
    """Keep a legal id that is not taken; else number the cell."""
    wanted = old if isinstance(old, str) else ""
    legal = 0 < len(wanted) <= 64 and wanted.replace("-", "").replace("_", "").isalnum()
    if not legal or not wanted.isascii() or wanted in used:
        wanted = f"cell-{number}"
        while wanted in used:
            wanted += "-x"
    used.add(wanted)
    return wanted
