"""Stand-ins for objects of the other process.

A stand-in can be called, asked for attributes and items, and passed back. Each of these is
a question to the other side (see `peer`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NoReturn, cast

from .names import signature_of
from .operators import Operators, hinder, inside
from .side import Side
from .wire import Args

#: The kinds of objects that the other side tells of.
KINDS = ("function", "class", "module", "object")


class StandIn(Operators):
    """An object of the other process.

    It has no state of its own that could be forged; `operators` tells what it may say of
    itself where it is compared.
    """

    __slots__ = ("__weakref__", "_fairmark_")

    def __init__(self, peer: Side, number: int, what: str, name: str, path: str):
        object.__setattr__(self, "_fairmark_", (peer, number, what, name, path))

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call the object in its own process."""
        peer, number, what, name, _ = inside(self)
        return peer.call(number, args, kwargs, name if what == "class" else "")

    def __call_each__(self, rows: list[Args], then: Callable[[object], object]) -> list[object]:
        """Call the object once for each row; see `fairmark.course_package`."""
        peer, number, what, name, _ = inside(self)
        return peer.call_each(number, rows, then, name if what == "class" else "")

    def __getattr__(self, name: str) -> object:
        peer, number, _, _, path = inside(self)
        if name == "__source__" or (name.startswith("__") and name.endswith("__")):
            return _told(self, name)
        return peer.ask("getattr", (number, name), f"{path}.{name}" if path else "")

    def __setattr__(self, name: str, value: object) -> None:
        peer, number, *_ = inside(self)
        peer.ask("setattr", (number, name, value))

    def __getitem__(self, key: object) -> object:
        peer, number, *_ = inside(self)
        return peer.ask("getitem", (number, key))

    def __setitem__(self, key: object, value: object) -> None:
        peer, number, *_ = inside(self)
        peer.ask("setitem", (number, key, value))

    def __len__(self) -> int:
        peer, number, *_ = inside(self)
        length = peer.ask("len", (number,))
        if not isinstance(length, int):
            raise TypeError("the length of the student's object is no whole number")
        return length

    def __contains__(self, item: object) -> bool:
        peer, number, *_ = inside(self)
        return bool(peer.ask("contains", (number, item)))

    def __iter__(self) -> Iterator[object]:
        peer, number, *_ = inside(self)
        other = peer.ask("iter", (number,))
        while True:
            found = peer.ask("next", (other,))
            if not isinstance(found, list) or not found:
                return
            yield found[0]

    @property  # type: ignore[misc]
    def __class__(self) -> type[StandIn]:
        """Its class on this side; what it is on the other is not known here."""
        hinder(self, "is asked for its class")
        return type(self)

    def __reduce__(self) -> NoReturn:
        hinder(self, "is copied or pickled")
        raise TypeError("a stand-in cannot be copied")


_named: dict[str, type[StandIn]] = {}


def class_for(name: str) -> type[StandIn]:
    """Return a class of stand-ins with the name of the student's class, for messages."""
    if not name.isidentifier() or len(name) > 60:
        return StandIn
    if name not in _named:
        if len(_named) > 500:
            return StandIn
        # A class has a text of its own under that name, which would be found first.
        own = {"__slots__": (), "__doc__": property(lambda self: _told(self, "__doc__"))}
        _named[name] = cast("type[StandIn]", type(name, (StandIn,), own))
    return _named[name]


def _told(stand_in: StandIn, name: str) -> object:
    """Return an attribute with two underscores, made on this side."""
    peer, _, what, own, path = inside(stand_in)
    if name == "__name__" and what != "object":
        return path.rpartition(".")[2] or own
    if name == "__qualname__" and what != "object":
        return path or own
    source = peer.source_of(path) if path else None
    if name == "__source__" and source is not None:
        return source
    if name == "__signature__" and source is not None and what == "function":
        signature = signature_of(source)
        if signature is not None:
            return signature
    if name in _ASKED_FOR:
        return peer.ask("getattr", (inside(stand_in)[1], name))
    if name not in _ASKED_BY_TOOLS:
        hinder(stand_in, f"is asked for {name}")
    raise AttributeError(name)


#: Attributes with two underscores that are data.
_ASKED_FOR = frozenset(["__doc__", "__dict__", "__defaults__", "__annotations__"])
#: Python's own tools look for these in any object, and do well without.
_ASKED_BY_TOOLS = frozenset(["__signature__", "__source__", "__wrapped__", "__text_signature__"])
