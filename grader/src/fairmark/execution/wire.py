"""The wire between the processes: values as bytes.

Only data can be written in this form. Reading never unpickles, never evaluates and
never imports; it checks every length against what is there, and the depth of nesting.
What is neither data nor text goes through two hooks, which turn an object into a small
tuple of data and back (see `values`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np

from .arrays import (
    Order,
    array_of,
    dtype_as_data,
    dtype_from_data,
    order_of,
    plain_dtype,
    read_dtype,
    simple_dtype,
)
from .containers import (
    Container,
    OwnClass,
    empty,
    fill,
    form_of,
    is_container,
    items_of,
    made_class,
)
from .errors import ChannelError, NotData

#: The arguments of a call.
Args: TypeAlias = tuple[object, ...]
#: The deepest nesting that is written or read.
DEPTH = 60
#: The longest whole number, in bytes.
LONGEST_INT = 4096

_NUMBER = struct.Struct("<q")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")
_LENGTH = struct.Struct("<I")


class Writer:
    """Turn values into bytes.

    Parameters
    ----------
    outline : callable, optional
        Gets an object that is no data and returns a tuple of data in its place,
        or None to refuse. Asked for arrays and containers too.
    """

    def __init__(self, outline: Callable[[object], tuple[object, ...] | None] | None = None):
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
        simple = _SIMPLE.get(type(value))
        if simple is not None:
            self._parts.append(simple(value))
            return
        if type(value) is bytes:
            # Two parts, so that what may be a large file or array is not copied here.
            self._parts += (b"b" + _LENGTH.pack(len(value)), value)
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
        if type(value) not in _PLAIN and is_container(value):
            form = form_of(value)
            if form is not None:
                self._parts.append(b"k")
                self._write(form)
                self._items(items_of(value))
                return
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
        elif isinstance(value, np.generic) and simple_dtype(value.dtype):
            self._parts.append(b"n" + _text(value.dtype.str) + _bytes(value.tobytes()))
        elif isinstance(value, np.void) and plain_dtype(value.dtype):
            self._parts.append(b"v")
            self._write(dtype_as_data(value.dtype))
            self._parts.append(_bytes(value.tobytes()))
        elif isinstance(value, np.dtype) and simple_dtype(value):
            self._parts.append(b"y" + _text(value.str))
        elif isinstance(value, np.dtype) and plain_dtype(value):
            self._parts.append(b"Y")
            self._write(dtype_as_data(value))
        elif isinstance(value, slice):
            self._parts.append(b"/")
            for part in (value.start, value.stop, value.step):
                self._write(part)
        else:
            self._write(_of_base(value))

    def _items(self, items: Iterable[object]) -> None:
        items = list(items)
        self._parts.append(_LENGTH.pack(len(items)))
        for item in items:
            self._write(item)

    def _write_array(self, array: np.ndarray) -> None:
        order = order_of(array)
        if simple_dtype(array.dtype):
            self._parts.append(b"a" + order.encode() + _text(array.dtype.str))
        else:
            self._parts.append(b"A" + order.encode())
            self._write(dtype_as_data(array.dtype))
        shape = struct.pack(f"<B{array.ndim}q", array.ndim, *array.shape)
        self._parts.append(shape)
        self._parts.append(_bytes(array.tobytes(order=order)))


_PLAIN = (tuple, list, dict, set)


def _tag_of(value: object) -> bytes:
    for kind, tag in ((tuple, b"t"), (list, b"l"), (frozenset, b"z")):
        if isinstance(value, kind):
            return tag
    return b"S"


#: Plain classes, and what makes an object of a class derived from one into one of itself.
#: The derived class's own methods are not asked: they may be anybody's.
_BASES: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (int, int.__index__),
    (float, float.__float__),
    (complex, complex.__complex__),
    (str, str.__str__),
    (bytes, bytes.__bytes__),
)


def _of_base(value: object) -> object:
    """Return a value of a class derived from a plain one as the plain one."""
    for kind, plain in _BASES:
        if isinstance(value, kind):
            return plain(value)
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


#: Each takes a value of exactly its own class.
_SIMPLE: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda value: b"N",
    bool: lambda value: b"T" if value else b"F",
    int: _int,
    float: lambda value: b"f" + _FLOAT.pack(value),
    complex: lambda value: b"c" + _COMPLEX.pack(value.real, value.imag),
    str: lambda value: b"s" + _text(value),
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
    own_class : callable, optional
        Finds the class of a container that a notebook has defined; see `containers`.
    """

    def __init__(
        self,
        inline: Callable[[tuple[object, ...]], object] | None = None,
        note: Callable[[Container], None] | None = None,
        own_class: OwnClass = made_class,
    ):
        self._inline = inline
        self._own_class = own_class
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
        length: int = _LENGTH.unpack(self._take(4))[0]
        return length

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

    def _tuple(self) -> tuple[object, ...]:
        return tuple([self._read() for _ in range(self._count())])

    def _list(self) -> list[object]:
        found: list[object] = []
        self._note(found)
        for _ in range(self._count()):
            found.append(self._read())
        return found

    def _container(self) -> Container:
        found = empty(self._read(), self._own_class)
        self._note(found)
        fill(found, [self._read() for _ in range(self._count())])
        return found

    def _set(self) -> set[object]:
        found: set[object] = set()
        self._note(found)
        for item in self._hashable():
            found.add(item)
        return found

    def _frozen(self) -> frozenset[object]:
        return frozenset(self._hashable())

    def _hashable(self) -> list[object]:
        items = [self._read() for _ in range(self._count())]
        try:
            hash(tuple(items))
        except TypeError:
            raise ChannelError("an item of a set cannot be hashed") from None
        return items

    def _dict(self) -> dict[object, object]:
        found: dict[object, object] = {}
        self._note(found)
        for _ in range(self._count()):
            key = self._key()
            found[key] = self._read()
        return found

    def _key(self) -> object:
        key = self._read()
        try:
            hash(key)
        except TypeError:
            raise ChannelError("a key cannot be hashed") from None
        return key

    def _slice(self) -> slice:
        return slice(self._read(), self._read(), self._read())

    def _array(self) -> np.ndarray:
        order = self._order()
        return self._array_of(read_dtype(self._text()), order)

    def _records(self) -> np.ndarray:
        order = self._order()
        return self._array_of(dtype_from_data(self._read()), order)

    def _order(self) -> Order:
        order = self._take(1)
        if order not in (b"C", b"F"):
            raise ChannelError("unknown order of an array")
        return "F" if order == b"F" else "C"

    def _array_of(self, dtype: np.dtype, order: Order) -> np.ndarray:
        ndim = self._take(1)[0]
        if ndim > 32:
            raise ChannelError("an array has too many axes")
        shape = struct.unpack(f"<{ndim}q", self._take(8 * ndim))
        data = self._take(self._length())
        return array_of(data, dtype, shape, order)

    def _scalar(self) -> object:
        dtype = read_dtype(self._text())
        return array_of(self._take(self._length()), dtype, (), "C")[()]

    def _record(self) -> object:
        dtype = dtype_from_data(self._read())
        return array_of(self._take(self._length()), dtype, (), "C")[()]

    def _outlined(self) -> object:
        if self._inline is None:
            raise ChannelError("an object has no place in this message")
        return self._inline(self._tuple())


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
    b"v": Reader._record,
    b"y": lambda r: read_dtype(r._text()),
    b"Y": lambda r: dtype_from_data(r._read()),
    b"A": Reader._records,
    b"k": Reader._container,
    b"x": Reader._outlined,
}


def pack(value: object) -> bytes:
    """Write plain data."""
    return Writer().dumps(value)


def unpack(data: bytes) -> object:
    """Read plain data; objects have no place in it."""
    return Reader().loads(data)


def a_tuple(value: object, length: int | None = None) -> tuple[object, ...]:
    """Return a value of a message that must be a tuple, of a certain length if one is given.

    Raises
    ------
    ChannelError
        When it is not.
    """
    if not isinstance(value, tuple) or (length is not None and len(value) != length):
        raise ChannelError("a message of an unknown form")
    return value


def a_list(value: object) -> list[object]:
    """Return a value of a message that must be a list.

    Raises
    ------
    ChannelError
        When it is not.
    """
    if not isinstance(value, list):
        raise ChannelError("a message of an unknown form")
    return value
