"""The student's process: it runs cells for the grader, and answers calls of the checks."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Protocol, TypedDict, cast

from .call_files import CallFiles
from .errors import ChannelError
from .guard.private import compiled, load
from .link import Link
from .peer import Peer
from .shell import Shell, redirect, take_raw
from .snapshots import fork_copy
from .whereabouts import tell_when_asked
from .wire import pack, unpack
from .work_folder import place_files


class Request(TypedDict, total=False):
    """What the grader asks one of the two processes for; it is taken at its word."""

    #: Of the question; the answer has the same.
    number: int
    #: Path to content of files that are to be there, paths of those that are not.
    files: dict[str, bytes]
    gone: list[str]
    #: Whether instructors' own modules are among the files; the names of all their own files.
    helpers: bool
    own: list[str]
    #: The most bytes of the outputs of a cell.
    room: int
    #: A cell to run, and its number in the notebook.
    cell: str
    count: int
    #: Cells that the student's side has run since: their texts, and whether each is locked.
    sources: list[tuple[str, bool]]
    #: A copy of the process is to wait; see `snapshots`.
    copy: bool
    #: Names that a check has bound, for the student's side.
    give: list[str]
    #: Before anything else, where checks are judged beside: the key, what checks use, and
    #: those modules of the instructors' own that lie beside the notebook.
    guard: tuple[bytes, list[str], list[str]]
    #: Names that the instructors' own cell binds, for the guard.
    adopt: list[str]
    #: The cell is a check; see `guard.inside.Guard.run`.
    beside: Beside


class Beside(TypedDict):
    """What the guard is told of a check, see `guard.inside.Guard.run`."""

    nonce: str
    tools: list[str]
    names: list[str]
    roots: dict[str, list[str]]
    own: list[str]
    bound: list[str]
    kept: list[str]


class Guard(Protocol):
    """What watches the checks that are judged beside, see `guard.inside.Guard`."""

    def take_modules(self, modules: list[str]) -> None:
        """Take note of the instructors' own modules."""

    def adopt(self, names: list[str]) -> None:
        """Take note of what a locked cell has defined."""

    def run(self, text: str, number: int, about: Beside) -> bool:
        """Run a check and report; tell whether it ran to its end."""


def read_request(data: bytes) -> Request:
    """Read what the grader has sent."""
    return cast("Request", unpack(data))


def serve(shell: Shell, control: socket.socket, channel: socket.socket, place: Path) -> None:
    """Serve until the grader has gone.

    Parameters
    ----------
    shell : Shell
        Made before the fork.
    control : socket.socket
        To the grader: set-up, cells, what they put out.
    channel : socket.socket
        To the checks' process.
    place : Path
        The private folders.
    """
    tell_when_asked(control)
    grader = Link(control)
    room = [5_000_000]
    redirect(shell, str(place / "tmp"), room[0])
    # As in a notebook, modules that lie beside it can be imported.
    sys.path.insert(0, "")

    files = CallFiles(os.getcwd())
    files.listen()

    def hang_up() -> None:
        # What the student's code forks must not answer in its place.
        control.close()
        channel.close()

    os.register_at_fork(after_in_child=hang_up)

    def printed() -> list[tuple[str, str]]:
        take_raw(shell)
        return shell.sink.take_text()

    def has_printed() -> bool:
        take_raw(shell)
        return bool(shell.sink.outputs)

    peer = Peer(
        Link(channel, eager=True),
        trusted=True,
        printed=printed,
        has_printed=has_printed,
        frames_of=shell.student_lines,
        files=files.news,
        take_files=lambda found, gone: files.place(cast("dict[str, bytes]", found)),
    )
    peer.namespace = shell.user_ns
    guard: Guard | None = None
    while True:
        ready, _, _ = select.select([grader, peer.link], [], [])
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            if grader in ready:
                request = read_request(grader.receive())
                done = _do(shell, request, room, guard)
                if "copy" in request:
                    fork_copy(control, lambda data: _do(shell, read_request(data), room))
                if "guard" in request:
                    guard = _make_guard(shell, control, *request["guard"])
                files.take_note()
                grader.send(pack(done))
            else:
                shell.sink.room, shell.sink.full = room[0], False
                peer.serve_one()
        except KeyboardInterrupt:
            continue
        except ChannelError:
            os._exit(3)


def _make_guard(
    shell: Shell, control: socket.socket, key: bytes, tools: list[str], modules: list[str]
) -> Guard:
    """Put the guard into this process, with a line of its own that is handed over now."""
    _, (number,), _, _ = socket.recv_fds(control, 1, 1)
    os.set_inheritable(number, False)
    os.register_at_fork(after_in_child=lambda: os.close(number))
    # What it imports must not be a file of the student's.
    sys.path.remove("")
    guard: Guard = load(compiled()).Guard(shell, number, key, tools)
    sys.path.insert(0, "")
    guard.take_modules(modules)
    return guard


def _do(
    shell: Shell, request: Request, room: list[int], guard: Guard | None = None
) -> dict[str, object]:
    if "files" in request:
        place_files(request["files"])
        room[0] = request["room"]
    if "cell" not in request:
        return {"number": request["number"]}
    ok, raised = run_cell(shell, request, room[0], guard)
    return {
        "number": request["number"],
        "ok": ok,
        "interrupted": raised == "KeyboardInterrupt",
        "outputs": shell.sink.finished(),
    }


def run_cell(
    shell: Shell, request: Request, room: int, guard: Guard | None = None
) -> tuple[bool, str]:
    """Run the cell of a request; return whether it ended well, and the error's name."""
    shell.sink.clear(room)
    try:
        if guard is not None and "beside" in request:
            ok = guard.run(request["cell"], request["count"], request["beside"])
        else:
            ok = shell.run(request["cell"], request["count"])
        if guard is not None and "adopt" in request:
            guard.adopt(request["adopt"])
        _show_figures()
    except KeyboardInterrupt:
        ok = False
        shell.sink.error("KeyboardInterrupt", "", [])
    take_raw(shell)
    errors = [out["ename"] for out in shell.sink.outputs if out["output_type"] == "error"]
    if not ok and not errors:
        shell.sink.error("Error", "the cell did not run", [])
    return ok and not errors, errors[-1] if errors else ""


def _show_figures() -> None:
    """Show the figures that a cell has left open, as a notebook does."""
    from matplotlib import _pylab_helpers

    if _pylab_helpers.Gcf.figs:
        from matplotlib_inline.backend_inline import flush_figures

        # The library has no types.
        flush_figures()  # type: ignore[no-untyped-call]
