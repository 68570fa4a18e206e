"""What one side may ask the other to do.

On the student's side everything that Python does to an object; on the checks' side only
to call a function that a check has passed, and to use the public methods of an object.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from .batch import Results
from .errors import ChannelError

if TYPE_CHECKING:
    from .peer import Peer


def _call(peer: Peer, number, args, kwargs):
    return peer.handles.object(number)(*args, **kwargs)


def _each(peer: Peer, number, rows):
    function = peer.handles.object(number)
    results = Results(peer)
    for row in peer.uncopied(rows) if isinstance(rows, bytes) else rows:
        results.add(function(*row))
    return results


def _getattr(peer: Peer, number, name):
    return getattr(peer.handles.object(number), name)


def _setattr(peer: Peer, number, name, value):
    setattr(peer.handles.object(number), name, value)


def _getitem(peer: Peer, number, key):
    return peer.handles.object(number)[key]


def _setitem(peer: Peer, number, key, value):
    peer.handles.object(number)[key] = value


def _len(peer: Peer, number):
    return len(peer.handles.object(number))


def _contains(peer: Peer, number, item):
    return item in peer.handles.object(number)


class _Iterator:
    """Keeps an iterator from being taken for data."""

    def __init__(self, inner: Iterator):
        self.inner = inner


def _iter(peer: Peer, number):
    return _Iterator(iter(peer.handles.object(number)))


def _next(peer: Peer, iterator):
    return [item for item in [next(iterator.inner, peer)] if item is not peer]


def _name(peer: Peer, name):
    return (peer.namespace[name],) if name in peer.namespace else ()


def _set_name(peer: Peer, name, value):
    peer.namespace[name] = value


def _delete_name(peer: Peer, name):
    peer.namespace.pop(name, None)


def _guarded_call(peer: Peer, number, args, kwargs):
    if not isinstance(args, tuple) or not isinstance(kwargs, dict):
        raise ChannelError("a message of an unknown form")
    value = peer.handles.object(number)
    if not callable(value) or isinstance(value, type):
        raise TypeError("this object of the check cannot be called")
    return value(*args, **kwargs)


def _guarded_getattr(peer: Peer, number, name):
    """Let the student's code use the public methods of an object that a check passed."""
    value = peer.handles.object(number)
    if not isinstance(name, str) or name.startswith("_") or isinstance(value, types.FunctionType):
        raise AttributeError(f"{name!s:.80} of an object of the check is not open to your code")
    found = getattr(value, name)
    if isinstance(found, (types.MethodType, types.BuiltinMethodType)):
        return found
    if type(found) in (type(None), bool, int, float, complex, str, tuple, list, dict, np.ndarray):
        return found
    raise AttributeError(f"{name:.80} of an object of the check is not open to your code")


def _refused(peer: Peer, *arguments):
    raise AttributeError("this is not open to your code")


def too_deep(peer: Peer, *arguments):
    """Answer a question within too many others."""
    raise RecursionError("too many calls within calls")


_OPERATIONS: dict[str, Callable] = {
    "call": _call,
    "each": _each,
    "getattr": _getattr,
    "setattr": _setattr,
    "getitem": _getitem,
    "setitem": _setitem,
    "len": _len,
    "contains": _contains,
    "iter": _iter,
    "next": _next,
    "name": _name,
    "set name": _set_name,
    "delete name": _delete_name,
}
_FEW_OPERATIONS: dict[str, Callable] = {"call": _guarded_call, "getattr": _guarded_getattr}


def action_of(operation: object, trusted: bool) -> Callable:
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
