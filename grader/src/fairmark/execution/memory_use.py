"""The memory of processes: how much they take, and what it costs to keep and to hand on."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import math
import os
from collections.abc import Iterator
from pathlib import Path

#: More processes than that are not looked at; the sandbox allows fewer.
_MOST = 300
#: The size of a large page, and the kernel's word for gathering small ones into it.
_LARGE, _COLLAPSE = 2 * 2**20, 25


def memory_mb(pid: int, enough: float = math.inf, base: float = 0.0) -> float:
    """Return the memory of a process and all below it, in megabytes.

    Memory of files that are mapped does not count, memory that processes share does.

    Parameters
    ----------
    pid : int
        The process.
    enough : float, optional
        When a quick look finds more than that, a closer one follows, in which each page
        that several processes have counts once.
    base : float, optional
        What each process below was born with; counts once.
    """
    total = 0.0
    for current in _family(pid):
        own = _resident_mb(current)
        total += own if current == pid else max(0.0, own - base)
        if total > enough:
            return _proportional_mb(pid, total)
    return total


def _family(pid: int) -> Iterator[int]:
    waiting, looked = [pid], 0
    while waiting and looked < _MOST:
        current = waiting.pop()
        looked += 1
        yield current
        try:
            for task in os.listdir(f"/proc/{current}/task"):
                text = Path(f"/proc/{current}/task/{task}/children").read_text()
                waiting += map(int, text.split())
        except (OSError, ValueError):
            # It has ended meanwhile.
            continue


def _resident_mb(pid: int) -> float:
    return _sum_mb(Path(f"/proc/{pid}/status"), ("RssAnon:", "RssShmem:"))


def _proportional_mb(pid: int, otherwise: float) -> float:
    """Count what is shared in parts; return a figure from elsewhere where the kernel is silent."""
    parts = [
        _sum_mb(Path(f"/proc/{current}/smaps_rollup"), ("Pss_Anon:", "Pss_Shmem:"))
        for current in _family(pid)
    ]
    return sum(parts) if parts and parts[0] else otherwise


def _sum_mb(place: Path, names: tuple[str, ...]) -> float:
    try:
        lines = place.read_text().splitlines()
    except OSError:
        # It has ended meanwhile, or may not be looked at.
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(names)) / 1024


def peak_mb(pid: int) -> float:
    """Return the most resident memory that one process has had, in megabytes.

    Parameters
    ----------
    pid : int
        The process.
    """
    return _sum_mb(Path(f"/proc/{pid}/status"), ("VmHWM:",))


def gather_pages() -> None:
    """Gather this process's memory into large pages: a fork copies the list of its pages.

    With torch the list has 60,000 entries, and each fork took 11 ms. A system that cannot
    do it (before Linux 6.1, without large pages, or without /proc) leaves the memory as it
    is: forks are slower then, and nothing else.
    """
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in lines:
        where, rights, _, _, inode, *name = line.split(maxsplit=5)
        if "w" in rights and inode == "0" and (not name or name[0] == "[heap]"):
            begin, end = (int(number, 16) for number in where.split("-"))
            first, last = -(-begin // _LARGE) * _LARGE, end // _LARGE * _LARGE
            if first < last:
                libc.madvise(first, last - first, _COLLAPSE)


@contextlib.contextmanager
def kept_for_good() -> Iterator[None]:
    """Import libraries without looking for garbage: they stay as long as the process.

    Python's collector would go through all of them again and again, a tenth of the time of
    their import, and would write into their memory, which forks share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
