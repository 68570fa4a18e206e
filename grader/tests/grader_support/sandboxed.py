"""The real second step, with a worker that dies of it; can be pickled."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

import psutil

from fairmark.execution.executor import SandboxedExecutor


@dataclass
class DiesOnce(SandboxedExecutor):
    """The whole worker goes while Bob's code runs; a file remembers that it has happened."""

    def __call__(self, notebooks, files, limits):
        """Run one submission."""
        if "bob.txt" in files:
            try:
                os.close(os.open(files["bob.txt"].decode(), os.O_CREAT | os.O_EXCL))
                threading.Timer(1.0, os._exit, (1,)).start()
            except FileExistsError:
                pass
        return super().__call__(notebooks, files, limits)


def leaves_behind(mark: str, seconds: float) -> str:
    """Return code that starts a process which would stay, and takes its time."""
    return (
        "import subprocess, time\n"
        f"subprocess.Popen(['bash', '-c', 'exec -a {mark} sleep 1000'])\n"
        f"time.sleep({seconds})\n"
        "def f2(x):\n    return x + 1"
    )


def running(mark: str) -> list[int]:
    """Return the numbers of the processes with a mark in their command."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        if any(mark == word for word in process.info["cmdline"] or []):
            found.append(process.info["pid"])
    return found


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run; what only waits to be counted does not."""
    found = []
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found
