"""Whose code is it: a library's or the student's?"""

from __future__ import annotations

from types import CodeType, FunctionType, MethodType


class Origin:
    """Tells by the file that code was read from.

    A name of a file can be given to any text when it is compiled; `actors` hears of that.

    Parameters
    ----------
    folders : tuple of str
        Where the libraries lie.
    cells : mapping
        Name that a cell was compiled under to its number.
    """

    def __init__(self, folders: tuple[str, ...], cells: dict[str, int]):
        self.folders = (*(f"{folder.rstrip('/')}/" for folder in folders), "<frozen ")
        self.cells = cells

    def is_library(self, name: str) -> bool:
        """Tell whether code under a name is a library's.

        Parameters
        ----------
        name : str
            Of its file.
        """
        return name.startswith(self.folders)

    def is_nobodys(self, name: str) -> bool:
        """Tell whether code was made from a text: it belongs to whoever runs it.

        Parameters
        ----------
        name : str
            Of its file.
        """
        return name not in self.cells and name.startswith("<") and not self.is_library(name)

    def is_students(self, value: object) -> bool:
        """Tell whether a function, a method or an object's class is the student's.

        Parameters
        ----------
        value : object
            Anything that can be called.
        """
        if type(value) is MethodType:
            value = value.__func__
        if type(value) is FunctionType:
            return not self.is_library(value.__code__.co_filename)
        if type(value) is CodeType:
            return not self.is_library(value.co_filename)
        kind = value if issubclass(type(value), type) else type(value)
        return any(
            not self.is_library(inner.__code__.co_filename)
            for base in kind.__mro__  # type: ignore[attr-defined]
            for inner in tuple(vars(base).values())
            if type(inner) is FunctionType
        )
