"""Where the code of a student's process is, while it runs: asked by a signal, without a stop.

An endless loop is met again by every check that calls the same function, and each would
cost its whole time. So the interpreter is asked, towards the end of a cell's time, which
functions of the notebook it is in. Where a later cell stays in the same one again, its time
is over sooner. What a cell does elsewhere has all its time.

The interpreter's own ``faulthandler`` writes the answer, in the middle of whatever runs,
into memory that both sides hold. It has a fixed size, and it is all that the two share:
the student's code can write nonsense there and spoil nothing but its own time.
"""

from __future__ import annotations

import faulthandler
import fcntl
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TypeAlias

SIGNAL = signal.SIGUSR1
_SIZE = 2**16
_FRAME = re.compile(r'File "<ipython-input-(\d+)-\w+>", line (\d+) in (.+)')
#: The number of a cell, and a function in it; for the cell's own statements their line.
Place: TypeAlias = tuple[int, str]

#: How often to ask, in seconds.
_EVERY = 0.25
#: From which part of a cell's time on it is looked where it does not end.
_LATE = 0.8
#: Which part of its time a cell may stay where an earlier one did not end.
AGAIN = 0.1
#: What that is at least, in seconds.
_LEAST = 1.0


def tell_when_asked(control: socket.socket) -> None:
    """Let this process, a student's, answer; take the memory for it from the grader.

    Parameters
    ----------
    control : socket.socket
        To the grader, which sends it before anything else.
    """
    _, handed, _, _ = socket.recv_fds(control, 1, 1)
    if handed:
        faulthandler.register(SIGNAL, handed[0], all_threads=False)


class Whereabouts:
    """The grader's side of the memory.

    Parameters
    ----------
    ask : callable
        Sends the signal.
    """

    def __init__(self, ask: Callable[[], None]):
        self._ask = ask
        self._memory = os.memfd_create("where", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        os.ftruncate(self._memory, _SIZE)
        seals = fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self._memory, fcntl.F_ADD_SEALS, seals)

    def hand_over(self, control: socket.socket) -> None:
        """Send the memory to the process at the other end of a socket."""
        socket.send_fds(control, [b"w"], [self._memory])

    def ask(self) -> None:
        """Ask; the answer is there a moment later, if the process can give one."""
        os.lseek(self._memory, 0, os.SEEK_SET)
        self._ask()

    def told(self) -> list[Place]:
        """Return the functions of the notebook that it was in when it was asked, inner ones first.

        Empty where it has not answered, or was in none.
        """
        size = os.lseek(self._memory, 0, os.SEEK_CUR)
        text = os.pread(self._memory, min(size, _SIZE), 0).decode("ascii", "replace")
        return [
            (int(cell), name if name[0] != "<" else f"{name} {line}")
            for cell, line, name in _FRAME.findall(text)
        ]

    def close(self) -> None:
        """Let go of the memory."""
        os.close(self._memory)


@dataclass
class Stay:
    """The stay of one cell in the student's process.

    Attributes
    ----------
    where : Whereabouts
        Of the process.
    seconds : float
        The time that the cell has.
    endless : collection of Place
        Where earlier cells of the notebook did not end.
    always : list of Place or None
        Where it was whenever it was asked near the end of its time, inner ones first.
    """

    where: Whereabouts
    seconds: float
    endless: Collection[Place]
    always: list[Place] | None = None
    begun: float = field(default_factory=time.monotonic)
    _asked: float = 0.0
    _since: float | None = None

    @property
    def again(self) -> float:
        """How long it may stay where an earlier cell did not end, in seconds."""
        return max(_LEAST, AGAIN * self.seconds)

    def is_endless(self) -> bool:
        """Look, now and then, where it is; tell whether it stays where an earlier cell did."""
        now = time.monotonic()
        late = now - self.begun > _LATE * self.seconds
        if now - self._asked < _EVERY or not (late or self.endless):
            return False
        places = self.where.told() if self._asked else []
        self.where.ask()
        self._asked = now
        if late and places:
            known = places if self.always is None else self.always
            self.always = [place for place in known if place in places]
        if not any(place in self.endless for place in places):
            self._since = None
            return False
        self._since = self._since or now
        return now - self._since >= self.again
