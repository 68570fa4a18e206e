"""Files that a call writes: they are there on the other side before the call has ended there.

Each process has a working folder of its own. What the student's cells write, the grader
brings to the checks before each check. What a call of a check writes, the student's process
hands over itself, before its answer. What a check writes is handed over where a call names
it, or where the student's side has a file of that name already. Neither looks at its folder
unless something may have been written there: it hears of files that are opened for writing,
and sees the time of the folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath

from .containers import is_container
from .errors import ChannelError
from .work_folder import CODE, WorkFolder, place_files, state_of

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
#: Operations on files, by the names that Python gives them, after which a folder is looked at.
_EVENTS = frozenset(
    "os.remove os.rename os.truncate os.mkdir os.rmdir os.link os.symlink sqlite3.connect".split()
)
#: How deep the arguments of a call are looked into for names of files.
_DEEP = 4


class CallFiles:
    """What is new in the working folder of this process, for the other side.

    Parameters
    ----------
    place : str
        The folder.
    """

    def __init__(self, place: str):
        self._place = place
        self._folder = WorkFolder(place, (), frozenset())
        self._written = False
        self._time = 0
        #: What is new and was not handed over, since nothing has named it.
        self.pending: dict[str, bytes] = {}

    def listen(self) -> None:
        """Hear from now on of files that are opened for writing; this cannot be ended."""

        def hears(event: str, arguments: tuple[object, ...]) -> None:
            if event == "open":
                flags = arguments[2] if len(arguments) == 3 else None
                if isinstance(flags, int) and flags & _WRITING:
                    self._written = True
            elif event in _EVENTS:
                self._written = True

        sys.addaudithook(hears)

    def take_note(self) -> None:
        """Take what lies there now as known to the other side."""
        time = self._folder_time()
        if self._written or time != self._time:
            self._written, self._time = False, time
            self._folder.take_note()

    def place(self, files: dict[str, bytes]) -> None:
        """Write files that the other side has handed over, which it thus knows."""
        place_files(files)
        self._folder.note(files)

    def known(self, names: Iterable[str]) -> None:
        """Take files as known to the other side."""
        self._folder.note(names)

    def news(self) -> tuple[dict[str, bytes], list[str]] | None:
        """Return what is new, by name, and the names of what is gone; None where nothing is."""
        time = self._folder_time()
        if not self._written and time == self._time:
            return None
        self._written, self._time = False, time
        found = self._folder.changed(), self._folder.newly_vanished()
        return found if found[0] or found[1] else None

    def named(self, arguments: object, shared: Collection[str] = ()) -> dict[str, bytes]:
        """Return what is new and is named in the arguments of a call, or is shared anyway."""
        news = self.news()
        if news is not None:
            self.pending.update(news[0])
        if not self.pending:
            return {}
        names = {
            os.path.relpath(os.path.join(self._place, n), self._place)
            for n in names_in(arguments)
            if "\0" not in n
        }
        return {name: self.pending.pop(name) for name in names & set(self.pending)}

    def _folder_time(self) -> int:
        try:
            return os.stat(self._place).st_mtime_ns
        except OSError:
            # The student's code has made an end of its own folder; there is nothing to hand over.
            return 0


class Placed:
    """Takes in files from the other side, and leaves alone what it must not touch.

    Parameters
    ----------
    place : str
        The folder.
    """

    def __init__(self, place: str):
        self._place = Path(place)
        #: The instructors' own files, which stay as they are.
        self.own: frozenset[str] = frozenset()
        self._states: dict[str, object] = {}

    def take_in(self, files: object, gone: object) -> list[str]:
        """Write and delete files; return the names of those that were written.

        A file that this side has written itself, code, and the instructors' own stay.

        Raises
        ------
        ChannelError
            When the files are of an unknown form, or lead out of the folder.
        """
        if not isinstance(files, dict) or not isinstance(gone, list):
            raise ChannelError("files of an unknown form")
        for name, data in files.items():
            path = self._path_of(name)
            if not isinstance(data, bytes):
                raise ChannelError("files of an unknown form")
            if self._may_change(name, path):
                self._write(name, path, data)
        for name in gone:
            path = self._path_of(name)
            if self._may_change(name, path) and path.is_file():
                path.unlink()
                self._states.pop(name, None)
        return list(files)

    @property
    def names(self) -> Collection[str]:
        """The files that the other side knows."""
        return self._states.keys() - self.own

    def note(self, names: Iterable[str]) -> None:
        """Take files as placed here that somebody else has placed, or taken away."""
        for name in names:
            self._states[name] = state_of(self._place / name)

    def _path_of(self, name: object) -> Path:
        inner = PurePosixPath(name) if isinstance(name, str) and "\0" not in name else None
        if inner is None or inner.is_absolute() or ".." in inner.parts or not inner.parts:
            raise ChannelError("a file that leads out of its folder")
        return self._place.joinpath(*inner.parts)

    def _may_change(self, name: str, path: Path) -> bool:
        if name in self.own or name.endswith(CODE):
            return False
        return self._states.get(name) == state_of(path)

    def _write(self, name: str, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError:
            # It does not fit, or its name is no name here; the check will say what is missing.
            return
        self._states[name] = state_of(path)


def names_in(value: object, depth: int = 0) -> Iterator[str]:
    """Go through the texts and paths in a value, as far as they may name files."""
    if isinstance(value, (str, PurePath)):
        yield str(value)
    elif depth < _DEEP and (isinstance(value, tuple) or is_container(value)):
        items = value.values() if isinstance(value, dict) else value
        for item in items:
            yield from names_in(item, depth + 1)
