"""Values of the standard library that cross as data: numbers, dates, paths, ranges, views.

Each is told by a tuple of plain data that begins with the name of its kind, and made again
of it. Only objects of exactly these classes are: what is derived from them is not asked.
"""

from __future__ import annotations

import array
import datetime
import pathlib
import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from .errors import ChannelError

#: The name of a kind, and data.
Told: TypeAlias = tuple[object, ...]
_PATHS: dict[str, type[pathlib.PurePath]] = {
    kind.__name__: kind
    for kind in (pathlib.PosixPath, pathlib.PurePosixPath, pathlib.PureWindowsPath)
}


def as_data(value: object) -> Told | None:
    """Return what tells of a value; None where it is none of these kinds."""
    tell = _TELL.get(type(value))
    return None if tell is None else tell(value)


def from_data(kind: str, data: Told) -> object:
    """Make a value again of what follows the name of its kind.

    Raises
    ------
    ChannelError
        When that does not fit together.
    """
    try:
        return _MAKE[kind](*data)
    except (TypeError, ValueError, OverflowError, InvalidOperation, ZeroDivisionError):
        raise ChannelError(f"a {kind} of an unknown kind") from None


def _zone(zone: datetime.tzinfo | None) -> Told | None:
    """Tell of a fixed distance from UTC; of no other kind of time zone."""
    if zone is None:
        return ()
    if type(zone) is not datetime.timezone:
        return None
    # Its library tells so what it was made of: the distance, and a name if it has one.
    offset, *name = zone.__getinitargs__()  # type: ignore[attr-defined]
    return (_days(offset), *name)


def _days(value: datetime.timedelta) -> Told:
    return value.days, value.seconds, value.microseconds


def _tell_time(value: datetime.time) -> Told | None:
    parts = (value.hour, value.minute, value.second, value.microsecond)
    zone = _zone(value.tzinfo)
    return None if zone is None else ("time", parts, zone, value.fold)


def _tell_datetime(value: datetime.datetime) -> Told | None:
    date = (value.year, value.month, value.day)
    parts = (value.hour, value.minute, value.second, value.microsecond)
    zone = _zone(value.tzinfo)
    return None if zone is None else ("datetime", date + parts, zone, value.fold)


def _tell_view(value: memoryview) -> Told | None:
    whole = value.contiguous and value.obj is not None
    kinds = (bytes, bytearray, array.array, np.ndarray)
    if not whole or type(value.obj) not in kinds or value.nbytes != memoryview(value.obj).nbytes:
        return None
    return ("memoryview", value.obj, value.format, value.shape, value.readonly)


def _made_zone(zone: Any) -> datetime.timezone | None:
    if not zone:
        return None
    offset, *name = zone
    return datetime.timezone(datetime.timedelta(*offset), *name)


def _made_time(parts: Any, zone: Any, fold: Any) -> datetime.time:
    return datetime.time(*parts).replace(tzinfo=_made_zone(zone), fold=fold)


def _made_datetime(parts: Any, zone: Any, fold: Any) -> datetime.datetime:
    return datetime.datetime(*parts).replace(tzinfo=_made_zone(zone), fold=fold)


def _made_fraction(above: object, below: object) -> Fraction:
    if type(above) is not int or type(below) is not int or below <= 0:
        raise ValueError("no fraction")
    return Fraction(above, below)


def _made_decimal(text: object) -> Decimal:
    if type(text) is not str or len(text) > 1000:
        raise ValueError("no decimal number")
    return Decimal(text)


def _made_path(kind: str, text: object) -> pathlib.PurePath:
    if type(text) is not str or kind not in _PATHS:
        raise ValueError("no path")
    return _PATHS[kind](text)


def _made_view(of: Any, form: Any, shape: Any, readonly: object) -> memoryview:
    if type(of) not in (bytes, bytearray, array.array, np.ndarray):
        raise ValueError("no memory")
    view = memoryview(of)
    if (view.format, view.shape) != (form, shape):
        view = view.cast("B").cast(form, shape)
    return view.toreadonly() if readonly else view


_TELL: dict[type, Callable[[Any], Told | None]] = {
    Fraction: lambda v: ("fraction", v.numerator, v.denominator),
    Decimal: lambda v: ("decimal", str(v)),
    range: lambda v: ("range", v.start, v.stop, v.step),
    datetime.date: lambda v: ("date", v.year, v.month, v.day),
    datetime.time: _tell_time,
    datetime.datetime: _tell_datetime,
    datetime.timedelta: lambda v: ("timedelta", *_days(v)),
    datetime.timezone: lambda v: ("timezone", _zone(v)),
    uuid.UUID: lambda v: ("uuid", v.int),
    type(NotImplemented): lambda v: ("not implemented",),
    memoryview: _tell_view,
    **{kind: lambda v: ("path", type(v).__name__, str(v)) for kind in _PATHS.values()},
}
_MAKE: dict[str, Callable[..., object]] = {
    "fraction": _made_fraction,
    "decimal": _made_decimal,
    "range": lambda start, stop, step: range(start, stop, step),
    "date": lambda *parts: datetime.date(*parts),
    "time": _made_time,
    "datetime": _made_datetime,
    "timedelta": lambda *parts: datetime.timedelta(*parts),
    "timezone": _made_zone,
    "uuid": lambda number: uuid.UUID(int=number),
    "not implemented": lambda: NotImplemented,
    "memoryview": _made_view,
    "path": _made_path,
}
KINDS = frozenset(_MAKE)
