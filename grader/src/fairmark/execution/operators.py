"""What Python's operators mean for a stand-in: which of them the student's object may answer.

A check judges with functions of its own. So whatever would hand an expected value to an
object and take the object's word for how it compares stays closed: ``f(3) == 9`` is false
where `f` returned an object, whatever that object says of itself. Open is what an object
tells without knowing what is expected (``len``, ``float``, ``str``, iteration), and the
operators of a class that is itself the task: a check names it, and a cell of the student's
own defines it. Then:

1. Two of its objects are compared by it. They are equal where the class says so, they have
   attributes, and these are equal too.
2. An operator between one of them and data gives an object again. What it gives, and the
   object itself, have been told the data; from then on they are turned into no number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from .side import Side

#: Side, number, kind, name and path of a stand-in.
Inside: TypeAlias = tuple[Side, int, str, str, str]

_BINARY = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
    "and": "&",
    "or": "|",
    "xor": "^",
    "lshift": "<<",
    "rshift": ">>",
    "divmod": "divmod",
}
_ORDER = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_UNARY = {"neg": "-", "pos": "+", "invert": "~", "abs": "abs", "float": "float", "int": "int",
          "complex": "complex", "index": "int", "round": "round", "trunc": "trunc",
          "floor": "floor", "ceil": "ceil"}  # fmt: skip


def inside(stand_in: Operators) -> Inside:
    """Return side, number, kind, name and path of a stand-in."""
    found: Inside = object.__getattribute__(stand_in, "_fairmark_")
    return found


def hinder(stand_in: Operators, how: str) -> None:
    """Note what is asked of a stand-in and does not get to the object itself."""
    peer, _, what, name, _ = inside(stand_in)
    peer.hinder(f"the student's {what} {name} {how}, and stays in another process")


def is_open(value: object) -> bool:
    """Tell whether a value is an object of a class that is itself the task of the check."""
    if not isinstance(value, Operators):
        return False
    peer, _, what, name, _ = inside(value)
    return what == "object" and name in peer.open_classes


def _ask(stand_in: Operators, name: str, *arguments: object) -> Any:
    return inside(stand_in)[0].ask("operate", (name, arguments))


def _tell(*stand_ins: object) -> None:
    """Note who has been told data of the check."""
    for stand_in in stand_ins:
        if isinstance(stand_in, Operators):
            peer, number, *_ = inside(stand_in)
            peer.told.add(number)


class Operators:
    """The operators of `stand_in.StandIn`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Compare by identity, and two objects of a class that is the task by that class."""
        if self is other:
            return True
        if _is_its_class(self, other):
            return True
        if not (is_open(self) and is_open(other)):
            hinder(self, "is compared with ==, by identity")
            return False
        if _ask(self, "eq", self, other) is not True:
            return False
        mine = _ask(self, "vars", self)
        if mine and mine == _ask(self, "vars", other):
            return True
        hinder(self, "says that it equals one with other attributes")
        return False

    def __ne__(self, other: object) -> bool:
        """Tell the opposite of ``==``."""
        return not self == other

    def __hash__(self) -> int:
        """Return the hash that the class gives where it compares; else that of an identity."""
        return int(_ask(self, "hash", self)) if is_open(self) else object.__hash__(self)

    def __bool__(self) -> bool:
        """Return True, but ask a class that is the task."""
        return _ask(self, "bool", self) is True if is_open(self) else True

    def __repr__(self) -> str:
        """Return what the student's class shows of it where that is the task."""
        if is_open(self):
            return str(_ask(self, "repr", self))
        _, _, what, name, _ = inside(self)
        return f"<the student's {what} {name}>"

    def __str__(self) -> str:
        """Return its text."""
        return str(_ask(self, "str", self)) if inside(self)[2] == "object" else repr(self)

    def __format__(self, form: str) -> str:
        """Return its text in a form."""
        if inside(self)[2] == "object":
            return str(_ask(self, "format", self, form))
        return format(repr(self), form)

    def __next__(self) -> object:
        """Return the next item of an iterator or a generator."""
        peer, number, *_ = inside(self)
        return peer.ask("advance", (number,))

    def __reversed__(self) -> Iterator[object]:
        """Go through it from its end."""
        found: Any = _ask(self, "reversed", self)
        return iter(found)

    def __copy__(self) -> object:
        """Copy the object in its own process."""
        return _ask(self, "copy", self)

    def __deepcopy__(self, known: object) -> object:
        """Copy the object with all that is in it, in its own process."""
        return _ask(self, "deepcopy", self)

    def __delitem__(self, key: object) -> None:
        """Delete an item."""
        _ask(self, "delitem", self, key)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute."""
        _ask(self, "delattr", self, name)

    def __enter__(self) -> object:
        """Begin a ``with`` statement."""
        return _ask(self, "enter", self)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """End a ``with`` statement; an exception in it goes on, whatever the object says.

        It may be the check's own judgement.
        """
        name = "" if error is None else type(error).__name__
        if _ask(self, "exit", self, name, "" if error is None else str(error)) and error:
            hinder(self, f"is asked to end the exception {name}")

    def __instancecheck__(self, value: object) -> bool:
        """Tell whether a value is of the student's class."""
        _, _, what, name, path = inside(self)
        if what != "class":
            raise TypeError("isinstance() is asked for a class, and this is none")
        if isinstance(value, Operators):
            return _ask(self, "isinstance", value, self) is True
        kind = type(value)
        if kind.__module__ == "__main__" and kind.__qualname__ in (name, path):
            return True
        hinder(self, f"is looked for in a value of type {kind.__name__}")
        return False

    def __subclasscheck__(self, kind: object) -> bool:
        """Tell whether a class derives from the student's."""
        if isinstance(kind, Operators):
            return _ask(self, "issubclass", kind, self) is True
        hinder(self, "is looked for in a class of the check")
        return False


