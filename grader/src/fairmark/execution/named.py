"""Named tuples and enumerations as data: their classes are made anew under their names.

A class is told by its name and what is in it. On the other side the same class of a
library is taken where it is imported, on the student's side also the notebook's own; any
other is made anew, once for each content, so that members are the same objects. What the
notebook's class makes of operators, ``==`` for one, does not cross; its other methods are
asked for there.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

from .errors import ChannelError

#: The name of a kind, and data.
Told: TypeAlias = tuple[object, ...]
#: The most fields or members of a class, and the most classes.
_MOST_NAMES, _MOST_CLASSES = 1000, 500
_ENUMS: dict[str, type[enum.Enum]] = {
    "Enum": enum.Enum,
    "IntEnum": enum.IntEnum,
    "Flag": enum.Flag,
    "IntFlag": enum.IntFlag,
    "StrEnum": enum.StrEnum,
}
#: Plain classes that members may be objects of too.
_MIXED: dict[str, type] = {"": object, "int": int, "str": str, "float": float, "tuple": tuple}


def fields_of(kind: type) -> tuple[str, ...] | None:
    """Return the fields of a class of named tuples; None for any other class."""
    if kind is tuple or tuple not in kind.__mro__:
        return None
    found = (vars(one).get("_fields") for one in kind.__mro__)
    return next((fields for fields in found if type(fields) is tuple), None)


def tell_tuple(value: Any) -> Told:
    """Return what tells of a named tuple."""
    kind = type(value)
    return ("named tuple", *_place(kind), fields_of(kind), tuple(tuple.__iter__(value)))


def tell_member(value: enum.Enum) -> Told:
    """Return what tells of a member of an enumeration; a combination of flags by its value."""
    kind = type(value)
    members = tuple((name, _value_of(member)) for name, member in kind.__members__.items())
    base = next(name for name in [*_ENUMS][::-1] if issubclass(kind, _ENUMS[name]))
    mixed = next((n for n, one in _MIXED.items() if n and issubclass(kind, one)), "")
    return ("enum", *_place(kind), base, mixed, members, _value_of(value))


def _value_of(member: enum.Enum) -> object:
    # Not by ``value``: a class may have a property of that name.
    return vars(member)["_value_"]


def _place(kind: type) -> tuple[str, str]:
    return str(kind.__module__)[:200], kind.__qualname__[:200]


class HasNames(Protocol):
    """What has a notebook's names, which may be replaced by others, and asks the other side."""

    namespace: dict[str, object]
    trusted: bool

    def ask(self, operation: str, arguments: tuple[object, ...], path: str = "") -> object:
        """Let the other side do something."""


class Classes:
    """The classes of one side, by name and content.

    Parameters
    ----------
    names_of : HasNames
        What has the notebook's names; none of them on the checks' side.
    """

    def __init__(self, names_of: HasNames):
        self._names_of = names_of
        self._made: dict[object, type] = {}

    def made_tuple(self, module: object, name: object, fields: object, items: object) -> object:
        """Make a named tuple again.

        Raises
        ------
        ChannelError
            When it is of an unknown form.
        """
        names = _names(fields)
        if not isinstance(items, tuple) or len(items) != len(names):
            raise ChannelError("a named tuple of an unknown form")
        found = self._known(module, name)
        if found is None or fields_of(found) != names:
            found = self._class_of(("tuple", module, name, names), lambda: _tuple_class(names))
        made: object = tuple.__new__(found, items)
        return made

    def made_member(
        self, module: object, name: object, base: Any, mixed: Any, members: object, value: object
    ) -> object:
        """Find a member of an enumeration.

        Raises
        ------
        ChannelError
            Where there is none, or the enumeration is of an unknown form.
        """
        content = _members(members)
        kind = self._known(module, name)
        if kind is None or not issubclass(kind, enum.Enum) or _content(kind) != content:
            key = ("enum", module, name, base, mixed, repr(content))
            kind = self._class_of(key, lambda: _enum_class(base, mixed, content))
        for member in kind.__members__.values():
            if _is_value(member, value):
                return member
        return _combined(kind, value)

    def _class_of(self, key: tuple[Any, ...], make: Callable[[], type]) -> Any:
        """Return the class of a content, under the name that stands in the key."""
        if key not in self._made:
            if len(self._made) >= _MOST_CLASSES:
                raise ChannelError("too many classes")
            try:
                made = make()
            except (TypeError, ValueError, KeyError, AttributeError):
                raise ChannelError("a class of an unknown form") from None
            made.__module__, made.__qualname__ = key[1], key[2]
            made.__name__ = key[2].rpartition(".")[2]
            if not self._names_of.trusted:
                made.__getattr__ = self._asks  # type: ignore[attr-defined]
            self._made[key] = made
        return self._made[key]

    @property
    def _asks(self) -> Callable[[object, str], object]:
        """What a class that is made on the checks' side does with names that it does not have.

        They are methods and properties of the notebook's class.
        """
        names_of = self._names_of

        def asks(value: object, name: str) -> object:
            if name.startswith("_"):
                raise AttributeError(name)
            return names_of.ask("attribute", (value, name))

        return asks

    def _known(self, module: object, name: object) -> Any:
        """Return the class of a name where this side has it already."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise ChannelError("a class of an unknown form")
        if module == "__main__":
            found = self._names_of.namespace.get(name)
        else:
            found = vars(sys.modules[module]).get(name) if module in sys.modules else None
        return found if isinstance(found, type) else None


def _names(fields: object) -> tuple[str, ...]:
    """Check names; those with an underscore in front could be methods of Python's own."""
    if not isinstance(fields, tuple) or len(fields) > _MOST_NAMES:
        raise ChannelError("a class of an unknown form")
    names = tuple(name for name in fields if type(name) is str and _is_name(name))
    if len(names) != len(fields) or len(set(names)) != len(names):
        raise ChannelError("a class of an unknown form")
    return names


