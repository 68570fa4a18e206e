"""What one side may ask the other to do.

On the student's side everything that Python does to an object; on the checks' side only
to call a function that a check has passed, to use the public methods and the items of an
object, and to take in files.
What the checks ask for comes as it should; what the student's side asks for is looked at.
"""

from __future__ import annotations

import builtins
import copy
import math
import operator
import types
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, cast

import numpy as np

from .batch import Results
from .errors import ChannelError
from .seeds import set_states
from .side import Side
from .student_errors import attributes_of, described
from .wire import Args


def _call(peer: Side, number: object, args: Args, kwargs: dict[str, object]) -> object:
    return peer.handles.own(number)(*args, **kwargs)


def _each(peer: Side, number: object, rows: bytes | list[Args]) -> Results:
    function = peer.handles.own(number)
    results = Results(peer)
    if isinstance(rows, bytes):
        rows = cast("list[Args]", peer.uncopied(rows))
    for row in rows:
        results.add(function(*row))
    return results


def _getattr(peer: Side, number: object, name: str) -> object:
    return getattr(peer.handles.own(number), name)


def _attribute(peer: Side, value: object, name: str) -> object:
    return getattr(value, name)


def _setattr(peer: Side, number: object, name: str, value: object) -> None:
    setattr(peer.handles.own(number), name, value)


def _getitem(peer: Side, number: object, key: object) -> object:
    return peer.handles.own(number)[key]


def _setitem(peer: Side, number: object, key: object, value: object) -> None:
    peer.handles.own(number)[key] = value


def _len(peer: Side, number: object) -> int:
    return len(peer.handles.own(number))


def _contains(peer: Side, number: object, item: object) -> bool:
    return item in peer.handles.own(number)


def _operate(peer: Side, name: str, arguments: Args) -> object:
    return _OPERATORS[name](*arguments)


def _exit(value: Any, name: str, text: str) -> bool:
    """End a ``with`` statement; the exception in it is told by its name."""
    if not name:
        return bool(type(value).__exit__(value, None, None, None))
    kind: Any = getattr(builtins, name, Exception)
    known = isinstance(kind, type) and issubclass(kind, Exception)
    error = kind(text) if known else Exception(text)
    return bool(type(value).__exit__(value, type(error), error, None))


def _attributes(value: object) -> dict[str, object]:
    """Return the attributes of an object, those in slots too."""
    found = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in [slots] if isinstance(slots, str) else slots:
            if hasattr(value, name):
                found[name] = getattr(value, name)
    return found


_IN_PLACE = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()
#: What `operators` asks for, by name.
_OPERATORS: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, f"__{name}__") for name in _IN_PLACE},
    **{f"i{name}": getattr(operator, f"__i{name}__") for name in _IN_PLACE},
    **{name: getattr(operator, name) for name in "eq lt le gt ge neg pos invert index".split()},
    **{f.__name__: f for f in (divmod, abs, float, int, complex, round, bool, hash, str, repr)},
    **{f.__name__: f for f in (format, reversed, isinstance, issubclass, delattr)},
    **{f.__name__: f for f in (math.trunc, math.floor, math.ceil, copy.copy, copy.deepcopy)},
    "delitem": operator.delitem,
    "enter": lambda value: type(value).__enter__(value),
    "exit": _exit,
    "vars": _attributes,
    "fields": lambda kind: tuple(getattr(kind, "__dataclass_fields__", ())) or None,
}


class _Iterator:
    """Keeps an iterator from being taken for data."""

    def __init__(self, inner: Iterator[object]):
        self.inner = inner


def _iter(peer: Side, number: object) -> object:
    value = peer.handles.own(number)
    found = iter(value)
    return value if found is value else _Iterator(found)


def _advance(peer: Side, number: object) -> object:
    return next(peer.handles.own(number))


def _next(peer: Side, iterator: object) -> list[object]:
    if type(iterator) is not _Iterator:
        raise ChannelError("no iterator")
    return [item for item in [next(iterator.inner, peer)] if item is not peer]


def _name(peer: Side, name: str) -> tuple[object, ...]:
    return (peer.namespace[name],) if name in peer.namespace else ()


def _set_name(peer: Side, name: str, value: object) -> None:
    peer.namespace[name] = value


def _delete_name(peer: Side, name: str) -> None:
    peer.namespace.pop(name, None)


