"""Lists, dicts and sets among the arguments of a call: changes in place are written back."""

from __future__ import annotations

from .errors import ChannelError
from .wire import Container, a_list, a_tuple


class Frame:
    """The lists, dicts and sets of one request, in the order in which they begin in it.

    They are numbered by their place, on both sides alike. They are held as long as the
    request is answered, so that no other object takes their place in memory.
    """

    def __init__(self) -> None:
        self.containers: list[Container] = []
        self._numbers: dict[int, int] = {}
        self._before: list[list[object]] = []

    def add(self, container: Container) -> None:
        """Give a container the next number."""
        self._numbers[id(container)] = len(self.containers)
        self.containers.append(container)

    def number_of(self, container: Container) -> int | None:
        """Return the number of a container; None where it is not one of the request."""
        return self._numbers.get(id(container))

    def container(self, number: object) -> Container:
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
        self._before = [_shallow(container) for container in self.containers]

    def changed(self) -> list[tuple[int, list[object]]]:
        """List those whose items are others than at `remember`, with their items."""
        found = []
        for number, container in enumerate(self.containers):
            if not _same(self._before[number], now := _shallow(container)):
                found.append((number, now))
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
            try:
                _renew(self.container(number), a_list(items))
            except TypeError:
                raise ChannelError("a changed argument is broken") from None


def _renew(container: Container, items: list[object]) -> None:
    if isinstance(container, list):
        container[:] = items
    elif isinstance(container, dict):
        pairs = {key: value for key, value in (a_tuple(item, 2) for item in items)}
        container.clear()
        container.update(pairs)
    else:
        members = set(items)
        container.clear()
        container.update(members)


def _shallow(container: Container) -> list[object]:
    return list(container.items()) if isinstance(container, dict) else list(container)


def _same(one: list[object], other: list[object]) -> bool:
    if len(one) != len(other):
        return False
    for a, b in zip(one, other, strict=True):
        if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b) == 2:
            if a[0] is not b[0] or a[1] is not b[1]:
                return False
        elif a is not b:
            return False
    return True
