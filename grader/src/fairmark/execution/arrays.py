"""Arrays on the wire: which types cross, how bytes become an array again, what has changed."""

from __future__ import annotations

import zlib
from typing import Any, Literal, TypeAlias

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
#: Kinds of NumPy's types that hold plain values: no objects, no records.
_KINDS = frozenset("biufcSUMm")


def plain_dtype(dtype: np.dtype) -> bool:
    """Tell whether arrays of a type can cross."""
    return dtype.kind in _KINDS and dtype.names is None


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
    if not plain_dtype(dtype):
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


def array_as_data(array: np.ndarray) -> tuple[str, str, tuple[int, ...], bytes]:
    """Return flags, type, shape and bytes of an array: what `array_from_data` takes.

    The flags are ``C`` or ``F`` for the order in memory, and ``r`` where it is read-only.
    """
    plain = np.asarray(array)
    order = order_of(plain)
    flags = order if plain.flags.writeable else order + "r"
    return flags, plain.dtype.str, plain.shape, plain.tobytes(order=order)


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
    if not isinstance(flags, str) or flags not in ("C", "F", "Cr", "Fr"):
        raise ChannelError("an array of an unknown kind")
    if not isinstance(shape, tuple):
        raise ChannelError("an array of an unknown kind")
    if len(shape) > _MOST_AXES or not all(type(length) is int for length in shape):
        raise ChannelError("an array with a wrong shape")
    if not isinstance(data, bytes):
        raise ChannelError("an array without bytes")
    array = array_of(data, read_dtype(dtype), shape, "F" if flags[0] == "F" else "C")
    if flags.endswith("r"):
        array.flags.writeable = False
    return array


def view_as_data(
    array: np.ndarray, base: np.ndarray
) -> tuple[str, tuple[int, ...], tuple[int, ...], int] | None:
    """Return type, shape, strides and offset of a view; None where it cannot be told so."""
    offset = _address(array) - _address(base)
    if not base.flags.c_contiguous or offset < 0:
        return None
    return array.dtype.str, array.shape, array.strides, offset


def view_from_data(
    base: np.ndarray, dtype: object, shape: Any, strides: Any, offset: Any
) -> np.ndarray:
    """Make the view that `view_as_data` tells of.

    Shape, strides and offset may be anything: NumPy sees that they are what they should
    be, and that the view stays within its array.

    Raises
    ------
    ChannelError
        When it does not.
    """
    if not base.flags.c_contiguous:
        raise ChannelError("a view of nothing")
    try:
        return np.ndarray(shape, read_dtype(dtype), base, offset, strides)
    except (TypeError, ValueError, OverflowError):
        raise ChannelError("a view that leaves its array") from None


def _address(array: np.ndarray) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def content(array: np.ndarray) -> object:
    """Return what can be compared to see whether an array has changed."""
    if array.nbytes < _LARGE:
        return array.shape, array.dtype, array.tobytes()
    flat = array if array.flags.c_contiguous else np.ascontiguousarray(array)
    view = flat.reshape(-1).view(np.uint8).data
    return array.shape, array.dtype, zlib.crc32(view), zlib.adler32(view)
