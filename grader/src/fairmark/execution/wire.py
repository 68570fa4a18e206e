"""The wire between the processes: values as bytes, and messages on a socket.

Only data can be written in this form. Reading never unpickles, never evaluates and
never imports; it checks every length against what is there, and the depth of nesting.
What is neither data nor text goes through two hooks, which turn an object into a small
tuple of data and back (see `peer`).
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable

import numpy as np

#: The deepest nesting that is written or read.
DEPTH = 60
#: The longest whole number, in bytes.
LONGEST_INT = 4096
#: The most rows of arguments in one question.
MOST_ROWS = 1000
#: The most bytes of one message.
LARGEST = 512 * 2**20

_NUMBER = struct.Struct("<q")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")
_LENGTH = struct.Struct("<I")
_FRAME = struct.Struct("<Q")
#: Kinds of NumPy's types that hold plain values: no objects, no records.
_KINDS = frozenset("biufcSUMm")


class ChannelError(Exception):
    """What came over the channel breaks its rules, or the channel has ended."""


class Closed(ChannelError):
    """The other side has gone."""


class TooLong(ChannelError):
    """Nothing came within the time."""


class NotData(TypeError):
    """A value cannot cross the channel."""


def plain_dtype(dtype: np.dtype) -> bool:
    """Tell whether arrays of a type can cross."""
    return dtype.kind in _KINDS and dtype.names is None


def read_dtype(text: str) -> np.dtype:
    """Return the type that a short text names, if it is a plain one.

    Raises
    ------
    ChannelError
        For anything else.
    """
    if not 2 <= len(text) <= 20 or text[0] not in "<>|=" or text[1] not in _KINDS:
        raise ChannelError("unknown type of array")
    try:
        dtype = np.dtype(text)
    except (TypeError, ValueError):
        raise ChannelError("unknown type of array") from None
    if not plain_dtype(dtype):
        raise ChannelError("unknown type of array")
    return dtype


class Writer:
    """Turn values into bytes.

    Parameters
    ----------
    outline : callable, optional
        Gets an object that is no data and returns a tuple of data in its place,
        or None to refuse. Asked for arrays and containers too.
    """

    def __init__(self, outline: Callable[[object], tuple | None] | None = None):
        self._outline = outline
        self._parts: list[bytes] = []
        self._depth = 0

    def dumps(self, value: object) -> bytes:
        """Return the bytes of a value.

        Raises
        ------
        NotData
            When it holds something that cannot cross, or nests too deeply.
        """
        self._parts, self._depth = [], 0
        self._write(value)
        return b"".join(self._parts)

    def _write(self, value: object) -> None:
        kind = type(value)
        if kind is bytes:
            # Two parts, so that what may be a large file or array is not copied here.
            self._parts += (b"b" + _LENGTH.pack(len(value)), value)
            return
        simple = _SIMPLE.get(kind)
        if simple is not None:
            self._parts.append(simple(value))
            return
        self._depth += 1
        if self._depth > DEPTH:
            raise NotData(f"a value that is nested more than {DEPTH} times cannot be handed over")
        outlined = self._outline(value) if self._outline is not None else None
        if outlined is not None:
            self._parts.append(b"x")
            self._items(outlined)
        else:
            self._compound(value)
        self._depth -= 1

    def _compound(self, value: object) -> None:
        if isinstance(value, (tuple, list, set, frozenset)):
            self._parts.append(_tag_of(value))
            self._items(value)
        elif isinstance(value, dict):
            self._parts.append(b"d")
            self._parts.append(_LENGTH.pack(len(value)))
            for key, item in list(value.items()):
                self._write(key)
                self._write(item)
        elif isinstance(value, np.ndarray) and plain_dtype(value.dtype):
            self._write_array(value)
        elif isinstance(value, np.generic) and plain_dtype(value.dtype):
            self._parts.append(b"n" + _text(value.dtype.str) + _bytes(value.tobytes()))
        elif isinstance(value, np.dtype) and plain_dtype(value):
            self._parts.append(b"y" + _text(value.str))
        elif isinstance(value, slice):
            self._parts.append(b"/")
            for part in (value.start, value.stop, value.step):
                self._write(part)
        else:
            self._parts.append(_of_base(value))

    def _items(self, items) -> None:
        items = list(items)
        self._parts.append(_LENGTH.pack(len(items)))
        for item in items:
            self._write(item)

    def _write_array(self, array: np.ndarray) -> None:
        columns = array.flags.f_contiguous and not array.flags.c_contiguous
        head = b"a" + (b"F" if columns else b"C") + _text(array.dtype.str)
        shape = struct.pack(f"<B{array.ndim}q", array.ndim, *array.shape)
        self._parts.append(head + shape)
        self._parts.append(_bytes(array.tobytes(order="F" if columns else "C")))


def _tag_of(value: object) -> bytes:
    for kind, tag in ((tuple, b"t"), (list, b"l"), (frozenset, b"z")):
        if isinstance(value, kind):
            return tag
    return b"S"


def _of_base(value: object) -> bytes:
    """Write a value of a class derived from a plain one as the plain one."""
    for kind in (int, float, complex, str, bytes):
        if isinstance(value, kind):
            # The class's own methods are not asked: they may be anybody's.
            return _SIMPLE[kind](kind.__getnewargs__(value)[0])
    raise NotData(f"an object of type {type(value).__name__} cannot be handed over")


def _bytes(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def _text(text: str) -> bytes:
    return _bytes(text.encode("utf-8", "surrogatepass"))


def _int(value: int) -> bytes:
    if -(2**63) <= value < 2**63:
        return b"i" + _NUMBER.pack(value)
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    if len(data) > LONGEST_INT:
        raise NotData("a whole number with so many digits cannot be handed over")
    return b"I" + _bytes(data)


_SIMPLE = {
    type(None): lambda value: b"N",
    bool: lambda value: b"T" if value else b"F",
    int: _int,
    float: lambda value: b"f" + _FLOAT.pack(value),
    complex: lambda value: b"c" + _COMPLEX.pack(value.real, value.imag),
    str: lambda value: b"s" + _text(value),
    bytes: lambda value: b"b" + _bytes(value),
    type(Ellipsis): lambda value: b".",
}


class Reader:
    """Turn bytes into values.

    Parameters
    ----------
    inline : callable, optional
        Gets a tuple that `Writer`'s outline made, and returns the object.
    note : callable, optional
        Gets every list, dict and set, in the order in which they begin.
    """

    def __init__(
        self,
        inline: Callable[[tuple], object] | None = None,
        note: Callable[[object], None] | None = None,
    ):
        self._inline = inline
        self._note = note or (lambda container: None)
        self._data = b""
        self._at = 0
        self._depth = 0

    def loads(self, data: bytes) -> object:
        """Return the value that the bytes stand for.

        Raises
        ------
        ChannelError
            When they break the form.
        """
        self._data, self._at, self._depth = data, 0, 0
        value = self._read()
        if self._at != len(data):
            raise ChannelError("bytes are left over")
        return value

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise ChannelError("a message ends too early")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def _length(self) -> int:
        return _LENGTH.unpack(self._take(4))[0]

    def _count(self) -> int:
        """Read a number of items; each of them takes a byte at least."""
        count = self._length()
        if count > len(self._data) - self._at:
            raise ChannelError("a message ends too early")
        return count

    def _text(self) -> str:
        try:
            return self._take(self._length()).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise ChannelError("a text is not in UTF-8") from None

    def _read(self) -> object:
        tag = self._take(1)
        method = _READERS.get(tag)
        if method is None:
            raise ChannelError("unknown kind of value")
        self._depth += 1
        if self._depth > DEPTH + 5:
            raise ChannelError("a message is nested too deeply")
        value = method(self)
        self._depth -= 1
        return value

    def _big(self) -> int:
        data = self._take(self._length())
        if len(data) > LONGEST_INT:
            raise ChannelError("a number is too long")
        return int.from_bytes(data, "little", signed=True)

    def _tuple(self) -> tuple:
        return tuple([self._read() for _ in range(self._count())])

    def _list(self) -> list:
        found: list = []
        self._note(found)
        for _ in range(self._count()):
            found.append(self._read())
        return found

    def _set(self) -> set:
        found: set = set()
        self._note(found)
        for item in self._hashable():
            found.add(item)
        return found

    def _frozen(self) -> frozenset:
        return frozenset(self._hashable())

    def _hashable(self) -> list:
        items = [self._read() for _ in range(self._count())]
        try:
            hash(tuple(items))
        except TypeError:
            raise ChannelError("an item of a set cannot be hashed") from None
        return items

    def _dict(self) -> dict:
        found: dict = {}
        self._note(found)
        for _ in range(self._count()):
            key = self._read()
            try:
                hash(key)
            except TypeError:
                raise ChannelError("a key cannot be hashed") from None
            found[key] = self._read()
        return found

    def _slice(self) -> slice:
        return slice(self._read(), self._read(), self._read())

    def _array(self) -> np.ndarray:
        order = self._take(1)
        if order not in (b"C", b"F"):
            raise ChannelError("unknown order of an array")
        dtype = read_dtype(self._text())
        ndim = self._take(1)[0]
        if ndim > 32:
            raise ChannelError("an array has too many axes")
        shape = struct.unpack(f"<{ndim}q", self._take(8 * ndim))
        data = self._take(self._length())
        return array_of(data, dtype, shape, order.decode())

    def _scalar(self) -> np.generic:
        dtype = read_dtype(self._text())
        return array_of(self._take(self._length()), dtype, (), "C")[()]

    def _outlined(self) -> object:
        if self._inline is None:
            raise ChannelError("an object has no place in this message")
        return self._inline(self._tuple())


def array_of(data: bytes, dtype: np.dtype, shape: tuple[int, ...], order: str) -> np.ndarray:
    """Make a new array of bytes, whose number must fit exactly.

    Raises
    ------
    ChannelError
        When it does not.
    """
    size = dtype.itemsize
    for length in shape:
        if length < 0:
            raise ChannelError("an axis of an array has a negative length")
        size *= length
    if size != len(data):
        raise ChannelError("an array has another size than its shape says")
    if dtype.itemsize == 0 or max(shape, default=0) > LARGEST:
        raise ChannelError("an array has no size")
    array = np.empty(shape, dtype, order=order)
    if size:
        flat = np.frombuffer(data, dtype)
        array[...] = flat.reshape(shape, order=order)
    return array


_READERS: dict[bytes, Callable[[Reader], object]] = {
    b"N": lambda r: None,
    b"T": lambda r: True,
    b"F": lambda r: False,
    b".": lambda r: Ellipsis,
    b"i": lambda r: _NUMBER.unpack(r._take(8))[0],
    b"I": Reader._big,
    b"f": lambda r: _FLOAT.unpack(r._take(8))[0],
    b"c": lambda r: complex(*_COMPLEX.unpack(r._take(16))),
    b"s": Reader._text,
    b"b": lambda r: r._take(r._length()),
    b"t": Reader._tuple,
    b"l": Reader._list,
    b"S": Reader._set,
    b"z": Reader._frozen,
    b"d": Reader._dict,
    b"/": Reader._slice,
    b"a": Reader._array,
    b"n": Reader._scalar,
    b"y": lambda r: read_dtype(r._text()),
    b"x": Reader._outlined,
}


#: Numbers that the short form knows: their letters, and how they are packed.
_LETTERS = {float: "f", int: "i", bool: "b", np.float64: "d"}
_PACKED = {"f": "d", "i": "q", "b": "?", "d": "d"}
_plans: dict[bytes, tuple] = {}


def flat(value: object) -> bytes | None:
    """Write numbers, None and tuples of them in a short form; None for anything else."""
    signs: list[str] = []
    numbers: list = []
    if not _flatten(value, signs, numbers) or len(signs) > 200:
        return None
    signature = "".join(signs).encode()
    try:
        return bytes([len(signature)]) + signature + _plan(signature)[0].pack(*numbers)
    except struct.error:
        return None


def _flatten(value: object, signs: list[str], numbers: list) -> bool:
    letter = _LETTERS.get(type(value))
    if letter is not None:
        signs.append(letter)
        numbers.append(value)
        return True
    if value is None:
        signs.append("N")
        return True
    if type(value) is not tuple or len(signs) > 200:
        return False
    signs.append("(")
    for item in value:
        if not _flatten(item, signs, numbers):
            return False
    signs.append(")")
    return True


def unflat(data: bytes, at: int) -> object:
    """Read what `flat` wrote.

    Raises
    ------
    ChannelError
        When the bytes break the form.
    """
    end = at + 1 + data[at] if at < len(data) else len(data) + 1
    form, steps = _plan(data[at + 1 : end])
    if end + form.size != len(data):
        raise ChannelError("a message ends too early")
    return _built(steps, form.unpack_from(data, end))


def _built(steps: str, numbers: tuple) -> object:
    """Make numbers into the value whose form the signs tell."""
    numbers = iter(numbers)
    stack: list[list] = [[]]
    for sign in steps:
        if sign == "(":
            stack.append([])
        elif sign == ")":
            done = tuple(stack.pop())
            stack[-1].append(done)
        elif sign == "N":
            stack[-1].append(None)
        elif sign == "d":
            stack[-1].append(np.float64(next(numbers)))
        else:
            stack[-1].append(next(numbers))
    return stack[0][0]


def flat_rows(rows: list) -> bytes | None:
    """Write rows that have one form, as `flat` writes one; None where they have not."""
    if not rows:
        return None
    first: list[str] = []
    if not _flatten(rows[0], first, []) or len(first) > 200:
        return None
    signature = "".join(first).encode()
    form = _plan(signature)[0]
    packed = []
    for row in rows:
        signs: list[str] = []
        numbers: list = []
        if not _flatten(row, signs, numbers) or signs != first:
            return None
        try:
            packed.append(form.pack(*numbers))
        except struct.error:
            return None
    head = _LENGTH.pack(len(rows)) + bytes([len(signature)]) + signature
    return head + b"".join(packed)


def unflat_rows(data: bytes, at: int) -> list:
    """Read what `flat_rows` wrote.

    Raises
    ------
    ChannelError
        When the bytes break the form.
    """
    if at + 5 > len(data):
        raise ChannelError("a message ends too early")
    count = _LENGTH.unpack_from(data, at)[0]
    end = at + 5 + data[at + 4]
    form, steps = _plan(data[at + 5 : end])
    # A row without numbers takes no byte, so that its count could be anything.
    if end + count * form.size != len(data) or (not form.size and count > MOST_ROWS):
        raise ChannelError("a message ends too early")
    return [_built(steps, numbers) for numbers in _unpacked(form, data, end, count)]


def _unpacked(form: struct.Struct, data: bytes, at: int, count: int):
    if not form.size:
        return [()] * count
    return form.iter_unpack(memoryview(data)[at:])


def _plan(signature: bytes) -> tuple[struct.Struct, str]:
    plan = _plans.get(signature)
    if plan is None:
        text = signature.decode("latin-1")
        depth, values = 0, 0
        for sign in text:
            values += depth == 0 and sign != ")"
            depth += (sign == "(") - (sign == ")")
            if sign not in "fibdN()" or depth < 0 or depth > DEPTH:
                raise ChannelError("unknown short form")
        if depth or values != 1:
            raise ChannelError("unknown short form")
        form = struct.Struct("<" + "".join(_PACKED.get(sign, "") for sign in text))
        plan = form, text
        if len(_plans) < 1000:
            _plans[signature] = plan
    return plan


class Link:
    """Messages on a connected socket: a length, then the bytes.

    Parameters
    ----------
    sock : socket.socket
        A stream.
    largest : int, optional
        The most bytes of a message that comes in.
    eager : bool, optional
        True reads as much as there is at once. Only for sockets from which nothing else reads.
    """

    def __init__(self, sock: socket.socket, largest: int = LARGEST, eager: bool = False):
        self.sock = sock
        self.largest = largest
        self._eager = eager
        self._buffer = b""
        sock.setblocking(True)

    def fileno(self) -> int:
        """Return the socket's number, for `select`."""
        return self.sock.fileno()

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()

    def send(self, data: bytes, seconds: float | None = None) -> None:
        """Send one message.

        Raises
        ------
        Closed
            When the other side has gone.
        TooLong
            When it takes nothing within the time.
        """
        try:
            if seconds is not None or self.sock.gettimeout() is not None:
                self.sock.settimeout(seconds)
            if len(data) < 65536:
                self.sock.sendall(_FRAME.pack(len(data)) + data)
            else:
                self.sock.sendall(_FRAME.pack(len(data)))
                self.sock.sendall(data)
        except TimeoutError:
            raise TooLong("nothing is taken") from None
        except OSError as error:
            raise Closed(str(error)) from None

    def receive(self, until: float | None = None) -> bytes:
        """Wait for one message.

        Parameters
        ----------
        until : float, optional
            When to give up, in the time of `time.monotonic`.

        Raises
        ------
        Closed
            When the other side has gone.
        TooLong
            When the time is over.
        ChannelError
            When a message is announced that is too large.
        """
        size = _FRAME.unpack(self._exactly(8, until))[0]
        if size > self.largest:
            raise ChannelError(f"a message of {size} bytes was announced")
        return self._exactly(size, until)

    def _exactly(self, count: int, until: float | None) -> bytes:
        pieces, missing = [], count
        if self._buffer:
            pieces.append(self._buffer[:count])
            missing -= len(pieces[0])
            self._buffer = self._buffer[count:]
        while missing:
            if until is not None:
                left = until - time.monotonic()
                if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                    raise TooLong("nothing came")
            try:
                if self.sock.gettimeout() is not None:
                    self.sock.settimeout(None)
                piece = self.sock.recv(65536 if self._eager else min(missing, 2**20))
            except OSError as error:
                raise Closed(str(error)) from None
            if not piece:
                raise Closed("the other side has gone")
            if len(piece) > missing:
                piece, self._buffer = piece[:missing], piece[missing:]
            pieces.append(piece)
            missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def pack(value: object) -> bytes:
    """Write plain data."""
    return Writer().dumps(value)


def unpack(data: bytes) -> object:
    """Read plain data; objects have no place in it."""
    return Reader().loads(data)
