"""The checks' process: it runs check cells, whose names of the student's are stand-ins."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from .call_files import CallFiles, Placed
from .errors import ChannelError, Lost, NotData
from .link import Link
from .names import Follower, Sources, names_used
from .peer import Peer
from .seeds import Seeds
from .shell import Shell, redirect
from .stand_in import StandIn
from .student_side import Request, read_request, run_cell
from .wire import pack
from .work_folder import place_files, take_away

#: What crosses as a copy, and how large it may be to be compared with the original.
_CONTAINERS, _MOST_ELEMENTS = (list, dict, set), 10_000


def _content(value: object) -> bytes:
    """Return what tells a value's content; nothing where there is more than data in it."""
    try:
        return pack(value)
    except NotData:
        return b""


class _Checks:
    def __init__(self, shell: Shell, channel: socket.socket):
        self.shell = shell
        self.sources = Sources()
        self.bound: dict[str, object] = {}
        #: What the student's lists, dicts and sets among them held when the check began.
        self.containers: dict[str, bytes] = {}
        self.room = 5_000_000
        self.seeds = Seeds()
        self.placed = Placed(os.getcwd())
        self.files = CallFiles(os.getcwd())
        self.files.listen()
        self.peer = self._peer(channel)
        self.follower = Follower()
        shell.ast_transformers.append(self.follower)
        shell.user_ns[Follower.CALLED] = self._follow

    def _peer(self, channel: socket.socket) -> Peer:
        return Peer(
            Link(channel, eager=True),
            trusted=False,
            show=_show,
            source_of=lambda p: self.sources.source_of(p),
            seeds=self.seeds,
            named_files=lambda given: self.files.named(given, self.placed.names),
            take_files=self._take_files,
        )

    def _take_files(self, files: object, gone: object) -> None:
        self.files.known(self.placed.take_in(files, gone))

    def do(self, request: Request) -> dict[str, object]:
        if "own" in request:
            self.placed.own = frozenset(request["own"])
        if "files" in request:
            place_files(request["files"])
            self.placed.note(request["files"])
            self.room = request.get("room", self.room)
        take_away(request.get("gone", []))
        self.placed.note(request.get("gone", []))
        self.files.take_note()
        if request.get("helpers"):
            # The instructors' own modules, after all libraries; the student's are not here.
            sys.path.append(os.getcwd())
        for text, locked in request.get("sources", ()):
            self.sources.add(text, locked)
        if "give" in request:
            return {"number": request["number"], "lost": self._give(request["give"])}
        if "cell" not in request:
            return {"number": request["number"]}
        why = ""
        self.peer.hindrances.clear()
        try:
            self._bind(request["cell"])
        except Lost as error:
            why = str(error)
        self.seeds.watch()
        ok = run_cell(self.shell, request, self.room)[0]
        try:
            # The student's cells below draw from what a check has seeded, as in a notebook.
            self.peer.tell_seeds()
        except Lost as error:
            why = str(error)
        for name in self.files.pending:
            self.peer.hinder(f"the check writes the file {name}, and no call names it")
        self.files.pending.clear()
        return {
            "number": request["number"],
            "ok": ok and not why,
            "lost": self.peer.lost or bool(why),
            "broken": self.peer.broken,
            "why": why,
            "hindrances": list(self.peer.hindrances),
            "drifts": self._drifts() if ok and not why else [],
            "outputs": self.shell.sink.finished(),
        }

    def _bind(self, text: str) -> None:
        """Give the cell the names of the student's that it uses."""
        space = self.shell.user_ns
        for name, value in self.bound.items():
            # A name that a check has bound since is the check's.
            if space.get(name) is value:
                del space[name]
        self.bound = {}
        names = names_used(text)
        self.peer.open_classes = self.sources.tasks(names)
        for name in names:
            if name in space or name.startswith("_"):
                continue
            if self._imported(name):
                continue
            found = self.peer.ask("name", (name,), path=name)
            if isinstance(found, tuple) and len(found) == 1:
                space[name] = self.bound[name] = found[0]
                if type(found[0]) in _CONTAINERS and len(found[0]) <= _MOST_ELEMENTS:
                    self.containers[name] = _content(found)
        self.follower.names = set(self.bound)

    def _give(self, names: list[str]) -> bool:
        """Hand over names that a check has bound; tell whether the other side was lost.

        What is the student's already, and what cannot cross, stays here.
        """
        space = self.shell.user_ns
        for name in names:
            value = space.get(name)
            if (
                name not in space
                or value is self.bound.get(name, self)
                or isinstance(value, StandIn)
            ):
                continue
            try:
                self.peer.ask("set name", (name, value))
            except NotData:
                continue
            except Lost:
                return True
        return False

    def _follow(self, name: str) -> None:
        """Do to a name of the student's what the check has just done to it.

        A check may take a function away, to see who calls it, and put it back. What a
        check makes itself never gets there: it may tell what is expected.
        """
        space = self.shell.user_ns
        if name not in space:
            self.peer.ask("delete name", (name,))
        elif isinstance(space[name], StandIn):
            self.peer.ask("set name", (name, space[name]))

    def _drifts(self) -> list[str]:
        """Name the student's containers that are other ones than when the check began.

        The check has a copy of each, and has judged by it.
        """
        found = []
        for name, before in self.containers.items():
            try:
                now = _content(self.peer.ask("name", (name,), path=name))
            except Lost:
                break
            if now != before:
                found.append(f"{name} was changed while the check ran")
        return found

    def _imported(self, name: str) -> bool:
        """Import a name that the notebook imports from a library."""
        found = self.sources.import_of(name)
        if found is None:
            return False
        space: dict[str, object] = {}
        try:
            exec(compile(found.text, "<import>", "exec"), space)
        except Exception:  # noqa: BLE001  (a library may fail in its own way)
            return False
        if not found.may_bring(space[name]):
            return False
        self.shell.user_ns[name] = self.bound[name] = space[name]
        return True


def _show(pieces: list[object]) -> None:
    """Let what the student's code has printed appear under the check."""
    for piece in pieces:
        if isinstance(piece, tuple) and len(piece) == 2 and isinstance(piece[1], str):
            stream = sys.stderr if piece[0] == "stderr" else sys.stdout
            stream.write(piece[1])


def serve(shell: Shell, control: socket.socket, channel: socket.socket, place: Path) -> None:
    """Serve until the grader has gone.

    Parameters
    ----------
    shell : Shell
        Made before the fork.
    control : socket.socket
        To the grader.
    channel : socket.socket
        To the student's process. A later one comes over `control` where that has ended.
    place : Path
        The private folders.
    """
    grader = Link(control)
    # Nothing is imported from the working folder: it holds the student's files.
    here = {"", ".", os.getcwd()}
    sys.path[:] = [entry for entry in sys.path if entry not in here]
    redirect(shell, str(place / "tmp"), 5_000_000)
    checks = _Checks(shell, channel)
    while True:
        try:
            data = grader.receive()
            if data == b"new channel":
                _, handed, _, _ = socket.recv_fds(control, 1, 1)
                checks.peer = checks._peer(socket.socket(fileno=handed[0]))
                continue
            grader.send(pack(checks.do(read_request(data))))
        except ChannelError:
            os._exit(0)
        except KeyboardInterrupt:
            continue


__all__ = ["StandIn", "serve"]
