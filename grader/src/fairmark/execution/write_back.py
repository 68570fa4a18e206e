"""What among the arguments of a call can be changed in place: changes are written back."""

from __future__ import annotations

from collections.abc import Callable

from . import tables
from .containers import fill, is_container, items_of
from .errors import ChannelError
from .wire import a_list, a_tuple, pack


class Fresh:
    """A table with its content of now, for a side that has it with another."""

    __slots__ = ("table",)

    def __init__(self, table: object):
        self.table = table


class Frame:
    """The containers and tables of one request and its answer, in the order of their beginning.

    They are numbered by their place, on both sides alike; those of the answer come last.
    They are held as long as the request is answered, so that no other object takes their
    place in memory.

    Parameters
    ----------
    written : callable, optional
        Returns the bytes of what `tables.as_data` tells of a table.
    """

    def __init__(self, written: Callable[[object], bytes] = pack) -> None:
        self._written = written
        self.containers: list[object] = []
        self._numbers: dict[int, int] = {}
        self._before: list[list[object]] = []
        #: How many are of the request itself, once it is sent.
        self._asked: int | None = None

    def add(self, container: object) -> None:
        """Give a container or a table the next number."""
        self._numbers[id(container)] = len(self.containers)
        self.containers.append(container)

    def sent(self) -> None:
        """Note that the request is sent: what is numbered from now on is of its answer."""
        self._asked = len(self.containers)

    def forget(self, known: int) -> None:
        """Take back the numbers from `known` on: the message with these was not sent."""
        for container in self.containers[known:]:
            del self._numbers[id(container)]
        del self.containers[known:]

    def number_of(self, container: object) -> int | None:
        """Return the number of a container; None where it is not one of the request."""
        return self._numbers.get(id(container))

    def container(self, number: object) -> object:
        """Return the container of a number.

        Raises
        ------
        ChannelError
            When there is none.
        """
        if type(number) is not int or not 0 <= number < len(self.containers):
            raise ChannelError("nothing to refer to")
        return self.containers[number]

    def remember(self) -> None:
        """Keep what is in each of them now."""
        self._before = [self._content(container) for container in self.containers]

    def _content(self, container: object) -> list[object]:
        if is_container(container):
            return items_of(container)
        return [self._written(tables.as_data(container))]

    def changed(self) -> list[tuple[int, list[object]]]:
        """List those whose items are others than at `remember`, with their items."""
        found: list[tuple[int, list[object]]] = []
        for number, container in enumerate(self.containers):
            if not _same(self._before[number], now := self._content(container)):
                found.append((number, now if is_container(container) else [Fresh(container)]))
        return found

    def follow(self, changed: object) -> None:
        """Put the items into them that the other side has listed with `changed`.

        Raises
        ------
        ChannelError
            When the list is of an unknown form.
        """
        for item in a_list(changed):
            number, items = a_tuple(item, 2)
            container = self.container(number)
            if self._asked is not None and self._numbers[id(container)] >= self._asked:
                raise ChannelError("a change of what was not handed over")
            if is_container(container):
                fill(container, a_list(items))
            else:
                tables.renew(container, *a_list(items))


def _same(one: list[object], other: list[object]) -> bool:
    if len(one) != len(other):
        return False
    for a, b in zip(one, other, strict=True):
        if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b) == 2:
            if a[0] is not b[0] or a[1] is not b[1]:
                return False
        elif a is not b and not (type(a) is type(b) is bytes and a == b):
            return False
    return True
