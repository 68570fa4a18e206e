"""The student's process: it runs cells for the grader, and answers calls of the checks."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, TypedDict, cast

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
    hidden: list[str]
    untouched: list[str]


#: Asks the guard: the name of a method of `guard.inside.Guard`, and its arguments.
Ask: TypeAlias = Callable[[tuple[str, tuple[object, ...]]], object]


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
    guard: Ask | None = None
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
) -> Ask:
    """Put the guard into this process, with a line of its own that is handed over now."""
    _, (number,), _, _ = socket.recv_fds(control, 1, 1)
    os.set_inheritable(number, False)
    os.register_at_fork(after_in_child=lambda: os.close(number))
    # What it imports must not be a file of the student's.
    sys.path.remove("")
    callers = frozenset(f.__code__ for f in (_make_guard, run_cell, _run_beside, _await_beside))
    guard: Ask = load(compiled()).guarding(shell, number, key, tools, callers).send
    guard(None)  # type: ignore[arg-type]
    sys.path.insert(0, "")
    _raised(guard(("take_modules", (modules,))))
    return guard


def _do(
    shell: Shell, request: Request, room: list[int], guard: Ask | None = None
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
    shell: Shell, request: Request, room: int, guard: Ask | None = None
) -> tuple[bool, str]:
    """Run the cell of a request; return whether it ended well, and the error's name."""
    shell.sink.clear(room)
    # The text of a check is not kept: who reads it would know what is expected.
    try:
        if guard is not None and "beside" in request:
            ok = _run_beside(guard, shell, request)
        else:
            ok = shell.run(request["cell"], request["count"])
        if guard is not None and "adopt" in request:
            _raised(guard(("adopt", (request["adopt"],))))
        _show_figures()
    except KeyboardInterrupt:
        ok = False
        shell.sink.error("KeyboardInterrupt", "", [])
    take_raw(shell)
    errors = [out["ename"] for out in shell.sink.outputs if out["output_type"] == "error"]
    if not ok and not errors:
        shell.sink.error("Error", "the cell did not run", [])
    return ok and not errors, errors[-1] if errors else ""


def _run_beside(guard: Ask, shell: Shell, request: Request) -> bool:
    """Run a check here, in parts that the guard hands out.

    Its text, its code and the guard stand in no variable while it runs: the student's code may
    come by a frame, and finds nothing in it.
    """
    space = shell.user_ns
    text = (request.pop("cell"), request["count"], request.pop("beside"))
    number = _raised(guard(("begin", text)))
    del text
    if not isinstance(number, int):
        return False
    try:
        if number < 0:
            shell.loop_runner(_await_beside(guard, space, -number))
        for _ in range(number):
            exec(_raised(guard(("next", ()))), space)  # type: ignore[arg-type]
    except BaseException as error:
        _raised(guard(("failed", (error,))))
        if isinstance(error, KeyboardInterrupt):
            raise
        return False
    return _raised(guard(("ended", ()))) is True


async def _await_beside(guard: Ask, space: dict[str, object], number: int) -> None:
    """Run the parts of a check that awaits something."""
    for _ in range(number):
        waiting = eval(_raised(guard(("next", ()))), space)  # type: ignore[arg-type]  # noqa: S307
        if waiting is not None:
            await waiting


def _raised(answer: object) -> object:
    """Return what the guard has answered; raise it where it is an exception."""
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _show_figures() -> None:
    """Show the figures that a cell has left open, as a notebook does."""
    from matplotlib import _pylab_helpers

    if _pylab_helpers.Gcf.figs:
        from matplotlib_inline.backend_inline import flush_figures

        # The library has no types.
        flush_figures()  # type: ignore[no-untyped-call]
