"""The grader's record of one guard: what it was told at the beginning, and what it hears since."""

from __future__ import annotations

import hmac
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from .words import CUT, FOREIGN, changed_unseen, missing, sentence

#: The longest message, and how many are read at once: who sends more hinders only itself.
_LONGEST, _MANY = 2**18, 2000


@dataclass(frozen=True)
class Report:
    """What the guard says of a check.

    Attributes
    ----------
    ended : bool
        Whether its text was run to the end.
    mark : str
        The number that it ended with, as text; ``of`` and a class where it was no plain
        number; empty for none.
    """

    ended: bool
    mark: str


@dataclass
class Record:
    """The grader's end of the guard's line."""

    #: What to call the code cells, in their order.
    titles: Sequence[str] = ()
    #: Read here, and the other end, which goes to the student's process.
    line: socket.socket = field(init=False)
    theirs: socket.socket = field(init=False)
    key: bytes = field(default_factory=lambda: os.urandom(32))
    #: Label to digest, as it was before the student's code.
    state: dict[str, str] = field(default_factory=dict)
    #: Labels whose state was found to be another one already.
    wrong: set[str] = field(default_factory=set)
    #: How many notices have come.
    heard: int = 0

    def __post_init__(self) -> None:
        self.line, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.line.setblocking(False)
        # What is not read must not hold up the student's code.
        self.theirs.setblocking(False)

    def close(self) -> None:
        """Close the line."""
        self.line.close()
        self.theirs.close()

    def listen(self, during: str) -> list[str]:
        """Return what was noticed since, in sentences.

        Parameters
        ----------
        during : str
            The check that was run meanwhile; empty for another cell.
        """
        return self._take(during)[0]

    def report(self, nonce: str, check: str) -> tuple[Report | None, list[str]]:
        """Return the report on a check, and what was noticed meanwhile.

        Parameters
        ----------
        nonce : str
            Of the question.
        check : str
            Its grade id.

        Returns
        -------
        report : Report or None
            None where none has come that is sealed and answers this question.
        found : list of str
            Sentences; that there is no report is one.
        """
        found, bodies = self._take(check)
        for body in bodies:
            if body[0] == "check" and len(body) == 8 and body[2] == nonce:
                if int(body[1]) > self.heard:
                    found.append(CUT.format(check=check))
                found += self._compare(check, body, told=bool(found))
                return Report(body[3] == "1", body[4]), found
        return None, [*found, missing(check)]

    def _take(self, during: str) -> tuple[list[str], list[list[str]]]:
        found: list[str] = []
        bodies: list[list[str]] = []
        for _ in range(_MANY):
            try:
                message = self.line.recv(_LONGEST)
            except (BlockingIOError, ConnectionError):
                break
            if not message:
                break
            text = message.decode("utf-8", "replace")
            if text.startswith("notice\t"):
                self.heard += 1
                found.append(sentence(text.split("\t")[1:], during, self.titles))
            elif (body := self._opened(message)) is not None:
                if body[0] == "baseline":
                    for label, digest in _pairs(body[2]).items():
                        self.state.setdefault(label, digest)
                else:
                    bodies.append(body)
            else:
                found.append(FOREIGN)
        return list(dict.fromkeys(found)), bodies

    def _opened(self, message: bytes) -> list[str] | None:
        """Return the lines of a report; None where its seal is not ours."""
        head, _, rest = message.partition(b"\n")
        seal, _, body = rest.partition(b"\n")
        right = blake2b(body, key=self.key, digest_size=32).hexdigest().encode()
        if head != b"report" or not hmac.compare_digest(seal, right):
            return None
        return body.decode("utf-8", "replace").split("\n")

    def _compare(self, check: str, body: list[str], told: bool) -> list[str]:
        """Compare the state before and after a check with what it was at the beginning."""
        before, after, accepted = map(_pairs, body[5:8])
        wrong = {
            label
            for label, digest in self.state.items()
            if before.get(label) != digest or (after.get(label) != digest and label not in accepted)
        }
        for label in accepted:
            # The check has changed it itself, as with a helper that it patches.
            if label in after:
                self.state[label] = after[label]
        fresh = wrong - self.wrong
        self.wrong |= wrong
        return [changed_unseen(check)] if fresh and not told else []


def _pairs(line: str) -> dict[str, str]:
    """Return labels and digests."""
    rows = [part.rpartition("=") for part in line.split("\x1f") if part]
    return {label: digest for label, _, digest in rows}
