"""Reading archives that cannot be trusted.

Nothing is extracted here: names are checked, sizes are counted while reading,
and links, devices and paths out of the folder are left out. The caller gets
names and bytes.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

#: What systems put beside the files of people.
_NOISE = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints", ".git")
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error)


class BadArchive(Exception):
    """An archive that cannot be read; the text says why."""


@dataclass
class Room:
    """How much may still be unpacked.

    Attributes
    ----------
    files : int
        Number of files.
    total : int
        Bytes, all files together.
    one : int
        Bytes of one file.
    """

    files: int = 2_000
    total: int = 500_000_000
    one: int = 100_000_000


@dataclass(frozen=True)
class Member:
    """A file in an archive or a folder.

    Attributes
    ----------
    name : str
        Relative, with ``/``, without ``..``.
    open : callable
        Opens it for reading.
    """

    name: str
    open: Callable[[], IO[bytes]]


@dataclass
class Listing:
    """The files of an archive.

    Attributes
    ----------
    members : list of Member
        What may be read.
    notices : list of str
        What was left out, and why.
    """

    members: list[Member] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def add(self, name: str, opener: Callable[[], IO[bytes]]) -> None:
        """Take a file in, unless its name leads elsewhere."""
        if any(part in _NOISE for part in PurePosixPath(name.replace("\\", "/")).parts):
            return
        clean = clean_name(name)
        if clean is None:
            self.notices.append(f"{name!r} leads out of the folder and was left out")
        else:
            self.members.append(Member(clean, opener))


def clean_name(name: str) -> str | None:
    """Return a file's name as a safe relative path, or None when there is none.

    Parameters
    ----------
    name : str
        As it stands in the archive.
    """
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    out = name.startswith("/") or ".." in parts or (len(name) > 1 and name[1] == ":")
    unprintable = any(not part.isprintable() for part in parts)
    too_long = any(len(part.encode("utf-8", "replace")) > 200 for part in parts)
    if out or unprintable or too_long or not parts or len(parts) > 20:
        return None
    return "/".join(parts)


def list_zip(data: Path | bytes, name: str, room: Room) -> Listing:
    """List a zip archive.

    Parameters
    ----------
    data : Path or bytes
        The archive.
    name : str
        For messages.
    room : Room
        Its number of files bounds the list.

    Raises
    ------
    BadArchive
        When it is damaged or has too many files.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data)
        infos = archive.infolist()
    except (*_BROKEN, ValueError) as error:
        raise BadArchive(f"{name} is no zip archive that can be read ({error})") from error
    if len(infos) > room.files:
        raise BadArchive(f"{name} holds {len(infos)} files, more than {room.files}")
    found = Listing()
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir():
            continue
        if kind not in (0, stat.S_IFREG):
            found.notices.append(f"{info.filename!r} is a link or a device and was left out")
            continue
        found.add(info.filename, partial(archive.open, info))
    return found


def list_folder(folder: Path) -> Listing:
    """List the files below a folder; links are left out.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    found = Listing()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found.notices.append(f"{relative!r} is a link and was left out")
        elif path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            found.add(relative, partial(_open, path))
    return found


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def read(member: Member, room: Room) -> bytes:
    """Read a file, counting what it takes of the room.

    Parameters
    ----------
    member : Member
        The file.
    room : Room
        It is made smaller.

    Raises
    ------
    BadArchive
        When it is too large, encrypted or damaged.
    """
    limit = min(room.one, room.total)
    try:
        with member.open() as file:
            data = file.read(limit + 1)
    except _BROKEN as error:
        raise BadArchive(f"{member.name} cannot be unpacked ({error})") from error
    if len(data) > limit:
        raise BadArchive(f"{member.name} is larger than {limit / 1e6:.0f} MB")
    room.total -= len(data)
    room.files -= 1
    if room.files < 0:
        raise BadArchive("there are too many files")
    return data


def unpacked(members: list[Member], room: Room, notices: list[str]) -> Iterator[tuple[str, bytes]]:
    """Read files; a zip among them is opened, once.

    Parameters
    ----------
    members : list of Member
        The files of one student.
    room : Room
        For all of them together.
    notices : list of str
        Takes what was left out.

    Yields
    ------
    tuple of str and bytes
        Name and content.
    """
    for member in members:
        try:
            data = read(member, room)
        except BadArchive as error:
            notices.append(f"{error} and was left out")
            continue
        if not member.name.lower().endswith(".zip"):
            yield member.name, data
            continue
        try:
            inner = list_zip(data, member.name, room)
        except BadArchive as error:
            notices.append(str(error))
            yield member.name, data  # grading then says what was there
            continue
        notices += inner.notices
        yield from _read_all(without_common_folder(inner.members), room, notices)


def _read_all(members: list[Member], room: Room, notices: list[str]) -> Iterator[tuple[str, bytes]]:
    for member in members:
        try:
            yield member.name, read(member, room)
        except BadArchive as error:
            notices.append(f"{error} and was left out")


def without_common_folder(members: list[Member]) -> list[Member]:
    """Take away a folder that holds everything.

    Parameters
    ----------
    members : list of Member
        The files.
    """
    while members:
        tops = {member.name.split("/", 1)[0] for member in members}
        if len(tops) != 1 or any("/" not in member.name for member in members):
            break
        members = [Member(m.name.split("/", 1)[1], m.open) for m in members]
    return members
