"""What may go wrong between the two processes."""

from __future__ import annotations

from collections.abc import Callable


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
    """An exception of the student's whose class the checks do not know.

    A class of the student's is made anew below it (see `student_errors`): with its name and
    its bases, so that ``except`` finds it, and with the text that the student's gave.
    """

    #: Gets arguments of a call of the student's class; returns text, arguments and attributes.
    fairmark_make: Callable[..., tuple[str, tuple[object, ...], dict[str, object]]] | None = None

    def __init__(self, *args: object, **kwargs: object):
        make = type(self).fairmark_make
        if make is not None:
            self.fairmark_fill(*make(args, kwargs))
        elif kwargs:
            raise TypeError(f"{type(self).__name__}() takes no keyword arguments")

    def fairmark_fill(
        self, text: str, args: tuple[object, ...], attributes: dict[str, object]
    ) -> None:
        """Take over what the student's exception holds."""
        self.args = args
        vars(self).update(attributes, fairmark_text=text)

    def __str__(self) -> str:
        text = vars(self).get("fairmark_text")
        return super().__str__() if text is None else str(text)


class Raised:
    """Holds an exception while the other side has one made of it.

    Where that comes back, raised by code that did not catch it, the exception itself goes on.
    """

    __slots__ = ("error",)

    def __init__(self, error: Exception):
        self.error = error
