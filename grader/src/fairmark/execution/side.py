"""One side of the conversation, as what crosses has to know it; `peer.Peer` is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from .handles import Draft, Handles
from .named import Classes
from .wire import Args


class Side(Protocol):
    """What values, stand-ins and operations use of a `peer.Peer`; described there."""

    handles: Handles
    trusted: bool
    namespace: dict[str, object]
    take_files: Callable[[object, object], None]
    source_of: Callable[[str], str | None]
    classes: Classes
    error_classes: dict[type, Any]
    open_classes: frozenset[str]
    told: set[int]

    def ask(self, operation: str, arguments: Args, path: str = "") -> object:
        """Let the other side do something."""

    def call(self, number: int, args: Args, kwargs: dict[str, object], path: str) -> object:
        """Call an object of the other side."""

    def call_each(
        self, number: int, rows: list[Args], then: Callable[[object], object], path: str
    ) -> list[object]:
        """Call an object of the other side once for each row."""

    def copied(self, value: object, draft: Draft) -> bytes:
        """Write a value whose arrays and containers are copies."""

    def uncopied(self, data: object) -> object:
        """Read what `copied` wrote."""

    def hinder(self, what: str) -> None:
        """Note what did not cross as it is."""
