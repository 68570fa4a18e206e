"""The run of one notebook: two processes, and what goes from one to the other.

`executor` tells what the two are for. Here they are started, asked to run a cell each,
started anew where a cell ended them, and judged by what the checks' process says.
"""

from __future__ import annotations

import contextlib
import copy
import json
import select
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from nbformat import NotebookNode

from fairmark.cells import grade_id_of, is_check, marking, own_metadata, without_closed_regions
from fairmark.judged import Judged
from fairmark.limits import Allowance, Limits
from fairmark.messages import diagnosis, not_decided
from fairmark.model import NotebookRun, PreparedNotebook, Status

from .errors import ChannelError, Closed, TooLong
from .forkserver import Server
from .guard.keeper import Keeper
from .judging import last_number, points_earned
from .link import Link
from .memory_use import memory_mb, peak_mb
from .names_left import Left, left_by
from .outputs import read_outputs
from .replies import read_answer
from .sandbox import BOX, SandboxError
from .snapshots import MOST as MOST_COPIES
from .snapshots import Snapshot, line_to_copy
from .whereabouts import Place, Stay, Whereabouts
from .wire import pack
from .work_folder import CODE, WorkFolder

#: How long a process may take to answer an interruption.
_GRACE = 1.5
#: How often memory is looked at while a cell runs.
_LOOK = 0.1


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
#: What a student reads of a check that nobody has decided yet, through no fault of theirs.
_LOOKED_AT = "This check is not decided by the program: a person looks at it."
#: After these, there is an answer.
_ANSWERED = frozenset({_End.OK, _End.ERROR, _End.TIMEOUT})
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
    notebook = copy.deepcopy(book.notebook)
    run = NotebookRun(book.name, notebook)
    begun = time.monotonic()
    given = {
        **files,
        **{f"{b.name}.ipynb": open_part(b.notebook) for b in notebooks if b.notebook},
    }
    session = Session(
        run,
        notebook.cells,
        server,
        allowance,
        given,
        limits,
        book.helpers,
        book.judged,
        book.usual,
        book.drawn,
    )
    with contextlib.closing(session):
        session.run()
    run.seconds = time.monotonic() - begun
    return run


def open_part(notebook: NotebookNode) -> bytes:
    """Return a notebook without checks and marking schemes, as a file."""
    cells = []
    for cell in notebook.cells:
        mark = marking(cell)
        if mark.check or mark.task or (mark.graded and cell.cell_type != "code"):
            continue
        # Not copied in depth: it is only written down.
        kept = {**cell, "source": without_closed_regions(cell.source)}
        if cell.cell_type == "code":
            kept["outputs"] = []
        cells.append(kept)
    shown = {"nbformat": 4, "nbformat_minor": 5, "metadata": notebook.metadata, "cells": cells}
    # Not nbformat.writes: it would check the form again, which is as it was read, and break
    # the text into lines for a reader who is not there.
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")


@dataclass
class _Process:
    """One forked process and the line to it."""

    server: Server
    pid: int
    link: Link
    #: Of the last question.
    number: int = field(default=0, init=False)

    def send(self, message: dict[str, object]) -> None:
        self.number += 1
        self.link.send(pack({**message, "number": self.number}), 30)

    def receive(self, until: float) -> dict[str, object]:
        answer = read_answer(self.link.receive(until))
        if answer.get("number") != self.number:
            raise ChannelError("an answer to another question")
        return answer

    def end(self) -> None:
        self.link.close()
        self.server.end(self.pid)


@dataclass
class _Student(_Process):
    """The process that runs what the student may write in."""

    #: The checks' end of the line between the two. The grader never reads from it.
    channel: socket.socket
    #: Memory that it began with.
    base_mb: float
    folder: WorkFolder
    where: Whereabouts

    def end(self) -> None:
        self.channel.close()
        super().end()
        self.where.close()


@dataclass(frozen=True)
class Doubt:
    """A check whose outcome in its own process may be due to what does not cross."""

    cell: NotebookNode
    #: What did not, a sentence each, and last what a failing check said.
    causes: tuple[str, ...]
    #: The student's process as it was then; None where there is no copy.
    copy: Snapshot | None