def _seed(peer: Side, states: object) -> None:
    set_states(states)


def _make_error(
    peer: Side, number: object, args: Args, kwargs: dict[str, object]
) -> tuple[object, ...]:
    """Make an exception of the student's class; return what the checks make theirs of."""
    error = peer.handles.own(number)(*args, **kwargs)
    attributes = attributes_of(error)
    return described(error)[1], attributes.pop("args"), attributes


def _guarded_call(peer: Side, number: object, args: object, kwargs: object) -> object:
    if not isinstance(args, tuple) or not isinstance(kwargs, dict):
        raise ChannelError("a message of an unknown form")
    value = peer.handles.own(number)
    if not callable(value) or isinstance(value, type):
        raise TypeError("this object of the check cannot be called")
    return value(*args, **kwargs)


def _shut(peer: Side, what: str) -> AttributeError:
    """Note that the student's code met an object of the check that it cannot look into."""
    peer.hinder(f"the student's code asked for more of an object of the check: {what} is not open")
    return AttributeError(f"{what} is not open to your code")


def _guarded_getattr(peer: Side, number: object, name: object) -> object:
    """Let the student's code use the public methods of an object that a check passed."""
    value = peer.handles.own(number)
    if name in ("__doc__", "__name__") and isinstance(value, types.FunctionType):
        return getattr(value, name)
    if not isinstance(name, str) or name.startswith("_") or isinstance(value, types.FunctionType):
        raise _shut(peer, f"{name!s:.80} of an object of the check")
    found: object = getattr(value, name)
    if isinstance(found, (types.MethodType, types.BuiltinMethodType)) or _is_of_check(found):
        return found
    if type(found) in (type(None), bool, int, float, complex, str, tuple, list, dict, np.ndarray):
        return found
    raise _shut(peer, f"{name:.80} of an object of the check")


def _is_of_check(value: object) -> bool:
    """Tell whether a value is an object of a class that a check defines, as a node of a tree is."""
    return type(value).__module__ == "__main__" and not isinstance(value, type)


def _guarded(operation: Callable[..., object]) -> Callable[..., object]:
    """Let the student's code go through the items of an object that a check passed."""

    def guarded(peer: Side, number: object, *arguments: object) -> object:
        value = peer.handles.own(number)
        if isinstance(value, (type, types.FunctionType, types.MethodType, types.ModuleType)):
            raise TypeError("this object of the check has no items")
        return operation(peer, number, *arguments)

    return guarded


def _files(peer: Side, files: object, gone: object) -> None:
    peer.take_files(files, gone)


def _refused(peer: Side, *arguments: object) -> NoReturn:
    raise _shut(peer, "this")


def too_deep(peer: Side, *arguments: object) -> NoReturn:
    """Answer a question within too many others."""
    raise RecursionError("too many calls within calls")


_OPERATIONS: dict[str, Callable[..., object]] = {
    "call": _call,
    "each": _each,
    "getattr": _getattr,
    "attribute": _attribute,
    "setattr": _setattr,
    "getitem": _getitem,
    "setitem": _setitem,
    "len": _len,
    "contains": _contains,
    "iter": _iter,
    "next": _next,
    "advance": _advance,
    "name": _name,
    "set name": _set_name,
    "delete name": _delete_name,
    "seed": _seed,
    "make error": _make_error,
    "files": _files,
    "operate": _operate,
}
_FEW_OPERATIONS: dict[str, Callable[..., object]] = {
    "len": _guarded(_len),
    "getitem": _guarded(_getitem),
    "contains": _guarded(_contains),
    "iter": _guarded(_iter),
    "advance": _guarded(_advance),
    "next": _next,
    "files": _files,
    "call": _guarded_call,
    "getattr": _guarded_getattr,
}


def action_of(operation: object, trusted: bool) -> Callable[..., object]:
    """Return the function that does what the other side asks for.

    Parameters
    ----------
    operation : object
        The name that came.
    trusted : bool
        Whether the other side may ask for everything.

    Raises
    ------
    ChannelError
        When there is no such operation. One that is not open raises when it is called.
    """
    if not isinstance(operation, str) or operation not in _OPERATIONS:
        raise ChannelError("this cannot be asked for")
    return (_OPERATIONS if trusted else _FEW_OPERATIONS).get(operation, _refused)
