"""Building the book, and what its links need to know about the repository.

``chainrule book`` runs `build`. Plain ``jupyter-book build .`` gives the same
pages: everything that shapes a page lies in ``_config.yml`` and in the two
Sphinx extensions beside this module. `build` adds the strictness: warnings are
errors, old pages never linger, and every page of the table of contents exists.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

import yaml

from chainrule.course.paths import CourseError

COLAB = "https://colab.research.google.com"
# Sites for which the theme knows how a repository's pages are called.
HOSTS = ("github.com", "gitlab.com", "bitbucket.org")
SHAPING = ("jupyter-book", "sphinx", "sphinx-book-theme", "pydata-sphinx-theme", "myst-nb")
PAGE_SUFFIXES = (".md", ".ipynb")

STEP = re.compile(r"^(reading sources|writing output)\.\.\. \[ *(\d+)%\] (.+)$")
EXECUTING = re.compile(r"^(.+?): Executing notebook using")
FINDING = re.compile(r"^(?:[a-z ]+\.\.\. )?(?P<text>.*\b(?:WARNING|ERROR|CRITICAL|SEVERE): .*)$")
FAILED = re.compile(r"^(.+?): WARNING: Executing notebook failed")
FAILED_CELL = "An error occurred while executing the following cell:"
RULER = "-" * 18
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# ipykernel 7 says this on every start. It is about other machines' users, not about the book.
NOISE = re.compile(r"Kernel is running over TCP|frozen_modules|PYDEVD_DISABLE|-Xfrozen_modules")


class BookError(CourseError):
    """The book could not be built. The message says why and what to do."""


@dataclass(frozen=True)
class Repository:
    """The repository that the book's readers can see.

    Parameters
    ----------
    url : str
        Web address without ``.git``, empty where none is set.
    branch : str
    """

    url: str = ""
    branch: str = "main"

    @classmethod
    def of(cls, url: str | None, branch: str | None) -> Repository:
        """Read what ``_config.yml`` says, in any form in which git takes an address.

        Parameters
        ----------
        url : str or None
            ``https://...``, with or without ``.git``, or ``git@host:owner/name``.
        branch : str or None

        Returns
        -------
        Repository
        """
        url = (url or "").strip()
        ssh = re.fullmatch(r"(?:ssh://)?git@([^:/]+)[:/](.+)", url)
        if ssh:
            url = f"https://{ssh[1]}/{ssh[2]}"
        url = url.removeprefix("git+").rstrip("/").removesuffix(".git")
        return cls(url, (branch or "").strip() or "main")

    @property
    def slug(self) -> str:
        """``owner/name`` on GitHub, empty elsewhere."""
        match = re.fullmatch(r"https?://(?:www\.)?github\.com/([^/]+/[^/]+)", self.url)
        return match[1] if match else ""

    def colab(self, path: str) -> str:
        """Return the address that opens a notebook of the repository in Colab.

        Parameters
        ----------
        path : str
            Path of the notebook inside the repository.

        Returns
        -------
        str
            Empty where Colab cannot open the repository: only GitHub's work.
        """
        if not self.slug:
            return ""
        return f"{COLAB}/github/{self.slug}/blob/{quote(self.branch)}/{quote(path)}"

    def theme_options(self) -> dict:
        """Return the theme's settings for links to the repository.

        Returns
        -------
        dict
            Everything is switched off where no address is set.
        """
        known = any(f"//{host}/" in self.url for host in HOSTS)
        return {
            "repository_url": self.url if known else "",
            "repository_branch": self.branch,
            "path_to_docs": "",
            "use_repository_button": known,
            "use_edit_page_button": False,
            "use_issues_button": False,
            "launch_buttons": {"colab_url": COLAB} if self.slug else {},
        }


def read_config(root: Path) -> dict:
    """Read ``_config.yml``.

    Parameters
    ----------
    root : Path
        The course folder.

    Returns
    -------
    dict

    Raises
    ------
    BookError
        If there is none, or it is not YAML.
    """
    return _read_yaml(root / "_config.yml")


def _read_yaml(path: Path) -> dict:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise BookError(
            f"There is no {path.name} in {path.parent}. Run this in the folder of the course."
        ) from None
    except yaml.YAMLError as error:
        raise BookError(f"{path.name} is not valid YAML: {error}") from None


def contents(root: Path) -> list[str]:
    """List the pages that ``_toc.yml`` names, without suffix, in its order.

    Parameters
    ----------
    root : Path
        The course folder.

    Returns
    -------
    list of str

    Raises
    ------
    BookError
        If a page has no file.
    """
    toc = _read_yaml(root / "_toc.yml")
    pages = [re.sub(r"\.(md|ipynb)$", "", page) for page in _files(toc)]
    missing = [page for page in pages if _page_file(root, page) is None]
    if missing:
        lines = [f"_toc.yml names {_count(len(missing), 'page')} without a file:"]
        lines += [f"  {page}" for page in missing]
        if any(page.startswith("release/") for page in missing):
            lines.append("The pages under release/ are generated: run 'chainrule release' first.")
        raise BookError("\n".join(lines))
    return pages


def _files(entry) -> Iterator[str]:
    if isinstance(entry, dict):
        for key, value in entry.items():
            if key in ("root", "file"):
                yield value
            else:
                yield from _files(value)
    elif isinstance(entry, list):
        for item in entry:
            yield from _files(item)


def _page_file(root: Path, page: str) -> Path | None:
    for suffix in PAGE_SUFFIXES:
        if (root / (page + suffix)).is_file():
            return root / (page + suffix)
    return None


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


@dataclass(frozen=True)
class State:
    """What a built book depends on.

    Parameters
    ----------
    inputs : str
        Digest of everything that shapes a page.
    code : str
        Digest of the package that lessons run. When it changes, they run again.
    """

    inputs: str
    code: str

    @classmethod
    def of(cls, root: Path) -> State:
        """Read the state of a course folder.

        Parameters
        ----------
        root : Path

        Returns
        -------
        State
        """
        package = Path(__file__).resolve().parent.parent
        instructors = package / "course"
        students = [path for path in package.rglob("*.py") if instructors not in path.parents]
        code = _digest(package, students)
        own = [*list(instructors.glob("sphinx_*.py")), Path(__file__), instructors / "points.py"]
        pages = [root / "_config.yml", root / "_toc.yml"]
        for folder in ("book", "notebooks", "release", "source"):
            pages += [path for path in (root / folder).rglob("*") if path.is_file()]
        parts = [code, _digest(package, own), _digest(root, pages), *map(_version, SHAPING)]
        return cls(hashlib.sha256("\n".join(parts).encode()).hexdigest(), code)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _digest(base: Path, paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        if "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts:
            continue
        if path.is_file():
            digest.update(f"{path.relative_to(base).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def site(root: Path) -> Path:
    """Return the folder of the built site.

    Parameters
    ----------
    root : Path
        The course folder.

    Returns
    -------
    Path
    """
    return root / "_build" / "html"


def _stamp(root: Path) -> Path:
    return root / "_build" / "book.json"


def _read_stamp(root: Path) -> dict:
    try:
        return json.loads(_stamp(root).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def is_current(root: Path) -> bool:
    """Tell whether the built site is complete and belongs to the files as they are.

    Parameters
    ----------
    root : Path
        The course folder.

    Returns
    -------
    bool
    """
    stamp = _read_stamp(root)
    if not stamp or stamp.get("inputs") != State.of(root).inputs:
        return False
    return not missing_pages(root, contents(root))


def missing_pages(root: Path, pages: list[str]) -> list[str]:
    """List the pages that the site lacks.

    Parameters
    ----------
    root : Path
        The course folder.
    pages : list of str
        From `contents`.

    Returns
    -------
    list of str
    """
    return [page for page in pages if not (site(root) / f"{page}.html").is_file()]


@contextmanager
def _alone(root: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let one build at a time work in a course folder."""
    try:
        import fcntl
    except ImportError:  # Windows: two builds at once are the user's own affair there
        yield
        return
    lock = root / "_build" / ".book.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another build of this book is running. Waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(
    root: Path,
    *,
    fresh: bool = False,
    say: Callable[[str], None] = print,
    progress: Callable[[str, int], None] = lambda what, percent: None,
) -> Path:
    """Build the book, unless the site is complete and nothing has changed.

    Every build starts from an empty folder, so that no page of yesterday stays
    behind. What lessons printed and drew is kept between builds, until the
    lesson or the package changes.

    Parameters
    ----------
    root : Path
        The course folder.
    fresh : bool
        Run all lessons again, and build even if nothing has changed.
    say : callable
        Takes a line for the person who waits.
    progress : callable
        Takes what is done now and how many percent of it are done.

    Returns
    -------
    Path
        The folder of the site.

    Raises
    ------
    BookError
        If a warning was given, a lesson failed or a page is missing.
    """
    root = Path(root).resolve()
    read_config(root)
    with _alone(root, say):
        pages = contents(root)
        state = State.of(root)
        if not fresh and is_current(root):
            say(f"The book is up to date: {_count(len(pages), 'page')} in {_short(site(root))}.")
            return site(root)
        _clean(root, again=fresh or _read_stamp(root).get("code") != state.code)
        start = time.monotonic()
        returncode, log = _run(root, say, progress)
        if returncode:
            raise BookError(_explain(root, log))
        missing = missing_pages(root, pages)
        if missing:
            raise BookError(
                f"The build said that all went well, but {_count(len(missing), 'page')} of "
                f"{len(pages)} are not in {_short(site(root))}:\n"
                + "\n".join(f"  {page}" for page in missing)
                + "\nLook for a line in _config.yml (exclude_patterns) that leaves them out."
            )
        stamp = {"inputs": state.inputs, "code": state.code, "pages": len(pages)}
        _stamp(root).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
        seconds = time.monotonic() - start
        say(f"Built {_count(len(pages), 'page')} in {seconds:.0f} s: {_short(site(root))}.")
    return site(root)


