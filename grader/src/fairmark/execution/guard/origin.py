"""Telling whose code it is: a library's or the student's."""

from __future__ import annotations

from types import CodeType, FunctionType, MethodType

#: The flag of classes that can be changed, and how it is read whatever a metaclass says.
HEAP = 1 << 9
flags_of = type.__dict__["__flags__"].__get__
bases_of = type.__dict__["__mro__"].__get__
names_of = type.__dict__["__dict__"].__get__
#: Methods with which an object judges itself.
_ANSWERS = (
    "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__contains__",
    "__abs__", "__neg__", "__sub__", "__rsub__", "__add__", "__radd__", "__mul__", "__rmul__",
    "__truediv__", "__rtruediv__", "__pow__", "__mod__", "__and__", "__or__", "__xor__",
    "__invert__", "__round__", "__array_ufunc__", "__array_function__", "__torch_function__",
    "__instancecheck__", "__subclasscheck__",
)  # fmt: skip


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
        #: Files of the instructors' own beside the notebook.
        self.given: set[str] = set()

    def is_library(self, name: str) -> bool:
        """Tell whether code under a name is a library's.

        Parameters
        ----------
        name : str
            Of its file.
        """
        return name.startswith(self.folders) or name in self.given

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
        kind: type = value if issubclass(type(value), type) else type(value)  # type: ignore[assignment]
        return any(
            not self.is_library(inner.__code__.co_filename)
            for base in bases_of(kind)
            for inner in tuple(names_of(base).values())
            if type(inner) is FunctionType
        )

    def answers_itself(self, kind: type) -> bool:
        """Tell whether a class of the student's says itself what is equal, less or true.

        Parameters
        ----------
        kind : type
            Of a value that a check has before it.
        """
        for base in bases_of(kind):
            if not flags_of(base) & HEAP:
                continue
            space = names_of(base)
            for name in _ANSWERS:
                if name in space:
                    inner = space[name]
                    if type(inner) is not FunctionType:
                        # A library's classes have slots and functions here.
                        if not self._is_librarys(base):
                            return True
                    elif not self.is_library(inner.__code__.co_filename):
                        return True
        return False

    def _is_librarys(self, kind: type) -> bool:
        return (
            not any(
                type(inner) is FunctionType and not self.is_library(inner.__code__.co_filename)
                for inner in tuple(names_of(kind).values())
            )
            and names_of(kind).get("__module__") != "__main__"
        )
