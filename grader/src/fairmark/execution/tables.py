"""Tables as data: pandas objects, sparse matrices, masked arrays and arrays of objects.

They cross as copies. What is handed to a call and is changed in place there is told after
it, like a list (see `write_back`): the object here then gets the content of the one there.
A library is looked for only where it is imported already, or where one of its objects comes.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import plain_dtype
from .errors import ChannelError

#: Names of pandas' own types of columns that are made of a list.
_EXTENSIONS = re.compile(
    r"(?:U?Int(?:8|16|32|64)|Float(?:32|64)|boolean|str(?:ing)?(?:\[(?:python|pyarrow|pyarrow_numpy)\])?)"
)
#: Classes of scipy.sparse, and which arrays of theirs tell all.
_SPARSE = {
    **dict.fromkeys(("csr", "csc", "bsr"), ("data", "indices", "indptr")),
    "coo": ("data", "row", "col"),
    "dia": ("data", "offsets"),
}
_SPARSE_CLASSES = re.compile(r"(csr|csc|bsr|coo|dia|lil|dok)_(?:array|matrix)")


def is_table(value: object) -> bool:
    """Tell whether a value crosses as a table."""
    return _teller_of(value) is not None


def as_data(value: object) -> tuple[object, ...]:
    """Return a table as a tuple of data that begins with its kind."""
    tell = _teller_of(value)
    if tell is None:
        raise TypeError("no table")
    return tell(value)


def from_data(data: object) -> object:
    """Make a table again.

    Raises
    ------
    ChannelError
        When the parts do not fit together.
    """
    if not isinstance(data, tuple) or not data or data[0] not in _MAKE:
        raise ChannelError("a table of an unknown kind")
    try:
        return _MAKE[data[0]](*data[1:])
    except ChannelError:
        raise
    except Exception as error:  # noqa: BLE001  (the libraries refuse in many ways)
        raise ChannelError(f"a table of an unknown kind ({type(error).__name__})") from None


def renew(table: Any, new: Any = None, *more: object) -> None:
    """Give a table the content of a new one.

    Raises
    ------
    ChannelError
        When that is of another kind, or none.
    """
    if type(new) is not type(table) or more:
        raise ChannelError("a table has become another kind")
    if isinstance(table, np.ndarray):
        if new.shape != table.shape or new.dtype != table.dtype:
            raise ChannelError("an array has become another kind")
        table[...] = new
    else:
        # Both libraries keep all that an object is in it; there is no public way.
        vars(table).clear()
        vars(table).update(vars(new))


def _teller_of(value: object) -> Callable[[Any], tuple[object, ...]] | None:
    kind = type(value)
    if kind is np.ndarray:
        return _tell_objects if value.dtype.kind == "O" else None  # type: ignore[attr-defined]
    if kind is np.ma.MaskedArray:
        return _tell_masked if plain_dtype(value.dtype) else None  # type: ignore[attr-defined]
    module = kind.__module__.partition(".")[0]
    if module == "pandas" and "pandas" in sys.modules:
        return _of_pandas(kind, value)
    if module == "scipy" and _SPARSE_CLASSES.fullmatch(kind.__name__):
        return _tell_sparse if getattr(value, "ndim", 0) == 2 else None
    return None


# -- arrays ---------------------------------------------------------------------------
def _tell_objects(array: Any) -> tuple[object, ...]:
    return "objects", array.shape, array.ravel().tolist()


def _made_objects(shape: Any, items: Any) -> Any:
    flat = np.empty(len(items), dtype=object)
    # One by one: NumPy would look into lists.
    for place, item in enumerate(items):
        flat[place] = item
    return flat.reshape(shape)


def _tell_masked(array: Any) -> tuple[object, ...]:
    mask = None if array.mask is np.ma.nomask else np.array(array.mask)
    return "masked", np.array(array.data), mask, array.fill_value, bool(array.hardmask)


def _made_masked(data: Any, mask: Any, fill: Any, hard: Any) -> Any:
    made = np.ma.MaskedArray(data, np.ma.nomask if mask is None else mask, hard_mask=bool(hard))
    made.fill_value = fill
    return made


# -- sparse matrices --------------------------------------------------------------------
def _tell_sparse(matrix: Any) -> tuple[object, ...]:
    name = type(matrix).__name__
    form = name.partition("_")[0]
    told = matrix if form in _SPARSE else matrix.tocoo()
    parts = tuple(np.array(getattr(told, part)) for part in _SPARSE.get(form, _SPARSE["coo"]))
    return "sparse", name, matrix.shape, matrix.dtype, parts


def _made_sparse(name: Any, shape: Any, dtype: Any, parts: Any) -> Any:
    match = _SPARSE_CLASSES.fullmatch(name)
    if match is None:
        raise ChannelError("a matrix of an unknown class")
    sparse = importlib.import_module("scipy.sparse")
    form = match[1] if match[1] in _SPARSE else "coo"
    data, *places = (np.array(part) for part in parts)
    kind = getattr(sparse, name.replace(match[1], form))
    if form == "coo":
        made = kind((data, tuple(places)), shape=shape, dtype=dtype)
    else:
        made = kind((data, *places), shape=shape, dtype=dtype)
    if form in ("csr", "csc", "bsr"):
        # A place outside the matrix would be looked for in memory that is not its own.
        made.check_format(full_check=True)
    return made if form == match[1] else made.asformat(match[1])


# -- pandas -----------------------------------------------------------------------------
def _of_pandas(kind: type, value: Any) -> Callable[[Any], tuple[object, ...]] | None:
    import pandas as pd

    if value is pd.NaT or value is pd.NA:
        return lambda one: ("missing", "NaT" if one is pd.NaT else "NA")
    found = {
        pd.DataFrame: _tell_frame,
        pd.Series: _tell_series,
        pd.Timestamp: lambda one: ("timestamp", one.asm8, _zone_of(one.tz)),
        pd.Timedelta: lambda one: ("time difference", one.asm8),
        pd.Interval: lambda one: ("interval", one.left, one.right, one.closed),
        pd.Period: lambda one: ("period", one.ordinal, one.freqstr),
    }.get(kind)
    if found is not None:
        return found if _can_be_told(value) else None
    if isinstance(value, pd.Index):
        return _tell_index if _index_can_be_told(value) else None
    if isinstance(value, pd.Categorical):
        return lambda one: ("column", _tell_column(one))
    return None


def _can_be_told(value: Any) -> bool:
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        indices = [value.index, value.columns]
        columns = [value.iloc[:, place] for place in range(value.shape[1])]
    elif isinstance(value, pd.Series):
        indices, columns = [value.index], [value]
    elif isinstance(value, pd.Timestamp):
        return _zone_of(value.tz) is not None
    else:
        return True
    return all(map(_index_can_be_told, indices)) and all(map(_column_can_be_told, columns))


def _index_can_be_told(index: Any) -> bool:
    import pandas as pd

    if isinstance(index, pd.MultiIndex):
        return all(map(_index_can_be_told, index.levels))
    return _column_can_be_told(index)


def _column_can_be_told(column: Any) -> bool:
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _index_can_be_told(dtype.categories)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _zone_of(dtype.tz) is not None
    if isinstance(dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        return True
    if isinstance(dtype, np.dtype):
        return dtype.kind == "O" or plain_dtype(dtype)
    return _EXTENSIONS.fullmatch(str(dtype)) is not None


def _zone_of(zone: Any) -> str | None:
    """Return the name of a time zone; empty for none, None for one that has no name."""
    if zone is None:
        return ""
    name = getattr(zone, "key", None) or str(zone)
    return name if re.fullmatch(r"[A-Za-z0-9_+\-/:]{1,50}", name) else None


def _tell_column(column: Any) -> tuple[object, ...]:
    """Tell of the values of a column or an index, by what its type is."""
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        values = column.cat if isinstance(column, pd.Series) else column
        return "category", np.array(values.codes), _tell_index(dtype.categories), dtype.ordered
    if isinstance(dtype, pd.DatetimeTZDtype):
        utc = column.dt if isinstance(column, pd.Series) else column
        plain = utc.tz_convert("UTC").dt if isinstance(column, pd.Series) else utc.tz_convert("UTC")
        return "zone", np.array(plain.tz_localize(None)), _zone_of(dtype.tz)
    if isinstance(dtype, pd.IntervalDtype):
        array = pd.arrays.IntervalArray(column)
        return "intervals", _tell_index(array.left), _tell_index(array.right), array.closed
    if isinstance(dtype, pd.PeriodDtype):
        return "periods", np.array(column.array.asi8), column.array.freqstr
    if isinstance(dtype, np.dtype):
        if dtype.kind == "O":
            return "list", list(column)
        return "array", np.array(column)
    return "extension", str(dtype), [None if pd.isna(item) else item for item in column]


def _made_column(kind: Any, *told: Any) -> Any:
    import pandas as pd

    if kind == "category":
        codes, categories, ordered = told
        index = _made_index(*categories[1:])
        return pd.Categorical.from_codes(codes, index, ordered=bool(ordered))
    if kind == "zone":
        return pd.DatetimeIndex(told[0]).tz_localize("UTC").tz_convert(_zone(told[1]))
    if kind == "intervals":
        left, right = (_made_index(*one[1:]) for one in told[:2])
        return pd.arrays.IntervalArray.from_arrays(left, right, closed=told[2])
    if kind == "periods":
        return pd.PeriodIndex.from_ordinals(told[0], freq=told[1])
    if kind == "list":
        return _made_objects((len(told[0]),), told[0])
    if kind == "array" and isinstance(told[0], np.ndarray):
        return told[0]
    if kind == "extension" and _EXTENSIONS.fullmatch(told[0]):
        return pd.array(told[1], dtype=told[0])
    raise ChannelError("a column of an unknown kind")


def _zone(name: Any) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_+\-/:]{1,50}", name):
        raise ChannelError("a time zone of an unknown name")
    return name


def _tell_index(index: Any) -> tuple[object, ...]:
    import pandas as pd

    names = tuple(index.names)
    if isinstance(index, pd.RangeIndex):
        return "index", "range", names, (index.start, index.stop, index.step)
    if isinstance(index, pd.MultiIndex):
        levels = tuple(_tell_index(level) for level in index.levels)
        return "index", "many", names, (levels, tuple(np.array(code) for code in index.codes))
    freq = getattr(index, "freqstr", None)
    return "index", "plain", names, (_tell_column(index), freq)


def _made_index(kind: Any, names: Any, told: Any) -> Any:
    import pandas as pd

    if kind == "range":
        return pd.RangeIndex(*told, name=names[0])
    if kind == "many":
        levels = [_made_index(*level[1:]) for level in told[0]]
        return pd.MultiIndex(levels, told[1], names=names)
    column, freq = told
    values = _made_column(*column)
    dtype = object if column[0] == "list" else None
    index = pd.Index(values, name=names[0], dtype=dtype)
    if freq is not None and isinstance(index, (pd.DatetimeIndex, pd.TimedeltaIndex)):
        index.freq = freq
    return index


def _tell_series(series: Any) -> tuple[object, ...]:
    return "series", series.name, _tell_index(series.index), _tell_column(series)


def _made_series(name: Any, index: Any, column: Any) -> Any:
    return _series(column, _made_index(*index[1:]), name)


def _series(column: Any, rows: Any, name: Any) -> Any:
    """Make a series whose type is not of pandas' own choice."""
    import pandas as pd

    dtype = object if column[0] == "list" else None
    return pd.Series(_made_column(*column), index=rows, name=name, dtype=dtype)