def _short(path: Path) -> str:
    """Write a path as seen from where the user stands, if it is below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if here in path.parents else str(path)


def _clean(root: Path, *, again: bool) -> None:
    """Remove the site, and what lessons gave if they must run again."""
    build = root / "_build"
    folders = ["html", ".doctrees", "jupyter_execute"] + ([".jupyter_cache"] if again else [])
    for folder in folders:
        shutil.rmtree(build / folder, ignore_errors=True)
    _stamp(root).unlink(missing_ok=True)


def _run(root: Path, say, progress) -> tuple[int, list[str]]:
    """Run Jupyter Book, pass its progress on and return its exit status and its lines."""
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", str(root), "-W", "-n", "--keep-going"]
    # Colours would only have to be taken out again.
    env = os.environ | {"NO_COLOR": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    process = subprocess.Popen(
        command,
        cwd=root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    log = []
    assert process.stdout is not None  # a pipe was asked for
    for raw in process.stdout:
        # Sphinx rewrites its progress line where it can: the last version counts.
        line = ANSI.sub("", raw).rstrip().rsplit("\r", 1)[-1]
        if NOISE.search(line):
            continue
        log.append(line)
        step, executing = STEP.match(line), EXECUTING.match(line)
        if step:
            progress(f"{step[1].capitalize()}: {step[3]}", int(step[2]))
        elif executing:
            say(f"Running {_relative(root, executing[1])}")
    return process.wait(), log


def _relative(root: Path, text: str) -> str:
    return text.replace(f"{root}{os.sep}", "")


def _explain(root: Path, log: list[str]) -> str:
    """Say in a few lines why the build failed, and what to do."""
    findings = []
    for line in log:
        match = FINDING.match(line)
        if match and (text := _relative(root, match["text"])) not in findings:
            findings.append(text)
    failed = _failed_lesson(root, log)
    lines = ["The book was not built."]
    if failed:
        lines += failed
    elif findings:
        lines.append(f"{_count(len(findings), 'warning')}; each of them counts as an error:")
        lines += [f"  {finding}" for finding in findings[:20]]
        if len(findings) > 20:
            lines.append(f"  and {len(findings) - 20} more")
        lines.append("Mend the pages named above and run 'chainrule book' again.")
    else:
        lines.append("Jupyter Book stopped without a warning. Its last lines were:")
        lines += [f"  {line}" for line in log if line][-15:]
    lines.append(f"What lies in {_short(site(root))} is not complete. Do not publish it.")
    return "\n".join(lines)


def _failed_lesson(root: Path, log: list[str]) -> list[str]:
    """Describe a lesson that stopped with an error, if that is what happened."""
    failed = [match[1] for line in log if (match := FAILED.match(line))]
    if not failed:
        return []
    lesson = _relative(root, failed[0])
    lines = [f"A cell of {lesson} stopped with an error."]
    begins = [n for n, line in enumerate(log) if line.endswith(FAILED_CELL)]
    if begins:
        # nbclient shows the cell between two rulers, then the traceback.
        after = log[begins[0] + 2 :]
        end = after.index(RULER) if RULER in after else 0
        lines += ["The cell:", *[f"  {line}" for line in after[:end][:12]]]
        chained = [n for n, line in enumerate(after) if line.startswith("The above exception")]
        error = [line for line in after[: chained[0] if chained else None] if line.strip()]
        lines += ["The error:", f"  {error[-1]}"] if error else []
    return [*lines, f"Open {lesson} in JupyterLab, run it from the top and mend the cell."]
