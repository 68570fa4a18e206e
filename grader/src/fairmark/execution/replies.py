"""Reading what a process sends to the grader.

The grader itself reads it, so it must cost little whatever it is: text, numbers, lists,
tuples and dicts, a limited number of them, keyed by text. There are no arrays, which
compare in their own way, and no keys whose hashes somebody could choose so that they
collide.
"""

from __future__ import annotations

from .errors import ChannelError
from .wire import Reader

#: The deepest nesting; an output of a cell needs four.
_DEEPEST = 8
#: The most values of a message, beside one for so many bytes.
_MOST, _BYTES_EACH = 100_000, 40
#: What an answer may hold, as `wire` marks it: None, booleans, numbers, text, bytes, containers.
_TAGS = frozenset(b"NTFifsbltd")


def read_answer(data: bytes) -> dict[str, object]:
    """Return the dict that `wire.pack` wrote.

    Raises
    ------
    ChannelError
        When it is none, or holds anything beyond what an answer needs.
    """
    answer = _AnswerReader(data).loads(data)
    if not isinstance(answer, dict):
        raise ChannelError("an answer of an unknown form")
    return answer


class _AnswerReader(Reader):
    """Refuses what an answer does not need, before it is read."""

    def __init__(self, data: bytes):
        super().__init__()
        self._left = _MOST + len(data) // _BYTES_EACH

    def _read(self) -> object:
        self._left -= 1
        if self._left < 0 or self._depth > _DEEPEST:
            raise ChannelError("an answer holds too much")
        if self._next_tag() not in _TAGS:
            raise ChannelError("an answer of an unknown form")
        return super()._read()

    def _key(self) -> str:
        if self._take(1) != b"s":
            raise ChannelError("a key is no text")
        return self._text()

    def _next_tag(self) -> int:
        return self._data[self._at] if self._at < len(self._data) else -1
