"""Stand-ins for objects of the other process.

A stand-in can be called, asked for attributes and items, and passed back. Each of these is
a question to the other side (see `peer`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, cast

from .errors import ChannelError
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
        """Go through the items; an iterator goes through its own."""
        peer, number, *_ = inside(self)
        other = peer.ask("iter", (number,))
        return self if other is self else _items(peer, other)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """Its class on this side; for a class of the student's that of classes.

        What it is on the other side is not taken over, be it a class of a library: a tool of
        the check would take the object for one of that class, and let it judge itself.
        """
        if inside(self)[2] == "class":
            return type
        hinder(self, "is asked for its class")
        return type(self)

    def __reduce__(self) -> NoReturn:
        hinder(self, "is copied or pickled")
        raise TypeError("a stand-in cannot be copied")


def _items(peer: Side, other: object) -> Iterator[object]:
    while True:
        found = peer.ask("next", (other,))
        if not isinstance(found, list) or not found:
            return
        yield found[0]


#: What Python and its libraries look for in a type to see whether something is a container
#: or a number: a function is neither.
_NOT_OF_FUNCTIONS = dict.fromkeys(
    ["__iter__", "__next__", "__reversed__", "__len__", "__getitem__", "__setitem__",
     "__contains__", "__float__", "__int__", "__index__", "__complex__"]
)  # fmt: skip
_named: dict[str, type[StandIn]] = {}


def class_for(name: str) -> type[StandIn]:
    """Return a class of stand-ins with the name of the student's class, for messages."""
    if not name.isidentifier() or len(name) > 60:
        return StandIn
    if name not in _named:
        if len(_named) > 500:
            return StandIn
        # A class has a text of its own under that name, which would be found first.
        own: dict[str, object] = {"__doc__": property(lambda self: _told(self, "__doc__"))}
        if name == "function":
            own |= _NOT_OF_FUNCTIONS
        _named[name] = cast("type[StandIn]", type(name, (StandIn,), {"__slots__": (), **own}))
    return _named[name]


def data_class_for(name: str, fields: object) -> type[StandIn]:
    """Return a class of stand-ins for objects of a data class with certain fields.

    Raises
    ------
    ChannelError
        When the fields are none.
    """
    names = fields if isinstance(fields, tuple) and len(fields) <= _MOST_FIELDS else None
    if names is None or not all(type(one) is str and one.isidentifier() for one in names):
        raise ChannelError("a data class of an unknown kind")
    key = f"{name}({','.join(names)})"
    if key not in _named:
        plain = class_for(name)
        if plain is StandIn or len(_named) > 500:
            return plain
        made = type(name, (plain,), {"__slots__": (), "__dataclass_fields__": _fields(names)})
        _named[key] = cast("type[StandIn]", made)
    return _named[key]


def _fields(names: tuple[str, ...]) -> dict[str, dataclasses.Field[object]]:
    """Return what tells the tools of `dataclasses` which fields there are."""
    found: dict[str, dataclasses.Field[object]] = {}
    for name in names:
        field = dataclasses.field()
        field.name, field.type = name, object
        # Only by this do the tools know a field from what is none.
        vars_of_field: Any = field
        vars_of_field._field_type = _FIELD
        found[name] = field
    return found


@dataclasses.dataclass
class _Sample:
    """Has a field, to see how `dataclasses` marks one."""

    field: object = None


_FIELD: object = vars(_Sample)["__dataclass_fields__"]["field"]._field_type
_MOST_FIELDS = 200


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
    if name == "__dataclass_fields__" and what == "class":
        names = peer.ask("operate", ("fields", (stand_in,)))
        if isinstance(names, tuple) and all(type(one) is str for one in names):
            return _fields(names)
    if name not in _ASKED_BY_TOOLS:
        hinder(stand_in, f"is asked for {name}")
    raise AttributeError(name)


#: Attributes with two underscores that are data.
_ASKED_FOR = frozenset(
    ["__doc__", "__dict__", "__defaults__", "__kwdefaults__", "__annotations__", "__wrapped__",
     "__bases__", "__mro__", "__flags__", "__abstractmethods__"]
)  # fmt: skip
#: Python's own tools look for these in any object, and do well without.
_ASKED_BY_TOOLS = frozenset(["__signature__", "__source__", "__text_signature__"])
