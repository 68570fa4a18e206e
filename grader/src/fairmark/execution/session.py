"""The run of one notebook: two processes, and what goes from one to the other.

`executor` tells what the two are for. Here they are started, asked to run a cell each,
started anew where a cell ended them, and judged by what the checks' process says.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import select
import socket
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import nbformat
from nbformat import NotebookNode

from fairmark.cells import OWN_METADATA, is_check
from fairmark.messages import diagnosis, not_decided
from fairmark.model import Limits, NotebookRun, PreparedNotebook, Status

from .errors import ChannelError, Closed, TooLong
from .forkserver import Server
from .judging import points_earned
from .link import Link
from .memory import memory_mb, peak_mb
from .names import open_imports
from .outputs import read_outputs
from .replies import read_answer
from .sandbox import BOX, Allowance, SandboxError
from .wire import pack

#: How long a process may take to answer an interruption.
_GRACE = 1.5
#: How often memory is looked at while a cell runs.
_LOOK = 0.1
#: What is handed from the student's working folder to the checks' at most.
_MOST_FILES, _MOST_BYTES = 500, 200 * 2**20
#: Files that a check could import by accident.
_CODE = (".py", ".ipynb", ".pyc", ".so", ".pth")
_REGION = re.compile(
    r"^[^\n]*BEGIN (HIDDEN TESTS|MARK SCHEME).*?END \1[^\n]*\n?", re.DOTALL | re.MULTILINE
)


class _End(Enum):
    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    LOST = "lost"
    SLOW = "slow"
    MEMORY = "memory"
    BROKEN = "broken"


#: What a student may look for; the reason for the instructor goes without it.
_BROKEN_HINT = (
    " Look for code of yours that reads, writes or closes files or sockets which it has not opened."
)
#: After these, the student's process is started anew.
_ENDED = frozenset({_End.LOST, _End.SLOW, _End.MEMORY, _End.BROKEN})


def run_notebook(
    server: Server,
    book: PreparedNotebook,
    notebooks: Sequence[PreparedNotebook],
    files: Mapping[str, bytes],
    limits: Limits,
    allowance: Allowance,
) -> NotebookRun:
    """Run one notebook of a submission.

    Parameters
    ----------
    server : Server
        Both processes are forked from it.
    book : PreparedNotebook
        The notebook. It is not changed.
    notebooks : sequence of PreparedNotebook
        All of the submission; without checks, they lie beside it as files.
    files : mapping
        Path to content of the other files.
    limits : Limits
        Time, output and restarts.
    allowance : Allowance
        What the student's process may use.

    Returns
    -------
    NotebookRun
        With the outputs, the points of each check and the reason for what is missing.

    Raises
    ------
    SandboxError
        When this machine cannot make the sandbox, or the server has ended.
    """
    if book.notebook is None:
        return NotebookRun(book.name, None, status=Status.REVIEW, reason=book.problem)
    run = NotebookRun(book.name, copy.deepcopy(book.notebook))
    begun = time.monotonic()
    given = {
        **files,
        **{f"{b.name}.ipynb": open_part(b.notebook) for b in notebooks if b.notebook},
    }
    session = Session(run, server, allowance, given, limits, book.helpers)
    with contextlib.closing(session):
        session.run()
    run.seconds = time.monotonic() - begun
    return run


def open_part(notebook: NotebookNode) -> bytes:
    """Return a notebook without checks and marking schemes, as a file."""
    shown = nbformat.v4.new_notebook(metadata=notebook.metadata)
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader") or {}
        closed = meta.get("task") or (meta.get("grade") and not meta.get("solution"))
        if closed or (cell.cell_type != "code" and meta.get("grade")):
            continue
        # Not copied in depth: it is only written down.
        kept = NotebookNode(cell)
        kept.source = _without_regions(cell.source)
        if cell.cell_type == "code":
            kept.outputs = []
        shown.cells.append(kept)
    shown.nbformat_minor = 5
    # Not nbformat.writes: it would check the form again, which is as it was read, and break
    # the text into lines for a reader who is not there.
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _without_regions(text: str) -> str:
    return _REGION.sub("", text)


@dataclass
class _Process:
    """One forked process and the line to it."""

    server: Server
    pid: int
    link: Link
    number: int = 0
    base_mb: float = 0.0
    used: dict = field(default_factory=dict)

    def send(self, message: dict) -> None:
        self.number += 1
        self.link.send(pack({**message, "number": self.number}), 30)

    def receive(self, until: float) -> dict:
        answer = read_answer(self.link.receive(until))
        if answer.get("number") != self.number:
            raise ChannelError("an answer to another question")
        return answer

    def end(self) -> None:
        self.link.close()
        self.used = self.server.end(self.pid)


@dataclass
class Session:
    """The run of one notebook."""

    #: What comes of it: outputs, points, failures, status.
    result: NotebookRun
    #: Both processes are forked from it.
    server: Server
    #: What the student's process may use.
    allowance: Allowance
    #: Path to content of the files beside the notebook.
    files: Mapping[str, bytes]
    #: Time, output and restarts.
    limits: Limits
    #: Those of the files that are the instructors' own.
    helpers: frozenset[str] = frozenset()
    #: Runs what the student may write in; started anew where a cell has ended it.
    student: _Process | None = None
    #: Runs the checks; started with the first of them.
    checks: _Process | None = None
    #: The checks' end of the line between the two. The grader never reads from it.
    channel: socket.socket | None = None
    #: When the notebook's time is over, in the time of `time.monotonic`.
    deadline: float = 0.0
    #: How often the student's process was started anew.
    restarts: int = 0
    #: The number of the last cell that was run, as the notebook shows it.
    count: int = 0
    #: Indices of the cells that are run again in a new process of the student's.
    done: list[int] = field(default_factory=list)
    #: Indices of the cells that have ended a process; they are not run again.
    harmful: set[int] = field(default_factory=set)
    #: What went wrong, for the reason that the instructor reads.
    troubles: list[str] = field(default_factory=list)
    #: Text of each of the student's side's cells, and whether it is locked, in their order.
    sources: list[tuple[str, bool]] = field(default_factory=list)
    #: How many of `sources` the checks' process knows.
    told: int = 0
    #: Size, time and number of each file as the checks' process has seen it last.
    seen: dict[str, tuple] = field(default_factory=dict)
    #: Index of each check that was run to what it imports openly: cells below may use it.
    imports: dict[int, str] = field(default_factory=dict)

    def close(self) -> None:
        """End both processes."""
        for process in (self.student, self.checks):
            if process is not None:
                self._measure(process)
                process.end()
        self.student = self.checks = None
        if self.channel is not None:
            self.channel.close()

    def run(self) -> None:
        """Run every code cell and settle the status."""
        self._start_student()
        self.deadline = time.monotonic() + self.limits.notebook_seconds
        for index, cell in enumerate(self.result.notebook.cells):
            if cell.cell_type == "code" and not self._step(index, cell):
                break
        self._settle()

    # -- processes ----------------------------------------------------------
    def _start(self, role: str, channel: socket.socket, largest: int) -> _Process:
        mine, theirs = socket.socketpair()
        try:
            pid = self.server.spawn(role, theirs, channel, self.allowance)
        except BaseException:
            mine.close()
            raise
        finally:
            theirs.close()
        return _Process(self.server, pid, Link(mine, largest))

    def _start_student(self) -> None:
        mine, theirs = socket.socketpair()
        try:
            self.student = self._start("student", theirs, 4 * self.limits.output_bytes + 2**24)
        finally:
            theirs.close()
        if self.channel is not None:
            self.channel.close()
        self.channel = mine
        self.student.base_mb = memory_mb(self.student.pid)
        self._set_up(self.student, self.files)
        self.seen = dict(self._listing())
        if self.checks is not None:
            self.checks.link.send(b"new channel")
            socket.send_fds(self.checks.link.sock, [b"x"], [mine.fileno()])

    def _start_checks(self) -> None:
        self.checks = self._start("check", self.channel, 4 * self.limits.output_bytes + 2**24)
        self._set_up(self.checks, {n: d for n, d in self.files.items() if self._for_checks(n)})
        self.told = 0
        self.seen = {name: state for name, state in self.seen.items() if name in self.files}

    def _for_checks(self, name: str) -> bool:
        """Tell whether a check gets to see a file: data, and code of the instructors."""
        return name in self.helpers or not name.endswith(_CODE)

    def _set_up(self, process: _Process, files: Mapping[str, bytes]) -> None:
        helpers = any(name in self.helpers and name.endswith(_CODE) for name in files)
        room = self.limits.output_bytes
        process.send({"files": dict(files), "room": room, "helpers": helpers})
        try:
            process.receive(time.monotonic() + 30)
        except ChannelError as error:
            raise SandboxError(f"the process did not begin ({error})") from None

    def _stop_student(self) -> None:
        if self.student is not None:
            self._measure(self.student)
            self.student.end()
            self.student = None

    def _stop_checks(self) -> None:
        if self.checks is not None:
            self.checks.end()
            self.checks = None

    def _measure(self, process: _Process) -> None:
        self.result.peak_mb = max(self.result.peak_mb, peak_mb(process.pid))

    # -- cells ----------------------------------------------------------------
    def _step(self, index: int, cell: NotebookNode) -> bool:
        left = self.deadline - time.monotonic()
        if left <= 0:
            self.troubles.append(
                f"the notebook took longer than {self.limits.notebook_seconds:.0f} s"
            )
            return False
        self.count += 1
        cell.execution_count, cell.outputs = self.count, []
        seconds = min(_seconds(cell, self.limits), left)
        check = is_check(cell)
        end = self._run_check(cell, seconds) if check else self._run_student(cell, seconds)
        self._judge(index, cell, end, seconds)
        if check:
            self.imports[index] = open_imports(cell.source)
        if end in _ENDED:
            self.harmful.add(index)
            return self._recover()
        self.done.append(index)
        return self._repeat_imports(index) if check else True

    def _run_student(self, cell: NotebookNode, seconds: float) -> _End:
        text = _without_regions(cell.source)
        locked = bool((cell.metadata.get("nbgrader") or {}).get("locked"))
        solution = bool((cell.metadata.get("nbgrader") or {}).get("solution"))
        self.sources.append((text, locked and not solution))
        return self._ask_student(cell, text, seconds)

    def _ask_student(self, cell: NotebookNode, text: str, seconds: float) -> _End:
        try:
            self.student.send({"cell": text, "count": cell.execution_count})
        except ChannelError:
            return _End.LOST
        end, answer = self._wait_or_interrupt(self.student, seconds)
        if answer:
            cell.outputs = read_outputs(answer.get("outputs"), self.limits.output_bytes)
            if end is _End.OK and answer.get("ok") is not True:
                end = _End.ERROR
        return end

    def _run_check(self, cell: NotebookNode, seconds: float) -> _End:
        if self.checks is None:
            self._start_checks()
        try:
            self.checks.send(
                {
                    "cell": cell.source,
                    "count": cell.execution_count,
                    "sources": self.sources[self.told :],
                    "files": self._changed_files(),
                    "gone": self._vanished_files(),
                }
            )
        except ChannelError:
            return self._checks_lost()
        self.told = len(self.sources)
        end, answer = self._wait_or_interrupt(self.checks, seconds)
        if end is _End.TIMEOUT and answer.get("lost"):
            end = _End.SLOW
        if end is _End.SLOW:
            # What the two have said to each other cannot be trusted to fit together.
            self._stop_checks()
        elif end in (_End.LOST, _End.BROKEN):
            end = self._checks_lost()
        if answer:
            cell.outputs = read_outputs(answer.get("outputs"), self.limits.output_bytes)
            if end is _End.OK:
                if answer.get("lost") is True:
                    return _End.BROKEN if answer.get("broken") is True else _End.LOST
                end = _End.OK if answer.get("ok") is True else _End.ERROR
        return end

    def _checks_lost(self) -> _End:
        self._stop_checks()
        return _End.LOST

    def _wait_or_interrupt(self, process: _Process, seconds: float) -> tuple[_End, dict]:
        """Wait for an answer; when the time is over, interrupt the student's code first.

        TIMEOUT means that an answer came then, SLOW that none did.
        """
        end, answer = self._wait(process, seconds)
        if end is not _End.TIMEOUT:
            return end, answer
        self.server.interrupt(self.student.pid)
        end, answer = self._wait(process, _GRACE)
        after = {_End.TIMEOUT: _End.SLOW, _End.OK: _End.TIMEOUT}
        return after.get(end, end), answer

    def _wait(self, process: _Process, seconds: float) -> tuple[_End, dict]:
        """Wait for an answer, and watch the memory of the student's process meanwhile."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            if left <= 0:
                return _End.TIMEOUT, {}
            if select.select([process.link], [], [], min(left, _LOOK))[0]:
                break
            if self._too_large():
                return _End.MEMORY, {}
        try:
            return _End.OK, process.receive(time.monotonic() + 20)
        except TooLong:
            return _End.SLOW, {}
        except Closed:
            return _End.LOST, {}
        except ChannelError:
            return _End.BROKEN, {}

    def _too_large(self) -> bool:
        if self.student is None:
            return False
        most = self.allowance.memory_mb + self.student.base_mb
        return memory_mb(self.student.pid, most, self.student.base_mb) > most

    # -- files ------------------------------------------------------------------
    def _work(self) -> str:
        if self.allowance and not self.server_is_plain:
            return f"/proc/{self.student.pid}/root{BOX}/work"
        # Not through /proc: in many containers root may not look at others' processes there.
        return f"{self.server.places[self.student.pid]}/work"

    @property
    def server_is_plain(self) -> bool:
        """Whether there is no sandbox."""
        return not self.server.sandboxed

    def _listing(self) -> Iterator[tuple[str, tuple]]:
        """Go through the plain files of the student's working folder; follow no link."""
        try:
            top = os.open(self._work(), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return
        try:
            yield from _files_in(top, "", 0)
        finally:
            os.close(top)

    def _changed_files(self) -> dict[str, bytes]:
        """Read what the student's code has written since: a check may look at it."""
        changed: dict[str, bytes] = {}
        room = _MOST_BYTES
        for name, state in self._listing():
            if self.seen.get(name) == state or name.endswith(_CODE) or name in self.helpers:
                continue
            self.seen[name] = state
            if state[0] > room:
                continue
            data = self._read_file(name, state[0])
            if data is not None:
                changed[name] = data
                room -= len(data)
        return changed

    def _vanished_files(self) -> list[str]:
        """Name the files that the student's code has deleted: a check must not see them either."""
        try:
            top = os.open(self._work(), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return []
        try:
            known = {*self.files, *self.seen} - self.helpers
            return sorted(name for name in known if not _is_there(name, top))
        finally:
            os.close(top)

    def _read_file(self, name: str, size: int) -> bytes | None:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            folder = os.open(self._work(), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            *inner, last = name.split("/")
            for part in inner:
                deeper = os.open(part, flags | os.O_DIRECTORY, dir_fd=folder)
                os.close(folder)
                folder = deeper
            number = os.open(last, flags, dir_fd=folder)
            with open(number, "rb") as file:
                return file.read(size) if stat.S_ISREG(os.fstat(number).st_mode) else None
        except OSError:
            return None
        finally:
            os.close(folder)

    # -- judging ------------------------------------------------------------------
    def _judge(self, index: int, cell: NotebookNode, end: _End, seconds: float) -> None:
        if end not in (_End.OK, _End.ERROR):
            text = {
                _End.TIMEOUT: f"did not end within {seconds:.0f} s",
                _End.SLOW: f"did not end within {seconds:.0f} s and could not be interrupted",
                _End.LOST: "ended the Python process",
                _End.MEMORY: f"used more than {self.allowance.memory_mb} MB of memory",
                _End.BROKEN: "got no proper answer from the notebook's process"
                if is_check(cell)
                else "gave no proper answer",
            }[end]
            self.troubles.append(f"{_title(index, cell)} {text}")
            if is_check(cell):
                hint = _BROKEN_HINT if end is _End.BROKEN else ""
                self._undecided(cell, f"The check {text}.{hint}")
            return
        if not is_check(cell):
            return
        name = cell.metadata["nbgrader"]["grade_id"]
        most = float(cell.metadata["nbgrader"].get("points") or 0.0)
        if end is _End.ERROR and not_decided(cell):
            why = not_decided(cell)
            self.troubles.append(f"a check cannot be made on this machine: {why.splitlines()[0]}")
            self._undecided(cell, why)
        elif end is _End.ERROR:
            self.result.points[name] = 0.0
            self.result.failures[name] = diagnosis(cell, self.result.notebook.cells)
        else:
            points, remark = points_earned(cell, most)
            self.result.points[name] = points
            if remark:
                self.result.failures[name] = remark

    def _undecided(self, cell: NotebookNode, why: str) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        self.result.points[name] = 0.0
        self.result.failures[name] = why
        self.result.undecided.append(name)

    # -- going on ------------------------------------------------------------------
    def _recover(self) -> bool:
        """Start the student's side anew and run again what was run, but for what ended it."""
        while self.restarts < self.limits.restarts:
            self.restarts += 1
            self._stop_student()
            self._start_student()
            lost = self._repeat()
            if lost is None:
                return True
            self.harmful.add(lost)
        self.troubles.append(f"the Python process ended {self.restarts + 1} times")
        return False

    def _repeat(self) -> int | None:
        cells = self.result.notebook.cells
        for index in [*self.done, *[i for i in self.imports if i not in self.done]]:
            left = self.deadline - time.monotonic()
            if left <= 0:
                return None
            cell = cells[index]
            if is_check(cell):
                if not self._repeat_imports(index):
                    return index
                continue
            if index in self.harmful:
                continue
            again = copy.deepcopy(cell)
            end = self._ask_student(
                again, _without_regions(cell.source), min(_seconds(cell, self.limits), left)
            )
            if end in _ENDED:
                return index
        return None

    def _repeat_imports(self, index: int) -> bool:
        """Import on the student's side what a check imports openly: cells below may use it."""
        text = self.imports.get(index, "")
        if not text:
            return True
        silent = nbformat.v4.new_code_cell(text, execution_count=self.count)
        end = self._ask_student(silent, text, self.limits.cell_seconds)
        if end in _ENDED:
            self.imports[index] = ""
            return self._recover()
        return True

    def _settle(self) -> None:
        for cell in self.result.notebook.cells:
            if is_check(cell) and cell.metadata["nbgrader"]["grade_id"] not in self.result.points:
                self._undecided(cell, "The check was not reached.")
        if self.troubles:
            # What ended no check and cost no points is told, and nobody has to look.
            if self.result.failures:
                self.result.status = Status.PARTLY
            self.result.reason = "; ".join(dict.fromkeys(self.troubles))


def _title(index: int, cell: NotebookNode) -> str:
    name = (cell.metadata.get("nbgrader") or {}).get("grade_id")
    return name if name else f"cell {index + 1}"


def _seconds(cell: NotebookNode, limits: Limits) -> float:
    """Return the time of a cell: its own where its metadata give it one."""
    own = cell.metadata.get(OWN_METADATA)
    wanted = own.get("seconds") if isinstance(own, dict) else None
    if is_check(cell) and type(wanted) in (int, float) and 0 < wanted <= limits.notebook_seconds:
        return float(wanted)
    return limits.cell_seconds


def _is_there(name: str, folder: int) -> bool:
    """Tell whether there is something of a name; whatever cannot be told counts as there."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _files_in(folder: int, above: str, depth: int) -> Iterator[tuple[str, tuple]]:
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            count += 1
            if count > _MOST_FILES:
                return
            try:
                state = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(state.st_mode):
                    yield above + entry.name, (state.st_size, state.st_mtime_ns, state.st_ino)
                elif stat.S_ISDIR(state.st_mode) and depth < 5:
                    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
                    inner = os.open(entry.name, flags, dir_fd=folder)
                    try:
                        yield from _files_in(inner, f"{above}{entry.name}/", depth + 1)
                    finally:
                        os.close(inner)
            except OSError:
                continue
