"""Styles of check cells with which a course that is not ours may come."""

from __future__ import annotations

from . import classes, functions, names, restrictions, science, tables
from .style import Answer, Cell, Style

#: All of them, in the order of their modules.
STYLES: tuple[Style, ...] = tuple(
    one
    for module in (names, classes, functions, restrictions, tables, science)
    for one in module.STYLES
)

__all__ = ["STYLES", "Answer", "Cell", "Style"]
