"""Reading what a process sends to the grader.

The grader itself reads it, so it must cost little whatever it is: text, numbers, lists,
tuples and dicts, a limited number of them, keyed by text. There are no arrays, which
compare in their own way, and no keys whose hashes somebody could choose so that they
collide.
"""

from __future__ import annotations

import struct

from .wire import ChannelError

#: The deepest nesting; an output of a cell needs four.
_DEEPEST = 8
#: The most values of a message, beside one for so many bytes.
_MOST, _BYTES_EACH = 100_000, 40
_LENGTH = struct.Struct("<I")
_NUMBERS = {b"i": struct.Struct("<q"), b"f": struct.Struct("<d")}
_CONSTANTS = {b"N": None, b"T": True, b"F": False}


def read_answer(data: bytes) -> dict:
    """Return the dict that `channel.pack` wrote.

    Raises
    ------
    ChannelError
        When it is none, or holds anything beyond what an answer needs.
    """
    reader = _Reader(data)
    answer = reader.value(0)
    if reader.at != len(data) or not isinstance(answer, dict):
        raise ChannelError("an answer of an unknown form")
    return answer


class _Reader:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0
        self.left = _MOST + len(data) // _BYTES_EACH

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) != count:
            raise ChannelError("an answer ends too early")
        self.at += count
        return piece

    def length(self) -> int:
        return _LENGTH.unpack(self.take(4))[0]

    def value(self, depth: int) -> object:
        self.left -= 1
        if self.left < 0 or depth > _DEEPEST:
            raise ChannelError("an answer holds too much")
        tag = self.take(1)
        if tag == b"s":
            return self.text()
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if tag in _NUMBERS:
            return _NUMBERS[tag].unpack(self.take(8))[0]
        if tag == b"b":
            return self.take(self.length())
        if tag in (b"l", b"t"):
            items = [self.value(depth + 1) for _ in range(self.length())]
            return items if tag == b"l" else tuple(items)
        if tag == b"d":
            return {self.key(): self.value(depth + 1) for _ in range(self.length())}
        raise ChannelError("an answer of an unknown form")

    def key(self) -> str:
        if self.take(1) != b"s":
            raise ChannelError("a key is no text")
        return self.text()

    def text(self) -> str:
        try:
            return self.take(self.length()).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise ChannelError("a text is not in UTF-8") from None