def _tell_frame(frame: Any) -> tuple[object, ...]:
    columns = tuple(_tell_column(frame.iloc[:, place]) for place in range(frame.shape[1]))
    return "frame", _tell_index(frame.index), _tell_index(frame.columns), columns


def _made_frame(index: Any, names: Any, columns: Any) -> Any:
    import pandas as pd

    rows = _made_index(*index[1:])
    values = {place: _series(column, rows, None) for place, column in enumerate(columns)}
    frame = pd.DataFrame(values, index=rows, columns=range(len(columns)))
    frame.columns = _made_index(*names[1:])
    return frame


def _made_missing(name: Any) -> Any:
    pandas = importlib.import_module("pandas")
    return {"NaT": pandas.NaT, "NA": pandas.NA}[name]


def _made_timestamp(value: Any, zone: Any) -> Any:
    import pandas as pd

    stamp = pd.Timestamp(value)
    return stamp.tz_localize("UTC").tz_convert(_zone(zone)) if zone else stamp


def _of_class(name: str) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module("pandas"), name)(*args, **kwargs)

    return make


_MAKE: dict[object, Callable[..., Any]] = {
    "objects": _made_objects,
    "masked": _made_masked,
    "sparse": _made_sparse,
    "frame": _made_frame,
    "series": _made_series,
    "index": _made_index,
    "column": lambda column: _made_column(*column),
    "missing": _made_missing,
    "timestamp": _made_timestamp,
    "time difference": _of_class("Timedelta"),
    "interval": _of_class("Interval"),
    "period": lambda ordinal, freq: _of_class("Period")(ordinal=ordinal, freq=freq),
}
