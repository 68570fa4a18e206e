"""What may go wrong between the two processes, and the student's exceptions on their way."""

from __future__ import annotations

import builtins
import sys
from typing import cast

from fairmark.course_package import names_of_course_packages

#: The longest text of an exception, and how many of its lines in the student's code, that cross.
_LONGEST, _MOST_LINES = 10_000, 50


class ChannelError(Exception):
    """What came over the channel breaks its rules, or the channel has ended."""


class Closed(ChannelError):
    """The other side has gone."""


class TooLong(ChannelError):
    """Nothing came within the time."""


class NotData(TypeError):
    """A value cannot cross the channel."""


#: The name under which it arrives on the other side.
NOT_DATA = f"{NotData.__module__}.{NotData.__name__}"


class Lost(BaseException):
    """The other process has gone, or sent nonsense; no ``except Exception`` hides it."""


class Interrupted(BaseException):
    """The other process was interrupted because its time was over."""


class StudentError(Exception):
    """An exception of the student's whose class the checks do not know."""


class Raised:
    """Holds an exception while the other side has one made of it.

    Where that comes back, raised by code that did not catch it, the exception itself goes on.
    """

    __slots__ = ("_error",)

    def __init__(self, error: Exception):
        self._error = error


def described(error: BaseException) -> tuple[list[str], str, list[object]]:
    """Return the names of an exception's classes, its text and its arguments, as data."""
    names = [f"{c.__module__}.{c.__name__}" for c in type(error).__mro__][:20]
    try:
        text = str(error)[:_LONGEST]
    except Exception:  # noqa: BLE001  (a student's __str__ may raise anything)
        text = ""
    args = list(error.args[:5]) if isinstance(error.args, tuple) else []
    if not all(type(a) in (float, bool, type(None)) or _is_short(a) for a in args):
        args = [text]
    return (names, text, args)


def _is_short(value: object) -> bool:
    if type(value) is str:
        return len(value) <= _LONGEST
    return type(value) is int and abs(value) < 2**63


def raised(
    names: list[object], text: object, args: list[object], lines: list[object], origin: object
) -> BaseException:
    """Make the exception that `described` tells of, or find it where it is from here.

    Parameters
    ----------
    names, text, args
        What `described` returned in the other process.
    lines : list
        The student's lines that it went through; they go along as ``fairmark_frames``.
    origin : object
        What the other process holds it by, or `Raised` where this one does.
    """
    classes = [str(name)[:200] for name in names]
    if "builtins.KeyboardInterrupt" in classes:
        return Interrupted("the student's code was interrupted: its time is over")
    if isinstance(origin, Raised):
        error = origin._error
    else:
        error = _exception(classes, str(text)[:_LONGEST], args)
        vars(error)["fairmark_origin"] = origin
    # Not by assignment: the class may allow none.
    vars(error)["fairmark_frames"] = [str(line)[:200] for line in lines[:_MOST_LINES]]
    return error


def _exception(names: list[str], text: str, args: list[object]) -> Exception:
    """Make an exception of the nearest class that is known here."""
    own = names[0] if names else ""
    short = own.rpartition(".")[2]
    bases = [found for name in names if (found := _known_exception(name))] or [Exception]
    for base in bases:
        kind = base if _known_exception(own) is base else _derived(short, base)
        for given in (args, [text]):
            try:
                error: Exception = kind(*given)
                if str(error) == text or given is not args:
                    return error
            except Exception:  # noqa: BLE001  (some classes want arguments of their own)
                continue
    return StudentError(f"{short}: {text}")


def _known_exception(name: str) -> type[Exception] | None:
    module, _, own = name.rpartition(".")
    if module == "builtins":
        found: object = getattr(builtins, own, None)
    elif module.partition(".")[0] in names_of_course_packages() and module in sys.modules:
        found = vars(sys.modules[module]).get(own)
    else:
        return None
    if isinstance(found, type) and issubclass(found, Exception):
        return found
    return None


_derivations: dict[tuple[str, type[Exception]], type[Exception]] = {}


def _derived(name: str, base: type[Exception]) -> type[Exception]:
    """Return a class with the name of the student's, below a class that is known here."""
    name = name if name.isidentifier() else "StudentError"
    key = (name[:80], base)
    if key not in _derivations:
        if len(_derivations) > 200:
            return StudentError
        bases = (StudentError,) if base is Exception else (StudentError, base)
        try:
            _derivations[key] = cast("type[StudentError]", type(name[:80], bases, {}))
        except TypeError:
            _derivations[key] = StudentError
    return _derivations[key]
