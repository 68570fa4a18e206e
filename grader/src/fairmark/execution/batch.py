"""Many calls in one message: the results, kept until all of them are there."""

from __future__ import annotations

from .handles import Draft
from .short_form import answers, flat
from .side import Side


class Results:
    """The results of many calls, on their way back.

    A result that is not numbers is written down right after its call: a function may
    return the same array every time, with other numbers in it.

    Attributes
    ----------
    draft : Draft
        With the objects among the results, until the answer counts.
    """

    def __init__(self, peer: Side):
        self._peer, self.draft = peer, Draft(peer.handles)
        self._found: list[object] = []
        self._written = False

    def add(self, result: object) -> None:
        """Add what a call has returned."""
        if flat(result) is None:
            result, self._written = _Written(self._peer.copied(result, self.draft)), True
        self._found.append(result)

    def in_short(self) -> bytes | None:
        """Return the answer in the short form; None where it has none."""
        return None if self._written else answers(self._found)

    def as_data(self) -> list[bytes]:
        """Return each result in the long form."""
        return [
            found.data if type(found) is _Written else self._peer.copied(found, self.draft)
            for found in self._found
        ]


class _Written:
    """A result that is written down already."""

    def __init__(self, data: bytes):
        self.data = data
