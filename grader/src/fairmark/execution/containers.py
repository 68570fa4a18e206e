"""Containers that can be changed in place: of which class they are, and what is in them.

A list, a dict and a set are written as such (see `wire`). Of any other container its form is
written before its items: a class of the standard library, or one that a notebook derives
from such a class without methods of its own. That one is made anew under its name.
"""

from __future__ import annotations

import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any, TypeAlias, TypeGuard

from .errors import ChannelError

#: What can be changed in place, and is written back after a call.
Container: TypeAlias = (
    "list[object] | dict[object, object] | set[object] | deque[object] | bytearray"
    " | array.array[Any]"
)
#: The name of a class, and what an empty container of it is made of.
Form: TypeAlias = tuple[object, ...]
#: Gets name and base of a notebook's own class, and returns the class.
OwnClass: TypeAlias = Callable[[str, type], type]

_BASES: dict[str, type] = {
    "list": list,
    "dict": dict,
    "set": set,
    "OrderedDict": OrderedDict,
    "Counter": Counter,
    "defaultdict": defaultdict,
    "deque": deque,
    "bytearray": bytearray,
    "array": array.array,
}
_NAMES = {kind: name for name, kind in _BASES.items()}
_PLAIN = (list, dict, set)
#: The kinds of numbers that `array.array` holds.
_TYPECODES = frozenset("bBuhHiIlLqQfd")
#: The longest name of a class, and the most classes that are made.
_LONGEST, _MOST = 80, 500
_made: dict[tuple[str, type], type] = {}


def is_container(value: object) -> TypeGuard[Container]:
    """Tell whether a value is one, of whatever class, and whatever it says of that itself."""
    return issubclass(type(value), (list, dict, set, deque, bytearray, array.array))


def has_own_methods(kind: type) -> bool:
    """Tell whether a notebook's class adds public methods or properties to its base."""
    for own in kind.__mro__[: kind.__mro__.index(base_of(kind))]:
        for name, value in vars(own).items():
            public = not name.startswith("_")
            if public and (callable(value) or isinstance(value, (property, classmethod))):
                return True
    return False


def base_of(kind: type) -> type:
    """Return the class of the standard library that a class of containers derives from."""
    return next(base for base in kind.__mro__ if base in _NAMES)


def is_own(kind: type) -> bool:
    """Tell whether a class is defined in a notebook."""
    return vars(kind).get("__module__") == "__main__"


def form_of(container: Container) -> Form | None:
    """Return the form of a container; None for a plain list, dict or set."""
    kind = type(container)
    if kind in _PLAIN:
        return None
    base = base_of(kind)
    form: Form = (_NAMES[base],)
    if isinstance(container, deque):
        form += (container.maxlen,)
    elif isinstance(container, defaultdict):
        form += (container.default_factory,)
    elif isinstance(container, array.array):
        form += (container.typecode,)
    if kind is not base and is_own(kind):
        return ("own", kind.__name__[:_LONGEST], *form)
    return None if base in _PLAIN else form


def empty(form: object, own_class: OwnClass) -> Container:
    """Return an empty container of a form.

    Parameters
    ----------
    form : object
        What `form_of` returned on the other side.
    own_class : callable
        Finds a class that a notebook has defined.

    Raises
    ------
    ChannelError
        When there is no such form.
    """
    if not isinstance(form, tuple) or not form:
        raise ChannelError("a container of an unknown form")
    name = None
    if form[0] == "own" and len(form) > 2 and isinstance(form[1], str):
        name, form = form[1], form[2:]
    base = _BASES.get(form[0]) if isinstance(form[0], str) else None
    if base is None:
        raise ChannelError("a container of an unknown form")
    kind = base if name is None else own_class(name, base)
    # By the base alone: what a notebook's class does when it is called is not wanted.
    library: Any = base
    made: Container = library.__new__(kind, *_new_of(base, form[1:]))
    if base in (deque, defaultdict):
        library.__init__(made, *_arguments(base, form[1:]))
    return made


def _new_of(base: type, more: Form) -> Form:
    if base is not array.array:
        return ()
    if len(more) != 1 or more[0] not in _TYPECODES:
        raise ChannelError("a container of an unknown form")
    return more


def _arguments(base: type, more: Form) -> Form:
    """Check what a deque or a defaultdict is made of."""
    if len(more) == 1 and base is deque:
        if more[0] is None or (type(more[0]) is int and more[0] >= 0):
            return (), more[0]
    elif len(more) == 1 and (more[0] is None or callable(more[0])):
        return more
    raise ChannelError("a container of an unknown form")


def made_class(name: str, base: type) -> type:
    """Return a class of a name that derives from a container's class and adds nothing."""
    key = (name[:_LONGEST], base)
    if key not in _made:
        if len(_made) >= _MOST or not name.isidentifier():
            return base
        _made[key] = type(key[0], (base,), {"__module__": "__main__"})
    return _made[key]


def items_of(container: Container) -> list[object]:
    """Return what is in a container: items, pairs of a dict, or all as bytes."""
    if isinstance(container, dict):
        return list(container.items())
    if isinstance(container, bytearray):
        return [bytes(container)]
    if isinstance(container, array.array):
        return [container.tobytes()]
    return list(container)


def fill(container: Container, items: list[object]) -> None:
    """Put what `items_of` returned into a container, in place of what is there.

    Raises
    ------
    ChannelError
        When it is not of that kind.
    """
    try:
        if isinstance(container, (list, deque)):
            container.clear()
            container.extend(items)
        elif isinstance(container, dict):
            pairs = [_pair(item) for item in items]
            container.clear()
            for key, value in pairs:
                container[key] = value
        elif isinstance(container, set):
            members = set(items)
            container.clear()
            container.update(members)
        else:
            _fill_bytes(container, items)
    except (TypeError, ValueError):
        raise ChannelError("the items of a container are broken") from None


def _pair(item: object) -> tuple[object, object]:
    if not isinstance(item, tuple) or len(item) != 2:
        raise ChannelError("the items of a container are broken")
    return item


def _fill_bytes(container: bytearray | array.array[Any], items: list[object]) -> None:
    if len(items) != 1 or not isinstance(items[0], bytes):
        raise ChannelError("the items of a container are broken")
    del container[:]
    if isinstance(container, bytearray):
        container += items[0]
    else:
        container.frombytes(items[0])
