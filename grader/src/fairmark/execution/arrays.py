"""Arrays on the wire: which types cross, how bytes become an array again, what has changed."""

from __future__ import annotations

import zlib
from typing import Any, Literal, TypeAlias, TypeGuard

import numpy as np

from .errors import ChannelError

#: The most bytes of one message, and the most items along one axis.
LARGEST = 512 * 2**20
#: In which order the items lie in memory: rows first or columns first.
Order: TypeAlias = Literal["C", "F"]
#: The most axes of an array.
_MOST_AXES = 32
#: From this size on, a checksum is kept of an array, not a second copy.
_LARGE = 2**20
#: The most fields of a record.
_MOST_FIELDS = 1000
#: Kinds of NumPy's types that hold plain values: no objects, no records.
_KINDS = frozenset("biufcSUMm")


def is_array(value: object) -> TypeGuard[np.ndarray]:
    """Tell whether a value is an array, whatever it says of its class itself."""
    return issubclass(type(value), np.ndarray)


def simple_dtype(dtype: np.dtype) -> bool:
    """Tell whether a type is one of plain values, no records."""
    return dtype.kind in _KINDS and dtype.names is None


def plain_dtype(dtype: np.dtype) -> bool:
    """Tell whether arrays of a type can cross: plain values, and records of them."""
    if dtype.names is None:
        return dtype.kind in _KINDS
    fields = [dtype.fields[name][0] for name in dtype.names] if dtype.fields else []
    return bool(fields) and dtype.itemsize > 0 and all(plain_dtype(f.base) for f in fields)


def dtype_as_data(dtype: np.dtype) -> object:
    """Return a type as a short text, or as the size of a record with its fields.

    Each field is its name, its place in the record, its type and its shape.
    """
    if dtype.names is None or not dtype.fields:
        return dtype.str
    fields = [(name, *dtype.fields[name][:2]) for name in dtype.names]
    return (
        dtype.itemsize,
        tuple((name, at, dtype_as_data(kind.base), kind.shape) for name, kind, at in fields),
    )


def dtype_from_data(data: object) -> np.dtype:
    """Return the type that `dtype_as_data` tells of.

    Raises
    ------
    ChannelError
        When it is none, or one whose arrays cannot cross.
    """
    if not isinstance(data, tuple):
        return read_dtype(data)
    try:
        size, fields = data
        names, places, kinds, shapes = zip(*fields, strict=True)
        formats = [(dtype_from_data(k), s) for k, s in zip(kinds, shapes, strict=True)]
        if not all(type(name) is str for name in names) or len(names) > _MOST_FIELDS:
            raise ChannelError("a record of an unknown kind")
        form: Any = {"names": [*names], "formats": formats, "offsets": [*places], "itemsize": size}
        dtype: np.dtype = np.dtype(form)
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise ChannelError("a record of an unknown kind") from None
    if not plain_dtype(dtype):
        raise ChannelError("a record of an unknown kind")
    return dtype


def read_dtype(text: object) -> np.dtype:
    """Return the type that a short text names, if it is a plain one.

    Raises
    ------
    ChannelError
        For anything else.
    """
    if not isinstance(text, str) or not 2 <= len(text) <= 20:
        raise ChannelError("unknown type of array")
    if text[0] not in "<>|=" or text[1] not in _KINDS:
        raise ChannelError("unknown type of array")
    try:
        dtype: np.dtype = np.dtype(text)
    except (TypeError, ValueError):
        raise ChannelError("unknown type of array") from None
    if not simple_dtype(dtype):
        raise ChannelError("unknown type of array")
    return dtype


def array_of(data: bytes, dtype: np.dtype, shape: tuple[int, ...], order: Order) -> np.ndarray:
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
    array: np.ndarray = np.empty(shape, dtype, order=order)
    if size:
        flat = np.frombuffer(data, dtype)
        array[...] = flat.reshape(shape, order=order)
    return array


def array_as_data(array: np.ndarray) -> tuple[str, object, tuple[int, ...], bytes]:
    """Return flags, type, shape and bytes of an array: what `array_from_data` takes.

    The flags are ``C`` or ``F`` for the order in memory, ``S`` where it has gaps or another
    order and will have order C there, and ``r`` where it is read-only.
    """
    plain = np.asarray(array)
    order, written = order_of(plain), "" if plain.flags.writeable else "r"
    flags = (order if plain.flags.forc else "S") + written
    return flags, dtype_as_data(plain.dtype), plain.shape, plain.tobytes(order=order)


def order_of(array: np.ndarray) -> Order:
    """Return the order in which an array's items are sent."""
    return "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"


def array_from_data(flags: object, dtype: object, shape: object, data: object) -> np.ndarray:
    """Make a new array of what `array_as_data` returned.

    Raises
    ------
    ChannelError
        When the parts do not fit together.
    """
    if not isinstance(flags, str) or flags not in ("C", "F", "S", "Cr", "Fr", "Sr"):
        raise ChannelError("an array of an unknown kind")
    if not isinstance(shape, tuple):
        raise ChannelError("an array of an unknown kind")
    if len(shape) > _MOST_AXES or not all(type(length) is int for length in shape):
        raise ChannelError("an array with a wrong shape")
    if not isinstance(data, bytes):
        raise ChannelError("an array without bytes")
    array = array_of(data, dtype_from_data(dtype), shape, "F" if flags[0] == "F" else "C")
    if flags.endswith("r"):
        array.flags.writeable = False
    return array


def covers(array: np.ndarray, base: np.ndarray) -> bool:
    """Tell whether a view has each item of its array once, so that nothing else is in that."""
    step = array.itemsize
    axes = zip(array.strides, array.shape, strict=True)
    for stride, length in sorted((abs(stride), length) for stride, length in axes if length > 1):
        if stride != step:
            return False
        step *= length
    return array.nbytes == base.nbytes


def view_as_data(
    array: np.ndarray, base: np.ndarray
) -> tuple[object, tuple[int, ...], tuple[int, ...], int, bool] | None:
    """Return type, shape, strides, offset of a view and whether it can be written to.

    None where it cannot be told so.
    """
    offset = _address(array) - _address(base)
    writeable = array.flags.writeable
    if not base.flags.forc or offset < 0 or (writeable and not base.flags.writeable):
        return None
    return dtype_as_data(array.dtype), array.shape, array.strides, offset, writeable


def view_from_data(
    base: object, dtype: object, shape: Any, strides: Any, offset: Any, writeable: object
) -> np.ndarray:
    """Make the view that `view_as_data` tells of.

    Shape, strides and offset may be anything: NumPy sees that they are what they should
    be, and that the view stays within its array.

    Raises
    ------
    ChannelError
        When it does not.
    """
    if not isinstance(base, np.ndarray) or not plain_dtype(base.dtype) or not base.flags.forc:
        raise ChannelError("a view of nothing")
    memory = base if base.flags.c_contiguous else base.T
    try:
        view = np.ndarray(shape, dtype_from_data(dtype), memory, offset, strides)
    except (TypeError, ValueError, OverflowError):
        raise ChannelError("a view that leaves its array") from None
    if not writeable:
        view.flags.writeable = False
    return view


def _address(array: np.ndarray) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def content(array: np.ndarray) -> object:
    """Return what can be compared to see whether an array has changed."""
    if array.nbytes < _LARGE:
        return array.shape, array.dtype, array.tobytes()
    array = np.asarray(array)
    flat = array if array.flags.c_contiguous else np.ascontiguousarray(array)
    view = flat.reshape(-1).view(np.uint8).data
    return array.shape, array.dtype, zlib.crc32(view), zlib.adler32(view)
