"""A student's process as it was when a check ended, kept to try that check beside.

Where the outcome of a check that ran apart may be due to what does not cross between the
two processes, the check is tried in the student's too. Not at once: code of the student's
that runs later could show to somebody what it saw of the check. And not in what the process
has become at the end, where names of an early task may be bound to answers of a later one.
So a copy of the process waits, forked when the check ended, and is asked when all is done.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import NoReturn

from .errors import ChannelError
from .link import Link
from .replies import read_answer
from .wire import pack

#: How many may wait at once: each is a process.
MOST = 20


class Snapshot:
    """The grader's handle on a copy.

    Parameters
    ----------
    link : Link
        To the copy.
    """

    def __init__(self, link: Link):
        self._link = link

    def run(self, text: str, count: int, seconds: float) -> dict[str, object]:
        """Run a cell in the copy, once.

        Parameters
        ----------
        text : str
            Of the cell.
        count : int
            The number of the cell in the notebook.
        seconds : float
            How long to wait.

        Returns
        -------
        dict
            The answer, as the student's process gives one; empty where none has come.
        """
        try:
            self._link.send(pack({"cell": text, "count": count, "number": 1}), 30)
            return read_answer(self._link.receive(time.monotonic() + seconds))
        except ChannelError:
            return {}

    def close(self) -> None:
        """Let the copy end."""
        self._link.close()


def line_to_copy(control: socket.socket, largest: int) -> Link:
    """Hand one end of a new line to a student's process, for its copy; return the other.

    Parameters
    ----------
    control : socket.socket
        To the process, which waits for it.
    largest : int
        The most bytes of an answer.

    Raises
    ------
    OSError
        When the process has gone.
    """
    mine, theirs = socket.socketpair()
    try:
        socket.send_fds(control, [b"c"], [theirs.fileno()])
    except OSError:
        mine.close()
        raise
    finally:
        theirs.close()
    return Link(mine, largest)


def fork_copy(control: socket.socket, answer: Callable[[bytes], dict[str, object]]) -> None:
    """Fork a copy of this process, a student's, that waits for one cell.

    Parameters
    ----------
    control : socket.socket
        To the grader, which sends the copy's line.
    answer : callable
        Runs the cell of a request, and returns the answer.
    """
    _, (number,), _, _ = socket.recv_fds(control, 1, 1)
    line = socket.socket(fileno=number)
    if os.fork() == 0:
        _wait(line, answer)
    line.close()


def _wait(line: socket.socket, answer: Callable[[bytes], dict[str, object]]) -> NoReturn:
    """Answer once, and end."""
    try:
        link = Link(line)
        link.send(pack(answer(link.receive())))
    except (ChannelError, KeyboardInterrupt):
        # Nobody asks any more.
        pass
    finally:
        os._exit(0)
