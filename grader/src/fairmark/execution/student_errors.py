"""Exceptions on their way: what is told of one, and how it is made again.

A class is told by its lineage: the names of all classes that it derives from, each with the
places of its bases. A class of a library is found by its name. A class that the notebook
defines is made anew under its name; on the student's side it is the notebook's own.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

from fairmark.course_package import names_of_course_packages

from .errors import ChannelError, Interrupted, Raised, StudentError
from .wire import a_list, a_tuple

#: For each class its name with its module, and the places of its bases.
Lineage: TypeAlias = list[tuple[str, tuple[int, ...]]]
#: Finds a class of the notebook by its name.
Find: TypeAlias = Callable[[str], object]
#: The longest text of an exception, and how many of its lines in the student's code, that cross.
_LONGEST, _MOST_LINES = 10_000, 50
#: The most classes of a lineage, classes that are made, and attributes of an exception.
_MOST_BASES, _MOST_CLASSES, _MOST_ATTRIBUTES = 20, 200, 50
#: Libraries whose exceptions are found by name. One that a tool of checks takes for a sign,
#: as `unittest` does with ``SkipTest``, must not be among them.
_LIBRARIES = frozenset(
    "collections csv dataclasses decimal json numpy pandas re scipy sklearn sqlite3"
    " statistics torch".split()
)
_CAUSE = "__cause__"
_made: dict[tuple[str, tuple[type, ...]], type[StudentError]] = {}


def lineage_of(kind: type) -> Lineage:
    """Return what tells of a class of exceptions."""
    order = list(kind.__mro__[:_MOST_BASES])
    return [
        (
            f"{one.__module__}.{one.__name__}"[:200],
            tuple(order.index(base) for base in one.__bases__ if base in order),
        )
        for one in order
    ]


def described(error: BaseException) -> tuple[Lineage, str, list[object]]:
    """Return the lineage of an exception's class, its text and its arguments, as data."""
    try:
        text = str(error)[:_LONGEST]
    except Exception:  # noqa: BLE001  (a student's __str__ may raise anything)
        text = ""
    args = list(error.args[:5]) if isinstance(error.args, tuple) else []
    if not all(type(a) in (float, bool, type(None)) or _is_short(a) for a in args):
        args = [text]
    return (lineage_of(type(error)), text, args)


def attributes_of(error: BaseException) -> dict[str, object]:
    """Return the attributes that an exception was given, and its arguments, whatever they are."""
    found = {name: value for name, value in vars(error).items() if _is_attribute(name)}
    args: object = error.args
    if isinstance(error, OSError) and isinstance(error.filename, str):
        # It was given a third argument, which is not among them.
        args = (*error.args[:2], error.filename)
    more = {**dict(list(found.items())[:_MOST_ATTRIBUTES]), "args": args}
    if isinstance(error.__cause__, Exception):
        more[_CAUSE] = described(error.__cause__)
    return more


def _is_attribute(name: object) -> bool:
    return (
        type(name) is str
        and name.isidentifier()
        and not name.startswith(("__", "fairmark_"))
        and name not in ("args", "with_traceback", "add_note")
    )


def _is_short(value: object) -> bool:
    if type(value) is str:
        return len(value) <= _LONGEST
    return type(value) is int and abs(value) < 2**63


def raised(
    lineage: object,
    text: object,
    args: list[object],
    more: object,
    lines: list[object],
    origin: object,
    find: Find,
) -> BaseException:
    """Make the exception that `described` tells of, or find it where it is from here.

    Parameters
    ----------
    lineage, text, args
        What `described` returned in the other process.
    more : dict
        What `attributes_of` returned there; empty where that does not cross.
    lines : list
        The student's lines that it went through; they go along as ``fairmark_frames``.
    origin : object
        What the other process holds it by, or `Raised` where this one does.
    find : callable
        Finds a class of the notebook; nothing on the checks' side.

    Raises
    ------
    ChannelError
        When the lineage or the attributes are of an unknown form.
    """
    classes, found = checked(lineage), dict(_attributes(more))
    cause = found.pop(_CAUSE, None)
    if any(name == "builtins.KeyboardInterrupt" for name, _ in classes):
        return Interrupted("the student's code was interrupted: its time is over")
    if isinstance(origin, Raised):
        error = origin.error
    else:
        error = _exception(classes, str(text)[:_LONGEST], args, found, find)
        vars(error)["fairmark_origin"] = origin
        if cause is not None:
            error.__cause__ = _cause(cause, find)
    # Not by assignment: the class may allow none.
    vars(error)["fairmark_frames"] = [str(line)[:200] for line in lines[:_MOST_LINES]]
    return error


def _cause(told: object, find: Find) -> Exception:
    """Make the exception that was the cause of another; its own cause is left out."""
    lineage, text, args = a_tuple(told, 3)
    return _exception(checked(lineage), str(text)[:_LONGEST], a_list(args), {}, find)


