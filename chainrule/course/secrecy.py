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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from fairmark.cells import delimiters_in, marking, regions
from nbformat import NotebookNode

from chainrule.course.paths import CourseError
from chainrule.course.problems import Problem, place_of, read_source, read_sources

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

    @property
    def what(self) -> str:
        """What it holds, and where that comes from."""
        return f"holds “{self.secret.text[:60]}” of {self.secret.origin}"

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def secrets(root: Path, of: str = "") -> list[Secret]:
    """Collect the secrets of ``source/``.

    Of an assignment that was never released, and may be a draft, only the canaries count: a
    line of it that others show may be one that the draft has taken from there. Of a notebook
    that cannot be read, as in the middle of a merge, there are only its canaries too.

    Parameters
    ----------
    root : Path
        The course folder.
    of : str, optional
        An assignment all of whose lines count, released or not.
    """
    found = []
    for path in sorted((root / "source").glob("*/*.ipynb")):
        assignment = path.parent.name
        name = f"{assignment}/{path.name}"
        whole = assignment == of or (root / "release" / assignment).is_dir()
        try:
            cells = read_source(path).cells
        except CourseError:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [Secret(canary, name) for canary in _CANARY.findall(text)]
            continue
        for cell in cells:
            found += _secrets_of_cell(cell, place_of(name, cell), whole)
    return found


def _secrets_of_cell(cell: NotebookNode, origin: str, whole: bool) -> list[Secret]:
    found = []
    for region in regions(cell.source):
        found += [Secret(canary, origin) for canary in _CANARY.findall(region)]
        lines = region.splitlines() if whole else []
        found += [Secret(_squeezed(line), origin) for line in lines if _is_secret(line)]
    return found


def problems_of(name: str, notebook: NotebookNode) -> list[Problem]:
    """Find solutions and hidden tests of a notebook that could be handed out unnoticed.

    Parameters
    ----------
    name : str
        Such as ``backprop/graphs.ipynb``.
    notebook : NotebookNode
        Of ``source/``.
    """
    found = []
    for cell in notebook.cells:
        place, inside = place_of(name, cell), regions(cell.source)
        if marking(cell).solution and not inside:
            cause = "a solution cell needs a BEGIN SOLUTION region"
            found.append(Problem(place, cause, "Put the solution between its marks."))
        for region in inside:
            if not _CANARY.search(region):
                cause = "a region has no canary (canary- and 16 hex digits)"
                found.append(Problem(place, cause, f"For example: # {new_canary()}"))
    return found


def new_canary() -> str:
    """Return a canary that no region has."""
    return f"canary-{token_hex(8)}"


def shared_canaries(root: Path, assignment: str) -> list[Problem]:
    """Find canaries of an assignment that a region before it has too.

    What stands in ``release/`` comes before what does not: whoever copies an assignment to
    begin another one has to change the copy.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str
        Its name.
    """
    order = sorted(
        {path.parent.name for path in (root / "source").glob("*/*.ipynb")} | {assignment},
        key=lambda name: (not (root / "release" / name).is_dir(), name),
    )
    owners: dict[str, str] = {}
    found = []
    for name in order[: order.index(assignment) + 1]:
        for place, canary in _canaries(root / "source" / name):
            if canary in owners and name == assignment:
                cause = f"{canary} stands in {owners[canary]} too"
                found.append(Problem(place, cause, f"Take another one: {new_canary()}"))
            owners.setdefault(canary, place)
    return found


def _canaries(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield place and canary of each region of an assignment; of one region each but once."""
    notebooks, _ = read_sources(folder)
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            for region in regions(cell.source):
                for canary in dict.fromkeys(_CANARY.findall(region)):
                    yield place_of(name, cell), canary


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


def find(root: Path, files: Iterable[tuple[str, bytes]], of: str = "") -> list[Leak]:
    """Search files for the secrets of a course.

    Parameters
    ----------
    root : Path
        The course folder with ``source/``.
    files : iterable of (name, content)
        What to search.
    of : str, optional
        See `secrets`.

    Returns
    -------
    list of Leak
        One for each secret and file.
    """
    return _search(secrets(root, of), files)


def already_shown(root: Path, assignment: str) -> list[Leak]:
    """Find the secrets of one assignment in what was released of the others.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str
        One that is to be released for the first time.
    """
    own = [one for one in secrets(root, assignment) if one.origin.startswith(f"{assignment}/")]
    files: list[tuple[str, bytes]] = []
    for folder in (root / "release").glob("*/"):
        if folder.name != assignment:
            files += files_of(folder)
    return _search(own, files)


def _search(wanted: list[Secret], files: Iterable[tuple[str, bytes]]) -> list[Leak]:
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
    leaks = find(root, files)
    if leaks:
        listing = "\n- ".join(str(leak) for leak in leaks[:20])
        raise CourseError(f"{len(leaks)} leaks in {place.name}:\n- {listing}")
    return len(files)
