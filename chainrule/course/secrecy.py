"""Prove that nothing secret is in what students and readers get.

Secret is every line of a solution, a hidden test or a marking scheme in
``source/``, and the canary in each of these regions. The check looks for them in
a folder, a wheel or an sdist, with white space and markup taken away, so that
neither an indent nor a highlighted page hides one.
"""

import builtins
import html
import io
import json
import keyword
import re
import tarfile
import tokenize
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from fairmark.cells import delimiters_in, marking, regions

from chainrule.course.paths import CourseError

#: Shorter lines, with white space taken away, are too common to be anybody's secret.
SHORTEST = 10

#: A line of code with fewer names of its own, such as ``return value``, is anybody's.
FEWEST_NAMES = 2

_CANARY = re.compile(r"canary-[0-9a-f]{16}")
_TOKEN = re.compile(r"[^\W\d]\w*|\d+")
_GENERIC_NAMES = frozenset(keyword.kwlist) | frozenset(dir(builtins))


@dataclass(frozen=True)
class Secret:
    """A piece of text that must not travel, and where it comes from."""

    text: str
    origin: str


@dataclass(frozen=True)
class Leak:
    """A secret that was found where it must not be."""

    secret: Secret
    place: str

    def __str__(self) -> str:
        return f"{self.place}: holds “{self.secret.text[:60]}” of {self.secret.origin}"


def secrets(root: Path) -> list[Secret]:
    """Collect all secrets of ``source/``.

    Raises
    ------
    CourseError
        When a region has no canary, or a solution cell has no region.
    """
    found = []
    for path in sorted((root / "source").glob("*/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            origin = f"{path.parent.name}/{path.name}, cell {cell.id}"
            found += _secrets_of_cell(cell, origin)
    return found


def _secrets_of_cell(cell, origin: str) -> list[Secret]:
    inside = regions(cell.source)
    if marking(cell).solution and not inside:
        raise CourseError(f"{origin}: a solution cell needs a BEGIN SOLUTION region")
    found = []
    for region in inside:
        canaries = _CANARY.findall(region)
        if not canaries:
            raise CourseError(f"{origin}: a region has no canary (canary- and 16 hex digits)")
        found += [Secret(canary, origin) for canary in canaries]
        lines = region.splitlines()
        found += [Secret(_squeezed(line), origin) for line in lines if _is_secret(line)]
    return found


def _is_secret(line: str) -> bool:
    """Tell whether a line says something of its own: no import, no bare syntax."""
    text = line.strip()
    if len(_squeezed(text)) < SHORTEST or re.match(r"(import|from)\s", text):
        return False
    return not _is_generic(text)


def _is_generic(text: str) -> bool:
    """Tell whether a line of code says too little to be recognised: one own name, no number."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        tokens = _TOKEN.findall(text)
        return len({word for word in tokens if word not in _GENERIC_NAMES}) < FEWEST_NAMES
    if any(t.type in (tokenize.NUMBER, tokenize.STRING, tokenize.COMMENT) for t in tokens):
        return False
    names = {t.string for t in tokens if t.type == tokenize.NAME}
    return len(names - _GENERIC_NAMES) < FEWEST_NAMES


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def find(root: Path, files: Iterator[tuple[str, bytes]]) -> list[Leak]:
    """Search files for the secrets of a course.

    Parameters
    ----------
    root : Path
        The course folder with ``source/``.
    files : iterable of (name, content)
        What to search.

    Returns
    -------
    list of Leak
        One for each secret and file.
    """
    wanted = secrets(root)
    canaries = [secret for secret in wanted if _CANARY.fullmatch(secret.text)]
    leaks = []
    for name, content in files:
        if b"\0" in content[:8192]:  # an image or an archive: only a canary can be recognised
            raw = content.decode("latin-1")
            leaks += [Leak(secret, name) for secret in canaries if secret.text in raw]
            continue
        text = _searchable(name, content)
        leaks += [Leak(secret, name) for secret in wanted if secret.text in text]
        if name.endswith((".ipynb", ".html")):
            words = delimiters_in(content.decode("utf-8", "replace"))
            leaks += [Leak(Secret(word, "a delimiter"), name) for word in words]
    return leaks


def _searchable(name: str, content: bytes) -> str:
    """Return a file's text in every form in which a secret could stand in it, squeezed."""
    text = content.decode("utf-8", "replace")
    forms = [text, html.unescape(text), html.unescape(re.sub(r"<[^>]*>", "", text))]
    if name.endswith(".ipynb"):
        forms.append(_strings(json.loads(text)))
    else:
        forms.append(text.replace("\\n", "\n").replace('\\"', '"'))
    return "\n".join(_squeezed(form) for form in dict.fromkeys(forms))


def _strings(value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(_strings(v) for v in value.values())
    if isinstance(value, list):
        return "".join(_strings(v) for v in value)
    return ""


def files_of(place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file in a folder, a wheel, a zip or a tar archive."""
    if place.is_dir():
        for path in sorted(p for p in place.rglob("*") if p.is_file()):
            yield str(path.relative_to(place.parent)), path.read_bytes()
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            for name in archive.namelist():
                yield name, archive.read(name)
    else:
        with tarfile.open(place) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is not None:
                    yield member.name, stream.read()


def check_site(root: Path, site: Path) -> int:
    """Check a built book; returns the number of files that were searched.

    What lies in ``_static`` comes from the theme and from MathJax and is left out.

    Raises
    ------
    CourseError
        As :func:`check_folder`.
    """
    pages = ((n, c) for n, c in files_of(site) if "_static" not in Path(n).parts)
    return _check(root, site, list(pages))


def check_folder(root: Path, place: Path) -> int:
    """Check a folder or an archive; returns the number of files that were searched.

    Raises
    ------
    CourseError
        Lists the leaks, or says that there was nothing to search.
    """
    if not place.exists():
        raise CourseError(f"There is nothing at {place} to search for leaks.")
    return _check(root, place, list(files_of(place)))


def _check(root: Path, place: Path, files: list[tuple[str, bytes]]) -> int:
    if not files:
        raise CourseError(f"{place} holds no files; a leak check of nothing proves nothing.")
    leaks = find(root, iter(files))
    if leaks:
        listing = "\n- ".join(str(leak) for leak in leaks[:20])
        raise CourseError(f"{len(leaks)} leaks in {place.name}:\n- {listing}")
    return len(files)
