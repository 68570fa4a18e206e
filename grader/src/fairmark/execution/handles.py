"""What the two processes hold of each other's: one table on each side.

Data are copied. An array is copied too, but both sides remember it as one and the same
under one number, and a view of it by its place in it; any other object stays where it is
and is known by its number. The two sides speak in turn, so their tables agree as long as
three rules are kept:

1. What has a number is held here until a message lets go of it, whoever else drops it.
2. A message says in its head what it lets go of, and what has changed in arrays. The
   head is taken in before the body is read. Nothing else ends an entry.
3. A number that is given while a message is written counts when the message is written
   whole (`Draft`). A message that is refused leaves no trace.

A number is used once. The checks' side gives odd numbers, the student's even ones.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from .arrays import content
from .errors import ChannelError
from .wire import a_tuple

#: Arrays below this size are followed only as long as the student's code can reach them.
_SMALL = 2**16
#: The largest number; the short form gives it four bytes.
_LARGEST_NUMBER = 2**32 - 1


#: Number, type, shape and bytes of an array that has changed, as the head of a message has it.
Change: TypeAlias = tuple[int, str, tuple[int, ...], bytes]


class SharedArray:
    """An array that both sides know.

    Attributes
    ----------
    array : ndarray
        The numbers.
    tensor : torch.Tensor or None
        A tensor that shares memory with `array` and is what the user of it sees.
    part : bool
        Whether it is a view of an array that both sides know too, which has its content.
    same_form : bool
        Whether its bytes lie in the same order on both sides, so that views can be told.
    told : object
        The content that both sides have, see `arrays.content`; None for a part.
    """

    __slots__ = ("array", "part", "same_form", "tensor", "told")

    def __init__(
        self,
        array: np.ndarray,
        tensor: object = None,
        part: bool = False,
        same_form: bool = True,
    ):
        self.array, self.tensor, self.part, self.same_form = array, tensor, part, same_form
        self.told = None if part else content(array)

    @property
    def value(self) -> object:
        """What the user of the array sees."""
        return self.array if self.tensor is None else self.tensor

    def references(self) -> int:
        """Count the references to it."""
        return sys.getrefcount(self.array if self.tensor is None else self.tensor)


#: References to an array that the table holds and nobody else.
_LONE = SharedArray(np.empty(1)).references()


@dataclass
class News:
    """What the head of a message tells.

    Attributes
    ----------
    released : list of int
        What this side lets go of.
    changed : list of Change
        Of each array that has changed.
    contents : list of tuple
        The same arrays with their new content, for the table of this side.
    """

    released: list[int]
    changed: list[Change]
    contents: list[tuple[SharedArray, object]]


class Handles:
    """The table of one side.

    Parameters
    ----------
    trusted : bool
        True on the student's side, as in `peer.Peer`.
    """

    def __init__(self, trusted: bool):
        self._trusted = trusted
        self._next = 2 if trusted else 1
        self._objects: dict[int, object] = {}
        self._arrays: dict[int, SharedArray] = {}
        self._numbers: dict[int, int] = {}
        self._stand_ins: dict[int, weakref.ref[object]] = {}
        #: Stand-ins that are gone here, which the other side does not know yet.
        self._gone: set[int] = set()

    @property
    def quiet(self) -> bool:
        """Whether the head of a message would have nothing to tell."""
        return not self._arrays and not self._gone

    def number_of(self, value: object) -> int | None:
        """Return the number of an object, array or tensor; None where it has none."""
        return self._numbers.get(id(value))

    def own(self, number: object) -> Any:
        """Return an object of this side: anything, of whoever's code it is.

        Raises
        ------
        ChannelError
            When it was never handed over, or has been let go of.
        """
        if type(number) is not int or number not in self._objects:
            raise ChannelError("an object that was never handed over")
        return self._objects[number]

    def array(self, number: object) -> SharedArray:
        """Return an array that both sides know.

        Raises
        ------
        ChannelError
            When it was never handed over, or has been let go of.
        """
        if type(number) is not int or number not in self._arrays:
            raise ChannelError("an array that was never handed over")
        return self._arrays[number]

    def take_in(self, number: object, shared: SharedArray) -> None:
        """Hold an array that the other side has numbered.

        Raises
        ------
        ChannelError
            When the number is not one that the other side may give.
        """
        number = self._foreign(number)
        if number in self._arrays:
            raise ChannelError("an array with a wrong number")
        self._arrays[number] = shared
        self._numbers[id(shared.value)] = number

    def stand_in(self, number: object, make: Callable[[int], object]) -> object:
        """Return the stand-in for an object of the other side; made where there is none.

        Raises
        ------
        ChannelError
            When the number is not one that the other side may give.
        """
        number = self._foreign(number)
        known = self._stand_ins.get(number)
        found = known() if known is not None else None
        if found is None:
            found = make(number)
            self._stand_ins[number] = weakref.ref(found, self._forget(number))
            self._gone.discard(number)
        return found

    def _foreign(self, number: object) -> int:
        odd = self._trusted
        if type(number) is not int or not 0 < number <= _LARGEST_NUMBER or number % 2 != odd:
            raise ChannelError("a wrong number")
        return number

    def _forget(self, number: int) -> Callable[[weakref.ref[object]], None]:
        def gone(reference: weakref.ref[object]) -> None:
            if self._stand_ins.get(number) is reference:
                del self._stand_ins[number]
                self._gone.add(number)

        return gone

    # -- what a message tells, and what it does to the table -----------------
    def next_number(self) -> int:
        """Return a number that was never used."""
        number, self._next = self._next, self._next + 2
        return number

    def news(self) -> News:
        """Gather what the next message tells in its head; nothing is changed by it."""
        found = [item for number in self._arrays if (item := self._change_of(number)) is not None]
        released = [n for n, shared in self._arrays.items() if self._out_of_reach(shared)]
        return News([*self._gone, *released], [item[0] for item in found], [i[1] for i in found])

    def _change_of(self, number: int) -> tuple[Change, tuple[SharedArray, object]] | None:
        shared = self._arrays[number]
        if shared.part:
            return None
        now = content(shared.array)
        if now == shared.told:
            return None
        array = shared.array
        return (number, array.dtype.str, array.shape, array.tobytes()), (shared, now)

    def _out_of_reach(self, shared: SharedArray) -> bool:
        """Tell whether this side has no more use for an array.

        Where nobody but the table holds it, nothing here can change it or see a change. If
        it comes again, it comes as a new one. The student's side keeps what is large, which
        a check may hand over many times, and what shares memory with something else that
        is not known, until the checks let go of it.
        """
        if shared.references() > _LONE:
            return False
        if shared.part:
            return True
        plain = shared.tensor is None and shared.array.base is None
        return not self._trusted or (plain and shared.array.nbytes < _SMALL)

    def count(self, draft: Draft, news: News) -> None:
        """Let a message count that has been written whole."""
        self._gone.difference_update(news.released)
        self._drop_arrays(news.released)
        for shared, now in news.contents:
            shared.told = now
        self._objects.update(draft.objects)
        self._arrays.update(draft.arrays)
        self._numbers.update(draft.numbers)

    def take_in_news(self, released: list[object], changed: list[object]) -> None:
        """Do what the head of a message from the other side says.

        Raises
        ------
        ChannelError
            When it is of an unknown form.
        """
        for item in changed:
            self._change(*a_tuple(item, 4))
        numbers = [number for number in released if type(number) is int]
        if len(numbers) != len(released):
            raise ChannelError("a message of an unknown form")
        self._drop_arrays(numbers)
        for number in numbers:
            self._drop(number, self._objects.pop(number, None))

    def _drop_arrays(self, numbers: list[int]) -> None:
        for number in numbers:
            shared = self._arrays.pop(number, None)
            if shared is not None:
                self._drop(number, shared.value)

    def _drop(self, number: int, value: object) -> None:
        if self._numbers.get(id(value)) == number:
            del self._numbers[id(value)]

    def _change(self, number: object, dtype: object, shape: object, data: object) -> None:
        shared = self.array(number)
        array = shared.array
        if array.dtype.str != dtype or array.shape != shape or not isinstance(data, bytes):
            # It was given another form in place; that does not cross.
            return
        if len(data) != array.nbytes or not array.flags.writeable:
            return
        array[...] = np.frombuffer(data, array.dtype).reshape(array.shape)
        shared.told = content(array)


class Draft:
    """The numbers of a message while it is written.

    All that the message mentions is held here: it must not be let go of by another
    message, nor by the head of this one.
    """

    def __init__(self, handles: Handles):
        self._handles = handles
        self.objects: dict[int, object] = {}
        self.arrays: dict[int, SharedArray] = {}
        self.numbers: dict[int, int] = {}
        self._held: list[object] = []

    def hold(self, value: object) -> None:
        """Hold what has a number of the other side."""
        self._held.append(value)

    def find(self, value: object) -> int | None:
        """Return the number that an array or a tensor has."""
        number = self.numbers.get(id(value))
        if number is None:
            number = self._handles.number_of(value)
            if number is not None:
                self._held.append(value)
        return number

    def takes_views(self, array: np.ndarray) -> bool:
        """Tell whether an array has a number, and its views can be told by their places in it."""
        number = self.find(array)
        if number is None:
            return False
        shared = self.arrays.get(number) or self._handles.array(number)
        return shared.array is array and shared.same_form

    def add_array(self, shared: SharedArray) -> int:
        """Give a number to an array, or to a tensor and the array that is its memory."""
        number = self._handles.next_number()
        self.arrays[number] = shared
        self.numbers[id(shared.value)] = number
        return number

    def add_object(self, value: object) -> int:
        """Return the number of an object of this side; a new one where it has none.

        It is written into the table once more where it stands there already: the other side
        may let go of it before this message is sent, and takes it up again with it.
        """
        number = self.find(value)
        if number is None:
            number = self._handles.next_number()
        self.objects[number] = value
        self.numbers[id(value)] = number
        return number