def _is_name(name: str) -> bool:
    if name.startswith("_"):
        # ``_0`` stands for a field whose name Python does not allow.
        return name[1:].isdecimal()
    return name.isidentifier() and name != "mro"


def _members(members: object) -> tuple[tuple[str, object], ...]:
    if not isinstance(members, tuple) or not all(
        isinstance(member, tuple) and len(member) == 2 for member in members
    ):
        raise ChannelError("a class of an unknown form")
    names = _names(tuple(member[0] for member in members))
    return tuple(zip(names, (member[1] for member in members), strict=True))


class _NamedTuple(tuple[object, ...]):
    """What `collections.namedtuple` would make; that evaluates a text to make it."""

    __slots__ = ()
    _fields: tuple[str, ...] = ()

    def __new__(cls, *args: object, **kwargs: object) -> Any:
        """Make one of its fields in their order, or by their names."""
        missing = cls._fields[len(args) :]
        if len(args) > len(cls._fields) or set(missing) != set(kwargs):
            raise TypeError(f"{cls.__name__} takes the fields {', '.join(cls._fields)}")
        return tuple.__new__(cls, (*args, *(kwargs[name] for name in missing)))

    @classmethod
    def _make(cls, items: Any) -> Any:
        return cls(*items)

    def _asdict(self) -> dict[str, object]:
        return dict(zip(self._fields, self, strict=True))

    def _replace(self, **kwargs: object) -> Any:
        return type(self)(**{**self._asdict(), **kwargs})

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={item!r}" for name, item in self._asdict().items())
        return f"{type(self).__name__}({told})"

    def __getnewargs__(self) -> tuple[object, ...]:
        return tuple(self)


def _tuple_class(fields: tuple[str, ...]) -> type:
    items = {name: property(itemgetter(place)) for place, name in enumerate(fields)}
    own = {"__slots__": (), "_fields": fields, "__match_args__": fields}
    return type("Anew", (_NamedTuple,), {**own, **items})


def _enum_class(base: Any, mixed: Any, content: Any) -> type:
    kind: Any = _ENUMS[base]
    if base in ("Enum", "Flag") and mixed:
        found: type = kind("Anew", content, type=_MIXED[mixed])
    else:
        found = kind("Anew", content)
    return found


def _content(kind: Any) -> tuple[tuple[str, object], ...]:
    return tuple((name, _value_of(member)) for name, member in kind.__members__.items())


def _is_value(member: enum.Enum, value: object) -> bool:
    found = _value_of(member)
    return type(found) is type(value) and found == value


def _combined(kind: Any, value: object) -> object:
    """Return a combination of flags."""
    if type(value) is int and issubclass(kind, enum.Flag):
        try:
            return kind(value)
        except ValueError:
            raise ChannelError("a flag of an unknown value") from None
    raise ChannelError("a member of an unknown value")
