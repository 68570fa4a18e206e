"""The working folder of a process: what is new in it, and how files get there.

The student's code may change it meanwhile, and may have made anything in it. So no link is
followed, nothing but plain files is read, and what cannot be read is not there.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeAlias

#: Size, time and number of a file.
_State: TypeAlias = tuple[int, int, int]
#: What is handed from the student's working folder to the checks' at most.
_MOST_FILES, _MOST_BYTES = 500, 200 * 2**20
#: Files that a check could import by accident.
CODE = (".py", ".ipynb", ".pyc", ".so", ".pth")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class WorkFolder:
    """What of a working folder the checks have seen, and what is new to them.

    Parameters
    ----------
    place : str
        The folder.
    given : collection of str
        The files of the submission, which both processes begin with.
    helpers : frozenset of str
        Those of them that are the instructors' own: the checks have their own copies.
    """

    def __init__(self, place: str, given: Collection[str], helpers: frozenset[str]):
        self._place, self._given, self._helpers = place, given, helpers
        #: Each file as the checks' process has seen it last.
        self._seen: dict[str, _State] = {}
        #: The instructors' own files, as they were given.
        self._own: dict[str, _State] = {}

    def take_note(self) -> None:
        """Take what lies there now as known to the checks."""
        self._seen = dict(self._listing())
        self._own = {name: state for name, state in self._seen.items() if name in self._helpers}

    def altered(self) -> list[str]:
        """Name the instructors' own files that are other files now, or gone."""
        if not self._own:
            return []
        now = dict(self._listing())
        return sorted(name for name, state in self._own.items() if now.get(name) != state)

    def begin_anew(self) -> None:
        """Take nothing as known but what was given: the checks' process is a new one."""
        self._seen = {name: state for name, state in self._seen.items() if name in self._given}

    def changed(self) -> dict[str, bytes]:
        """Read what the student's code has written since: a check may look at it."""
        changed: dict[str, bytes] = {}
        room = _MOST_BYTES
        for name, state in self._listing():
            if self._seen.get(name) == state or name.endswith(CODE) or name in self._helpers:
                continue
            self._seen[name] = state
            if state[0] > room:
                continue
            data = self._read(name, state[0])
            if data is not None:
                changed[name] = data
                room -= len(data)
        return changed

    def vanished(self) -> list[str]:
        """Name the files that the student's code has deleted: a check must not see them either."""
        try:
            with _opened(self._place) as top:
                known = {*self._given, *self._seen} - self._helpers
                return sorted(name for name in known if not _is_there(name, top))
        except OSError:
            return []

    def note(self, names: Iterable[str]) -> None:
        """Take files as they lie there now as known."""
        wanted = set(names)
        self._seen.update((name, state) for name, state in self._listing() if name in wanted)

    def newly_vanished(self) -> list[str]:
        """Name the files that were seen here and are gone, each once."""
        gone = self.vanished()
        for name in gone:
            self._seen.pop(name, None)
        return gone

    def _listing(self) -> Iterator[tuple[str, _State]]:
        try:
            with _opened(self._place) as top:
                yield from _files_in(top, "", 0)
        except OSError:
            return

    def _read(self, name: str, size: int) -> bytes | None:
        *inner, last = name.split("/")
        try:
            with contextlib.ExitStack() as stack:
                folder = stack.enter_context(_opened(self._place))
                for part in inner:
                    folder = stack.enter_context(_opened(part, folder))
                number = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
                with open(number, "rb") as file:
                    return file.read(size) if stat.S_ISREG(os.fstat(number).st_mode) else None
        except OSError:
            return None


def state_of(path: os.PathLike[str]) -> tuple[int, int, int] | None:
    """Return size, time and number of what lies at a path; None for nothing."""
    try:
        found = os.stat(path, follow_symlinks=False)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextlib.contextmanager
def _opened(name: str, above: int | None = None) -> Iterator[int]:
    number = os.open(name, _FOLDER, dir_fd=above)
    try:
        yield number
    finally:
        os.close(number)


def _is_there(name: str, folder: int) -> bool:
    """Tell whether there is something of a name; whatever cannot be told counts as there."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _files_in(folder: int, above: str, depth: int) -> Iterator[tuple[str, _State]]:
    with os.scandir(folder) as entries:
        for entry in itertools.islice(entries, _MOST_FILES):
            try:
                state = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(state.st_mode):
                    yield above + entry.name, (state.st_size, state.st_mtime_ns, state.st_ino)
                elif stat.S_ISDIR(state.st_mode) and depth < 5:
                    with _opened(entry.name, folder) as inner:
                        yield from _files_in(inner, f"{above}{entry.name}/", depth + 1)
            except OSError:
                continue


def place_files(files: dict[str, bytes]) -> None:
    """Write files into the working folder; names that lead out of it are left out."""
    for name, data in files.items():
        inner = PurePosixPath(name)
        if inner.is_absolute() or ".." in inner.parts or not inner.parts:
            continue
        try:
            path = Path(*inner.parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError:
            # It does not fit, or its name is no name here; the code will say what is missing.
            continue


def take_away(names: list[str]) -> None:
    """Delete files from the working folder; names that lead out of it are left out."""
    for name in names:
        inner = PurePosixPath(name)
        if inner.is_absolute() or ".." in inner.parts:
            continue
        try:
            Path(*inner.parts).unlink(missing_ok=True)
        except OSError:
            # A folder of that name, or none at all: there is no such file to take away.
            continue
