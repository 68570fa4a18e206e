"""Telling whose code it is: a library's or the student's."""

from __future__ import annotations

import sys
from types import CodeType, FunctionType, MethodType

#: The flag of classes that can be changed, and how it is read whatever a metaclass says.
HEAP = 1 << 9
flags_of = type.__dict__["__flags__"].__get__
bases_of = type.__dict__["__mro__"].__get__
names_of = type.__dict__["__dict__"].__get__
qualname_of = type.__dict__["__qualname__"].__get__
#: Methods with which an object judges itself.
_ANSWERS = (
    "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__contains__",
    "__abs__", "__neg__", "__sub__", "__rsub__", "__add__", "__radd__", "__mul__", "__rmul__",
    "__truediv__", "__rtruediv__", "__pow__", "__mod__", "__and__", "__or__", "__xor__",
    "__invert__", "__round__", "__array_ufunc__", "__array_function__", "__torch_function__",
    "__instancecheck__", "__subclasscheck__",
)  # fmt: skip


#: What a data class writes for its fields; others than equality are rarely asked for.
_EQUAL = (
    "def __eq__(self, other):\n if other.__class__ is self.__class__:\n"
    "  return ({mine},)==({theirs},)\n return NotImplemented"
)


def _compares_fields(kind: type, name: str, function: FunctionType) -> bool:
    """Tell whether a method is what a data class has written: it compares field by field."""
    fields = names_of(kind).get("__dataclass_fields__")
    if name != "__eq__" or type(fields) is not dict or not fields:
        return False
    used = [str(f) for f, about in fields.items() if getattr(about, "compare", False)]
    mine, theirs = (",".join(f"{who}.{f}" for f in used) for who in ("self", "other"))
    space: dict[str, FunctionType] = {}
    try:
        exec(_EQUAL.format(mine=mine, theirs=theirs), {}, space)
    except SyntaxError:
        return False
    right, own = space["__eq__"].__code__, function.__code__
    same = (own.co_code, own.co_names, own.co_consts) == (
        right.co_code,
        right.co_names,
        right.co_consts,
    )
    return same and not own.co_freevars


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
        #: Modules that were there before the student's code ran.
        self.modules = dict(sys.modules)
        self.modules.pop("__main__", None)
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
                        if not _compares_fields(base, name, inner):
                            return True
        return False

    def _is_librarys(self, kind: type) -> bool:
        """Tell whether a class is what a library's module calls by its name."""
        space = names_of(kind)
        module = str(space.get("__module__"))
        found: object = self.modules.get(module)
        if found is None and module != "__main__":
            # Imported since.
            found = sys.modules.get(module)
            if not self.is_library(str(getattr(found, "__file__", ""))):
                return False
        for name in str(qualname_of(kind)).split("."):
            found = getattr(found, "__dict__", {}).get(name) if found is not None else None
        return found is kind