@dataclass
class Session:
    """The run of one notebook."""

    #: What comes of it: outputs, points, failures, status.
    result: NotebookRun
    #: Of the notebook in it.
    cells: list[NotebookNode]
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
    #: The checks that are not judged apart.
    judged: Mapping[str, Judged] = field(default_factory=dict)
    #: What is noticed with the reference too, and is nothing to look at.
    usual: frozenset[str] = frozenset()
    #: Text of a cell whose figure is there already, to what is run of it.
    drawn: Mapping[str, str] = field(default_factory=dict)
    #: Started anew where a cell has ended it.
    student: _Student | None = None
    #: Runs the checks; started with the first of them.
    checks: _Process | None = None
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
    #: Where cells did not end within their time.
    endless: set[Place] = field(default_factory=set)
    #: After how many seconds the last cell was stopped at such a place; 0 if it was not.
    again: float = 0.0
    #: What went wrong, for the reason that the instructor reads.
    troubles: list[str] = field(default_factory=list)
    #: Text of each of the student's side's cells, and whether it is locked, in their order.
    sources: list[tuple[str, bool]] = field(default_factory=list)
    #: How many of `sources` the checks' process knows.
    told: int = 0
    #: Index of each check that was run apart to what it leaves to the cells below.
    left: dict[int, Left] = field(default_factory=dict)
    #: What hindered the last check in its own process, one sentence each.
    hindrances: list[str] = field(default_factory=list)
    #: What it did not see of what has happened in the student's, one sentence each.
    drifts: list[str] = field(default_factory=list)
    #: The checks whose outcome in their own process is in doubt, by grade id.
    doubts: dict[str, Doubt] = field(default_factory=dict)
    #: Which of them have another outcome in the student's process, a sentence each.
    two_ways: list[str] = field(default_factory=list)
    #: Guards the checks that are judged beside; None where there are none.
    keeper: Keeper | None = field(init=False)

    def __post_init__(self) -> None:
        self.keeper = self._new_keeper()

    def _new_keeper(self) -> Keeper | None:
        codes = [(i, cell) for i, cell in enumerate(self.cells) if cell.cell_type == "code"]
        checks = {
            _id_of(cell): cell.source for _, cell in codes if self._way(cell) is Judged.BESIDE
        }
        if not checks:
            return None
        others = [(i, cell) for i, cell in codes if not is_check(cell)]
        locked = [cell.source for _, cell in others if marking(cell).locked]
        written = [(_title(i, cell), cell.source) for i, cell in others if not marking(cell).locked]
        titles = [_title(i, cell) for i, cell in codes]
        return Keeper(checks, locked, written, self.helpers, self.usual, titles)

    def close(self) -> None:
        """End both processes."""
        if self.keeper is not None:
            self.keeper.close()
        for process in (self.student, self.checks):
            if process is not None:
                self._measure(process)
                process.end()
        self.student = self.checks = None

    def run(self) -> None:
        """Run every code cell and settle the status."""
        self._start_student()
        self.deadline = time.monotonic() + self.limits.notebook_seconds
        for index, cell in enumerate(self.cells):
            if cell.cell_type == "code" and not self._step(index, cell):
                break
        self._try_beside()
        self._settle()

    # -- processes ----------------------------------------------------------
    @property
    def running(self) -> _Student:
        """The student's process, which is there whenever a cell is run."""
        if self.student is None:
            raise SandboxError("the student's process has not been started")
        return self.student

    def _start(self, role: str, channel: socket.socket) -> tuple[int, Link]:
        mine, theirs = socket.socketpair()
        try:
            pid = self.server.spawn(role, theirs, channel, self.allowance)
        except BaseException:
            mine.close()
            raise
        finally:
            theirs.close()
        return pid, Link(mine, self._largest())

    def _largest(self) -> int:
        """Return the most bytes of an answer."""
        return 4 * self.limits.output_bytes + 2**24

    def _start_student(self) -> None:
        mine, theirs = socket.socketpair()
        try:
            pid, link = self._start("student", theirs)
        finally:
            theirs.close()
        folder = WorkFolder(self._work_of(pid), self.files, self.helpers)
        where = Whereabouts(lambda: self.server.ask_where(pid))
        self.student = _Student(self.server, pid, link, mine, memory_mb(pid), folder, where)
        where.hand_over(link.sock)
        self._set_up(self.student, self.files, self.keeper)
        folder.take_note()
        if self.checks is not None:
            self.checks.link.send(b"new channel")
            socket.send_fds(self.checks.link.sock, [b"x"], [mine.fileno()])

    def _work_of(self, pid: int) -> str:
        if self.server.sandboxed:
            return f"/proc/{pid}/root{BOX}/work"
        # Not through /proc: in many containers root may not look at others' processes there.
        return f"{self.server.places[pid]}/work"

    def _start_checks(self) -> _Process:
        student = self.running
        self.checks = _Process(self.server, *self._start("check", student.channel))
        self._set_up(self.checks, {n: d for n, d in self.files.items() if self._for_checks(n)})
        self.told = 0
        student.folder.begin_anew()
        return self.checks

    def _for_checks(self, name: str) -> bool:
        """Tell whether a check gets to see a file: data, and code of the instructors."""
        return name in self.helpers or not name.endswith(CODE)

    def _set_up(
        self, process: _Process, files: Mapping[str, bytes], keeper: Keeper | None = None
    ) -> None:
        helpers = any(name in self.helpers and name.endswith(CODE) for name in files)
        room = self.limits.output_bytes
        own = sorted(self.helpers)
        told = keeper.begin() if keeper is not None else {}
        setting = {"files": dict(files), "room": room, "helpers": helpers, "own": own}
        process.send({**setting, **told})
        if keeper is not None:
            keeper.hand_over(process.link)
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
        self.again = 0.0
        cell.execution_count, cell.outputs = self.count, []
        seconds = min(_seconds(cell, self.limits), left)
        self.hindrances, self.drifts = [], []
        way = self._way(cell)
        if way is Judged.UNDECIDED:
            self._leave_open(cell)
            end = _End.OK
        else:
            end = self._run_cell(cell, way, seconds)
            self._judge(index, cell, end, seconds)
        if way is not None and way is not Judged.BESIDE:
            self.left[index] = left_by(cell.source, self._texts_below(index))
        if end in _ENDED:
            self.harmful.add(index)
            return self._recover()
        self.done.append(index)
        return self._leave(index)

    def _way(self, cell: NotebookNode) -> Judged | None:
        """Return how a check is judged; None for a cell that is no check."""
        return self.judged.get(_id_of(cell), Judged.APART) if is_check(cell) else None

    def _run_cell(self, cell: NotebookNode, way: Judged | None, seconds: float) -> _End:
        if way is None:
            return self._run_student(cell, seconds)
        if way is Judged.BESIDE:
            return self._run_beside(cell, seconds)
        return self._run_apart(cell, seconds)

    def _run_student(self, cell: NotebookNode, seconds: float) -> _End:
        text = without_closed_regions(cell.source)
        self.sources.append((text, marking(cell).locked))
        text = self.drawn.get(text, text)
        keeper = self.keeper
        more = keeper.about_cell(text, marking(cell).locked) if keeper is not None else {}
        end, cell.outputs = self._ask_student(text, cell.execution_count, seconds, more)
        if keeper is not None:
            keeper.after_cell()
        return end

    def _run_beside(self, cell: NotebookNode, seconds: float) -> _End:
        """Run a check in the student's process, with the meaning that stock nbgrader gives it."""
        self.sources.append((cell.source, True))
        keeper, name = self.keeper, _id_of(cell)
        if keeper is None:
            raise SandboxError("a check is judged beside and nothing guards it")
        keeper.files_altered(self.running.folder.altered(), name)
        more = keeper.about_check(name)
        end, cell.outputs = self._ask_student(cell.source, cell.execution_count, seconds, more)
        report = keeper.after_check(name, end in _ANSWERED)
        if end in _ANSWERED:
            keeper.files_altered(self.running.folder.altered(), name)
        if end is _End.OK and report is not None:
            keeper.compare_marks(name, last_number(cell), report)
            # What the process says of itself does not count where the guard says otherwise.
            end = _End.OK if report.ended else _End.ERROR
        return end

    def _ask_student(
        self, text: str, count: int, seconds: float, more: Mapping[str, object] | None = None
    ) -> tuple[_End, list[NotebookNode]]:
        try:
            self.running.send({"cell": text, "count": count, **(more or {})})
        except ChannelError:
            return _End.LOST, []
        end, answer = self._wait_or_interrupt(self.running, seconds)
        if end is _End.OK and answer.get("ok") is not True:
            end = _End.ERROR
        return end, read_outputs(answer.get("outputs"), self.limits.output_bytes)

    def _run_apart(self, cell: NotebookNode, seconds: float) -> _End:
        checks, folder = self.checks or self._start_checks(), self.running.folder
        try:
            checks.send(
                {
                    "cell": cell.source,
                    "count": cell.execution_count,
                    "sources": self.sources[self.told :],
                    "files": folder.changed(),
                    "gone": folder.vanished(),
                }
            )
        except ChannelError:
            return self._checks_lost()
        self.told = len(self.sources)
        end, answer = self._wait_or_interrupt(checks, seconds)
        if end is _End.TIMEOUT and answer.get("lost"):
            end = _End.SLOW
        if end is _End.SLOW:
            # What the two have said to each other cannot be trusted to fit together.
            self._stop_checks()
        elif end in (_End.LOST, _End.BROKEN):
            end = self._checks_lost()
        if answer:
            self.hindrances = _sentences(answer.get("hindrances"))
            self.drifts = _sentences(answer.get("drifts"))
            cell.outputs = read_outputs(answer.get("outputs"), self.limits.output_bytes)
            if end is _End.OK:
                if answer.get("lost") is True:
                    return _End.BROKEN if answer.get("broken") is True else _End.LOST
                end = _End.OK if answer.get("ok") is True else _End.ERROR
        return end

    def _checks_lost(self) -> _End:
        self._stop_checks()
        return _End.LOST

    def _wait_or_interrupt(
        self, process: _Process, seconds: float
    ) -> tuple[_End, dict[str, object]]:
        """Wait for an answer; when the time is over, interrupt the student's code first.

        TIMEOUT means that an answer came then, SLOW that none did.
        """
        stay = Stay(self.running.where, seconds, self.endless)
        end, answer = self._wait(process, seconds, stay)
        if end is not _End.TIMEOUT:
            return end, answer
        self._note_endless(stay)
        self.server.interrupt(self.running.pid)
        end, answer = self._wait(process, _GRACE)
        after = {_End.TIMEOUT: _End.SLOW, _End.OK: _End.TIMEOUT}
        return after.get(end, end), answer

    def _note_endless(self, stay: Stay) -> None:
        """Note the function of the student's, the innermost, in which a cell did not end.

        One that the instructors have written does not count: what it is given decides.
        """
        given = {c.get("execution_count") for c in self.cells if marking(c).locked}
        for place in stay.always or ():
            if place[0] not in given:
                self.endless.add(place)
                return

    def _wait(
        self, process: _Process, seconds: float, stay: Stay | None = None
    ) -> tuple[_End, dict[str, object]]:
        """Wait for an answer, and watch the student's process meanwhile: memory, place."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            if left <= 0:
                return _End.TIMEOUT, {}
            if select.select([process.link], [], [], min(left, _LOOK))[0]:
                break
            if self._too_large():
                return _End.MEMORY, {}
            if stay is not None and stay.is_endless():
                self.again = stay.again
                return _End.TIMEOUT, {}
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

    # -- judging ------------------------------------------------------------------
    def _judge(self, index: int, cell: NotebookNode, end: _End, seconds: float) -> None:
        if end not in (_End.OK, _End.ERROR):
            slow = f"did not end within {seconds:.0f} s"
            if self.again:
                slow = (
                    f"did not end within {self.again:.0f} s where a cell above did not end either"
                )
            text = {
                _End.TIMEOUT: slow,
                _End.SLOW: f"{slow} and could not be interrupted",
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
        name = _id_of(cell)
        if end is _End.ERROR and (why := not_decided(cell)):
            self.troubles.append(f"a check cannot be made on this machine: {why.splitlines()[0]}")
            self._undecided(cell, why)
        elif end is _End.ERROR:
            why = diagnosis(cell, self.cells)
            if self.hindrances:
                self.result.hindrances[name] = [*self.hindrances, *why.splitlines()[:1]]
                self._doubt(cell, self.result.hindrances[name])
            self.result.points[name] = 0.0
            self.result.failures[name] = why
        else:
            points, remark = points_earned(cell, marking(cell).points)
            self.result.points[name] = points
            if self.drifts:
                self._doubt(cell, self.drifts)
            if remark:
                self.result.failures[name] = remark

    # -- both ways ---------------------------------------------------------------
    def _doubt(self, cell: NotebookNode, causes: Sequence[str]) -> None:
        """Keep a copy of the student's process, to try in it a check whose outcome is in doubt."""
        self.doubts[_id_of(cell)] = Doubt(cell, tuple(causes), self._copy())

    def _copy(self) -> Snapshot | None:
        """Let the student's process fork a copy that waits; None where it cannot."""
        if len(self.doubts) >= MOST_COPIES or self.student is None:
            return None
        try:
            self.student.send({"copy": True})
            link = line_to_copy(self.student.link.sock, self._largest())
        except (ChannelError, OSError):
            return None
        if self._wait(self.student, _GRACE)[0] is _End.OK:
            return Snapshot(link)
        link.close()
        return None

    def _try_beside(self) -> None:
        """Try the checks whose outcome is in doubt in the student's process.

        Neither outcome is sure: the one may be due to what does not cross between the two
        processes, the other to code of the student's that nobody watches. So a person looks
        where they differ. It is done when all else has been run: no code of the student's
        can then show to anybody what it sees of the checks.
        """
        for name, doubt in self.doubts.items():
            passed = name not in self.result.failures
            found = self._in_copy(doubt)
            if found == passed:
                continue
            points = self.result.points[name] if passed else marking(doubt.cell).points
            beside = {True: "passes", False: "fails", None: "could not be tried"}[found]
            self.two_ways.append(
                f"{name} {'passes' if passed else 'fails'} in a process of its own "
                f"({'; '.join(text.rstrip('.') for text in doubt.causes[-3:])}) and {beside} in "
                f"the notebook's: look at the answer, {points:g} {_unit(points)} on it"
            )
            self._undecided(doubt.cell, _LOOKED_AT)

    def _in_copy(self, doubt: Doubt) -> bool | None:
        """Tell whether a check passes in the student's process; None where nobody knows."""
        left = self.deadline - time.monotonic()
        if doubt.copy is None or left <= 0:
            return None
        seconds, shown = min(_seconds(doubt.cell, self.limits), left), copy.deepcopy(doubt.cell)
        answer = doubt.copy.run(shown.source, shown.execution_count, seconds)
        if not answer:
            return None
        shown.outputs = read_outputs(answer.get("outputs"), self.limits.output_bytes)
        return answer.get("ok") is True and points_earned(shown, marking(shown).points)[0] > 0

    def _leave_open(self, cell: NotebookNode) -> None:
        """Do not run a check that the reference fails too."""
        self.troubles.append(f"{_id_of(cell)} is not decided: the reference solution fails it too")
        self._undecided(cell, _LOOKED_AT)

    def _undecided(self, cell: NotebookNode, why: str) -> None:
        name = _id_of(cell)
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
        for index in [*self.done, *[i for i in self.left if i not in self.done]]:
            left = self.deadline - time.monotonic()
            if left <= 0:
                return None
            cell = self.cells[index]
            if index in self.left:
                if not self._leave(index):
                    return index
                continue
            if index in self.harmful:
                continue
            beside = is_check(cell)
            text = cell.source if beside else without_closed_regions(cell.source)
            text = self.drawn.get(text, text)
            seconds = _seconds(cell, self.limits)
            end, _ = self._ask_student(text, cell.execution_count, min(seconds, left))
            if end in _ENDED:
                return index
        return None

    def _leave(self, index: int) -> bool:
        """Bring to the student's side what a check that was run apart leaves to cells below."""
        left = self.left.get(index)
        if left is None or not (left.text or left.names):
            return True
        end = self._give(left.names) if left.names else _End.OK
        if left.text and end not in _ENDED:
            end, _ = self._ask_student(left.text, self.count, self.limits.cell_seconds)
        if end in _ENDED:
            self.left[index] = Left()
            return self._recover()
        return True

    def _give(self, names: Sequence[str]) -> _End:
        """Let the checks' process hand over names that a check has bound."""
        if self.checks is None:
            return _End.OK
        try:
            self.checks.send({"give": list(names)})
        except ChannelError:
            return self._checks_lost()
        end, answer = self._wait_or_interrupt(self.checks, self.limits.cell_seconds)
        if end is _End.SLOW:
            self._stop_checks()
        if end in (_End.LOST, _End.BROKEN):
            return self._checks_lost()
        return _End.LOST if answer.get("lost") is True else end

    def _texts_below(self, index: int) -> Iterator[str]:
        """Yield the texts that will be run on the student's side below a cell."""
        for cell in self.cells[index + 1 :]:
            if cell.cell_type == "code" and self._way(cell) in (None, Judged.BESIDE):
                yield cell.source

    def _settle(self) -> None:
        for cell in self.cells:
            if is_check(cell) and _id_of(cell) not in self.result.points:
                self._undecided(cell, "The check was not reached.")
        if self.keeper is not None:
            self.result.noticed.extend(self.keeper.found)
        if self.result.noticed:
            self._hold_back()
        self.result.noticed += self.two_ways
        if self.troubles:
            # What ended no check and cost no points is told, and nobody has to look.
            if self.result.failures:
                self.result.status = Status.PARTLY
            self.result.reason = "; ".join(dict.fromkeys(self.troubles))
        if self.result.noticed:
            self.result.status = Status.REVIEW
            found = [*self.result.noticed, *self.troubles]
            self.result.reason = "; ".join(dict.fromkeys(found))

    def _hold_back(self) -> None:
        """Let the checks that were judged beside wait for a person: something was noticed."""
        for cell in self.cells:
            name = _id_of(cell) if self._way(cell) is Judged.BESIDE else ""
            points = self.result.points.get(name, 0.0)
            if points > 0 and name not in self.result.undecided:
                self.troubles.append(f"{name} would earn {points:g}")
                self._undecided(cell, _LOOKED_AT)


def _unit(points: float) -> str:
    return "point depends" if points == 1 else "points depend"


def _sentences(found: object) -> list[str]:
    return [str(text)[:300] for text in found[:20]] if isinstance(found, list) else []


def _id_of(check: NotebookNode) -> str:
    """Return the grade id of a check, which every check of a prepared notebook has."""
    grade_id = grade_id_of(check)
    if grade_id is None:
        raise ValueError("a check has no grade_id")
    return grade_id


def _title(index: int, cell: NotebookNode) -> str:
    return grade_id_of(cell) or f"cell {index + 1}"


def _seconds(cell: NotebookNode, limits: Limits) -> float:
    """Return the time of a cell: its own where its metadata give it one."""
    wanted = own_metadata(cell).get("seconds")
    if not is_check(cell) or not isinstance(wanted, (int, float)) or isinstance(wanted, bool):
        return limits.cell_seconds
    return float(wanted) if 0 < wanted <= limits.notebook_seconds else limits.cell_seconds