def checked(lineage: object) -> Lineage:
    """Return a lineage that has come.

    Raises
    ------
    ChannelError
        When it is none.
    """
    if not isinstance(lineage, list) or not 0 < len(lineage) <= _MOST_BASES:
        raise ChannelError("an exception of an unknown kind")
    for place, one in enumerate(lineage):
        if not isinstance(one, tuple) or len(one) != 2 or not isinstance(one[0], str):
            raise ChannelError("an exception of an unknown kind")
        if not isinstance(one[1], tuple) or not all(
            type(base) is int and place < base < len(lineage) for base in one[1]
        ):
            raise ChannelError("an exception of an unknown kind")
    return lineage


def _attributes(more: object) -> dict[str, object]:
    if not isinstance(more, dict) or not all(
        name in ("args", _CAUSE) or _is_attribute(name) for name in more
    ):
        raise ChannelError("an exception of an unknown kind")
    if not isinstance(more.get("args", ()), tuple):
        raise ChannelError("an exception of an unknown kind")
    return more


def class_of(lineage: Lineage, find: Find) -> type[Exception]:
    """Return the class of a lineage, made anew where this side does not know it."""
    return _classes_of(lineage, find)[0] or Exception


def _classes_of(lineage: Lineage, find: Find) -> list[type[Exception] | None]:
    """Return each class of a lineage that is one of exceptions, or may be taken for one."""
    found: list[type[Exception] | None] = [None] * len(lineage)
    for place in range(len(lineage) - 1, -1, -1):
        name, bases = lineage[place]
        found[place] = _known(name, find)
        if found[place] is None:
            above = [base for one in bases if (base := found[one]) is not None]
            if above or place == 0:
                found[place] = made(name.rpartition(".")[2], tuple(dict.fromkeys(above)))
    return found


def _exception(
    lineage: Lineage, text: str, args: list[object], more: dict[str, object], find: Find
) -> Exception:
    """Make an exception of a class that is known here, or of one that is made."""
    classes = _classes_of(lineage, find)
    kind = classes[0] or Exception
    if lineage[0][0].startswith("__main__.") or issubclass(kind, StudentError):
        return _filled(kind, text, args, more)
    given = cast("tuple[object, ...]", more.get("args", tuple(args)))
    ways: tuple[Callable[[], Exception], ...] = (
        lambda: kind(*given),
        lambda: _filled(kind, text, args, more),
        lambda: kind(text),
    )
    for make in ways:
        try:
            error = make()
            if str(error) == text:
                return error
        except Exception:  # noqa: BLE001  (some classes want arguments of their own)
            continue
    above = next((one for one in classes[1:] if one is not None), Exception)
    return _filled(made(lineage[0][0].rpartition(".")[2], (above,)), text, args, more)


def _filled(
    kind: type[Exception], text: str, args: list[object], more: dict[str, object]
) -> Exception:
    """Make an exception without its own ``__init__``, which may want anything."""
    error: Any = kind.__new__(kind)
    attributes = {name: value for name, value in more.items() if name != "args"}
    given = cast("tuple[object, ...]", more.get("args", tuple(args)))
    if isinstance(error, StudentError):
        error.fairmark_fill(text, given, attributes)
    else:
        # On the student's side: the notebook's own class.
        BaseException.__setattr__(error, "args", given)
        vars(error).update(attributes)
    return cast("Exception", error)


def _known(name: str, find: Find) -> type[Exception] | None:
    module, _, own = name.rpartition(".")
    root = module.partition(".")[0]
    if module == "builtins":
        found: object = getattr(builtins, own, None)
    elif module == "__main__":
        found = find(own)
    elif (root in _LIBRARIES or root in names_of_course_packages()) and module in sys.modules:
        found = vars(sys.modules[module]).get(own)
    else:
        return None
    if isinstance(found, type) and issubclass(found, Exception):
        # A name in one library may stand for a class of another.
        same = (found.__module__, found.__name__) == (module, own) or module == "__main__"
        return found if same else None
    return None


def made(name: str, bases: Sequence[type[Exception]]) -> type[StudentError]:
    """Return a class with the name of the student's, below classes that are known here."""
    name = name[:80] if name.isidentifier() else "StudentError"
    key = (name, tuple(bases))
    if key not in _made:
        if len(_made) > _MOST_CLASSES:
            return StudentError
        above = tuple(base for base in bases if base is not Exception)
        if not any(issubclass(base, StudentError) for base in above):
            above = (StudentError, *above)
        try:
            _made[key] = cast("type[StudentError]", type(name, above, {"__module__": "__main__"}))
        except TypeError:
            # Classes that cannot be bases of one together.
            _made[key] = StudentError
    return _made[key]
