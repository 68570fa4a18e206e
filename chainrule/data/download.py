"""Downloads that resume, show their progress and give up when a host crawls.

`pooch` checks the hash and puts the file in its place; `ResumingDownloader` is the
downloader that it calls, because pooch's own start from zero every time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chainrule.data.errors import SourceFailed
from chainrule.data.store import say

if TYPE_CHECKING:
    import requests

MIN_SPEED = 100_000
"""Bytes a second below which a host counts as crawling."""

_BLOCK = 1 << 14  # bytes; what arrived of a block is lost when the connection breaks
_ATTEMPTS = 5  # in a row that bring nothing new


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Parameters
    ----------
    name : str
        Its name in the downloads folder.
    size : int
        Its size in bytes.
    known_hash : str
        ``"algorithm:digest"``, as pooch takes it.
    """

    name: str
    size: int
    known_hash: str


@dataclass(frozen=True)
class Patience:
    """When to give up on a host.

    Parameters
    ----------
    min_speed : float
        Bytes a second; below it, over a window, the host is given up. 0 never does.
    window : float
        Seconds over which the speed is measured.
    connect, read : float
        Seconds to wait for a connection, and for the next bytes.
    """

    min_speed: float = MIN_SPEED
    window: float = 20.0
    connect: float = 10.0
    read: float = 30.0


class _Interrupted(Exception):
    """The connection broke after some bytes; the rest can be asked for."""


class ResumingDownloader:
    """A downloader for pooch that continues where an earlier one stopped.

    What has arrived stays in ``NAME.part`` beside the target, also after an error,
    so that the next try, at this host or at another, asks for the rest only.

    Parameters
    ----------
    remote : RemoteFile
        The file.
    folder : Path
        Where the part lies.
    patience : Patience
        When to give up.
    tell : callable
        Called with a sentence for the user.
    """

    def __init__(
        self,
        remote: RemoteFile,
        folder: Path | str,
        patience: Patience | None = None,
        tell: Callable[[str], None] = say,
    ) -> None:
        self.remote = remote
        self.part = Path(folder) / f"{remote.name}.part"
        self.patience = patience or Patience()
        self.tell = tell
        self.resumed = False

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Download `url` and move the whole file to `output_file`.

        Raises
        ------
        requests.RequestException
            If the host does not answer, or answers with an error.
        SourceFailed
            If it is too slow or breaks off again and again.
        """
        most, idle = self._have(), 0
        while True:
            try:
                self._continue(url)
                break
            except _Interrupted as error:
                idle = 0 if self._have() > most else idle + 1
                most = max(most, self._have())
                if idle == _ATTEMPTS:
                    raise SourceFailed(f"the connection broke {idle} times ({error})") from error
                self.tell(f"The connection broke ({error}); continuing from there.")
        os.replace(self.part, output_file)

    def _have(self):
        return self.part.stat().st_size if self.part.is_file() else 0

    def _continue(self, url):
        """Ask for what is missing and append it to the part."""
        import requests

        have = self._have()
        if have == self.remote.size:
            self.resumed = True
            return
        if have > self.remote.size:  # it belongs to another file
            self.part.unlink()
            have = 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        timeout = (self.patience.connect, self.patience.read)
        with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
            if response.status_code == 416:  # the host's file is shorter than our part
                self.part.unlink()
                raise _Interrupted("the host does not know the part that we have")
            response.raise_for_status()
            start = _start_of(response)
            if start not in (0, have):
                raise SourceFailed(f"the host sent bytes from {start}, not from {have}")
            self.resumed = self.resumed or start > 0
            if start:
                self.tell(f"Resuming {self.remote.name} at {start / 1e6:.1f} MB.")
            self._receive(response, start)
        if self._have() < self.remote.size:
            raise _Interrupted(f"{self._have():,} of {self.remote.size:,} bytes arrived")

    def _receive(self, response, start):
        import requests

        mode = "ab" if start else "wb"
        watch = _SpeedWatch(self.patience)
        try:
            with open(self.part, mode) as stream, _progress(self.remote, start) as advance:
                for block in response.iter_content(_BLOCK):
                    stream.write(block)
                    advance(len(block))
                    watch.add(len(block))
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _Interrupted(_short(error)) from error
        except requests.exceptions.ChunkedEncodingError as error:
            raise _Interrupted("it ended early") from error


class _SpeedWatch:
    """Raise when a host stays too slow over a window of time."""

    def __init__(self, patience):
        self.patience = patience
        self.start = time.monotonic()
        self.received = 0

    def add(self, count):
        self.received += count
        seconds = time.monotonic() - self.start
        if seconds < self.patience.window:
            return
        speed = self.received / seconds
        if speed < self.patience.min_speed:
            raise SourceFailed(
                f"too slow: {speed / 1000:.0f} kB/s over {seconds:.0f} s (what arrived is kept)"
            )
        self.start, self.received = time.monotonic(), 0


def _start_of(response):
    """Return the offset at which an answer's body begins; 0 for a whole file."""
    if response.status_code != 206:
        return 0
    text = response.headers.get("Content-Range", "")
    digits = text.removeprefix("bytes ").partition("-")[0]
    if not digits.isdigit():
        raise SourceFailed(f"the host's Content-Range {text!r} makes no sense")
    return int(digits)


@contextlib.contextmanager
def _progress(remote, start):
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(remote.name, total=remote.size, completed=start)
        yield lambda count: bar.advance(task, count)


def download(
    url: str,
    remote: RemoteFile,
    folder: Path | str,
    patience: Patience | None = None,
    tell: Callable[[str], None] = say,
) -> Path:
    """Download a file, resume what an earlier try left, and check its hash.

    Parameters
    ----------
    url : str
        Where it lies.
    remote : RemoteFile
        What it must be.
    folder : Path
        Where to put it.
    patience : Patience, optional
        When to give up.
    tell : callable
        Called with a sentence for the user.

    Returns
    -------
    Path
        The file, whole and with the right hash.

    Raises
    ------
    SourceFailed
        If it cannot be had from there; the message says why.
    """
    import pooch
    import requests

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        downloader = ResumingDownloader(remote, folder, patience, tell)
        try:
            with _quiet(pooch.get_logger()):
                path = pooch.retrieve(
                    url,
                    known_hash=remote.known_hash,
                    fname=remote.name,
                    path=folder,
                    downloader=downloader,
                )
            return Path(path)
        except requests.RequestException as error:
            raise SourceFailed(_short(error)) from error
        except ValueError as error:  # pooch's word for a wrong hash
            if not downloader.resumed:
                raise SourceFailed(f"{remote.name} arrived with the wrong content") from error
            tell(f"{remote.name} has the wrong content after resuming; starting from zero.")
    raise SourceFailed(f"{remote.name} arrived with the wrong content")


@contextlib.contextmanager
def _quiet(logger):
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _short(error: requests.RequestException) -> str:
    """Say in a few words why a request failed; requests' own texts run over pages."""
    import requests

    url = error.request.url if error.request is not None else None
    host = urlsplit(str(url)).hostname if url else "the host"
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{host} answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"{host} did not answer in time"
    text = str(error)
    if "Failed to resolve" in text or "Name or service not known" in text:
        return f"the name {host} cannot be resolved (is there a connection?)"
    return f"{host}: {type(error).__name__}: {text[:120]}"