def _is_its_class(stand_in: Operators, other: object) -> bool:
    """Tell whether a class of stand-ins is that of the student's class (``type(x) == Net``)."""
    _, _, what, name, _ = inside(stand_in)
    if what != "class" or not isinstance(other, type) or not issubclass(other, Operators):
        return False
    return other.__name__ == name


def _binary(name: str, sign: str, turned: bool = False) -> Callable[..., object]:
    def operator(self: Operators, other: object, *more: object) -> object:
        data = not isinstance(other, Operators)
        if more or not is_open(self) or not (data or is_open(other)):
            hinder(self, f"is used with {sign}")
            return NotImplemented
        found = _ask(self, name, *((other, self) if turned else (self, other)))
        if data:
            _tell(self, found)
            if not isinstance(found, Operators):
                hinder(self, f"gives no object of its own with {sign}")
                return NotImplemented
        return found

    return operator


def _order(name: str, sign: str) -> Callable[..., object]:
    def operator(self: Operators, other: object) -> object:
        if not (is_open(self) and is_open(other)):
            hinder(self, f"is used with {sign}")
            return NotImplemented
        return _ask(self, name, self, other)

    return operator


def _unary(name: str, sign: str) -> Callable[..., object]:
    def operator(self: Operators, *more: object) -> object:
        peer, number, what, *_ = inside(self)
        found = _ask(self, name, self, *more) if what == "object" else NotImplemented
        if found is NotImplemented or (number in peer.told and not isinstance(found, Operators)):
            hinder(self, f"is used with {sign}")
            raise TypeError(f"{self!r} is turned into no number by {sign}")
        if number in peer.told:
            _tell(found)
        return found

    return operator


for _name, _sign in _BINARY.items():
    setattr(Operators, f"__{_name}__", _binary(_name, _sign))
    setattr(Operators, f"__r{_name}__", _binary(_name, _sign, turned=True))
    if _name != "divmod":
        setattr(Operators, f"__i{_name}__", _binary(f"i{_name}", f"{_sign}="))
for _name, _sign in _ORDER.items():
    setattr(Operators, f"__{_name}__", _order(_name, _sign))
for _name, _sign in _UNARY.items():
    setattr(Operators, f"__{_name}__", _unary(_name, _sign))
