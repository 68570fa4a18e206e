"""The second step of grading, sandboxed: student's code and checks in processes of their own.

For each notebook two processes are forked from a warm server. One, in a sandbox, runs
everything that students may write in. The other, in a sandbox of its own, runs the check
cells; the student's functions are stand-ins there (see `stand_in`). The text of a check
goes to the second process only, and only what that process says gives points. `session`
runs one notebook in this way.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import math
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairmark.course_package import data_folders
from fairmark.model import Execution, GradingError, Limits, NotebookRun, PreparedNotebook

from .forkserver import Server, large_libraries
from .judging import overall
from .sandbox import Allowance, SandboxError, why_no_filter

log = logging.getLogger(__name__)


@dataclass
class SandboxedExecutor:
    """Run notebooks of students who are not trusted.

    Attributes
    ----------
    no_sandbox : bool
        True leaves the namespaces away, where a machine cannot make them. Checks still
        run in a process of their own. Where the grader is root, and Python lies where
        others can read it, both processes are users of their own, with limits and filter
        (`sandbox.why_not_lower`, `sandbox.lower`); else they are the grader's user.
    memory_mb, disk_mb, processes : int
        What the student's process may use beyond what it begins with.
    warm : tuple
        Address and libraries of a `SharedServer` of this machine; empty for none.
    """

    no_sandbox: bool = False
    memory_mb: int = Allowance.memory_mb
    disk_mb: int = Allowance.disk_mb
    processes: int = Allowance.processes
    warm: tuple[str, tuple[str, ...]] = ("", ())

    def __call__(
        self,
        notebooks: Sequence[PreparedNotebook],
        files: Mapping[str, bytes],
        limits: Limits,
    ) -> Execution:
        """Run the notebooks of one submission.

        Parameters
        ----------
        notebooks : sequence of PreparedNotebook
            As `prepare` returns them. They are not changed.
        files : mapping
            Path to content of the other files; each notebook gets fresh copies.
        limits : Limits
            Time, output and restarts.

        Returns
        -------
        Execution
            One run for each notebook, in the same order.

        Raises
        ------
        GradingError
            When this machine cannot make the sandbox.
        """
        try:
            runs = self._runs(notebooks, files, limits)
        except SandboxError as error:
            raise GradingError(_explanation(error)) from error
        status, reason = overall(runs)
        seconds = sum(run.seconds for run in runs)
        peak = max((run.peak_mb for run in runs), default=0.0)
        return Execution(runs, status, reason, seconds, peak)

    def probe(self) -> str:
        """Make one sandbox and end it, without importing any library for it.

        Returns
        -------
        str
            Why system calls are not filtered in it, and what that means; empty where they
            are, and where no sandbox is wanted.

        Raises
        ------
        GradingError
            When this machine cannot do it.
        """
        if self.no_sandbox:
            return ""
        try:
            if self.warm[0]:
                _try_spawn(server_for(self.warm[1], True, self.warm))
            else:
                with contextlib.closing(Server(None)) as server:
                    _try_spawn(server)
        except SandboxError as error:
            raise GradingError(_explanation(error)) from error
        return why_no_filter()

    def _runs(
        self, notebooks: Sequence[PreparedNotebook], files: Mapping[str, bytes], limits: Limits
    ) -> list[NotebookRun]:
        """Run the notebooks; once more from the beginning where their server ended meanwhile.

        The student's code cannot end the server; the machine can, when memory runs out.
        """
        libraries = libraries_of(notebooks)
        server = server_for(libraries, not self.no_sandbox, self.warm)
        try:
            return self._attempt(server, notebooks, files, limits)
        except SandboxError as error:
            if server.alive:
                raise
            log.warning("the warm server has ended, the submission is run again: %s", error)
        server = server_for(libraries, not self.no_sandbox, self.warm)
        return self._attempt(server, notebooks, files, limits)

    def _attempt(
        self,
        server: Server,
        notebooks: Sequence[PreparedNotebook],
        files: Mapping[str, bytes],
        limits: Limits,
    ) -> list[NotebookRun]:
        # Imported where the work is done: who only hands it out need not wait for NumPy.
        from .session import run_notebook

        seconds = math.ceil(limits.notebook_seconds) + 5
        allowance = Allowance(self.memory_mb, self.disk_mb, self.processes, seconds, data_folders())
        return [run_notebook(server, b, notebooks, files, limits, allowance) for b in notebooks]


def _try_spawn(server: Server) -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    try:
        server.end(server.spawn("probe", pairs[0][0], pairs[1][0], Allowance(data=data_folders())))
    finally:
        for one, other in pairs:
            one.close()
            other.close()


def _explanation(error: SandboxError) -> str:
    return (
        f"The sandbox for students' code cannot be made on this machine ({error}). It needs "
        "Linux 5.12 or newer, and either root or user namespaces for ordinary users "
        "(sysctl kernel.unprivileged_userns_clone=1, or "
        "kernel.apparmor_restrict_unprivileged_userns=0). "
        "Grade on another machine, or, if you trust these students as you trust yourself, "
        "without the sandbox: --no-sandbox."
    )


def libraries_of(notebooks: Sequence[PreparedNotebook]) -> tuple[str, ...]:
    """Return the large libraries that notebooks use."""
    cells = (
        cell for notebook in notebooks if notebook.notebook for cell in notebook.notebook.cells
    )
    return large_libraries("\n".join(c.source for c in cells if c.cell_type == "code"))


_servers: dict[tuple[int, tuple[str, ...], bool], Server] = {}
_servers_lock = threading.Lock()


def server_for(
    libraries: tuple[str, ...], sandboxed: bool, warm: tuple[str, tuple[str, ...]] = ("", ())
) -> Server:
    """Return a warm server, started at the first call in a process.

    Parameters
    ----------
    libraries : tuple of str
        As `libraries_of` names them.
    sandboxed : bool
        Whether it makes sandboxes.
    warm : tuple
        Address and libraries of a `SharedServer`, which is asked first if it has the same.
    """
    key = (os.getpid(), libraries, sandboxed)
    with _servers_lock:
        server = _servers.get(key)
        if server is None or not server.alive:
            address = warm[0] if libraries == tuple(warm[1]) and os.path.exists(warm[0]) else ""
            try:
                server = _servers[key] = Server(libraries, sandboxed, address)
            except SandboxError as error:
                if not address:
                    raise
                log.warning("a server of its own takes the place of the shared one: %s", error)
                server = _servers[key] = Server(libraries, sandboxed)
        return server


@atexit.register
def close_servers() -> None:
    """End the servers of this process."""
    for key in [key for key in _servers if key[0] == os.getpid()]:
        _servers.pop(key).close()
