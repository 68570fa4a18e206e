"""Values on their way: what becomes data, what a stand-in, and what they are made into again.

`Outline` and `Inline` are the hooks of `wire.Writer` and `wire.Reader`, made anew for each
message. The checks' side is the one that must not be led: of its own objects it hands out
only what a check has passed to a call, and it takes in nothing but data and stand-ins.
"""

from __future__ import annotations

import abc
import builtins
import enum
import importlib
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import numpy as np

from . import named, plain_kinds, tables
from .arrays import (
    array_as_data,
    array_from_data,
    covers,
    is_array,
    plain_dtype,
    view_as_data,
    view_from_data,
)
from .containers import Container, has_own_methods, is_container, is_own, made_class
from .errors import ChannelError, NotData, Raised, StudentError
from .handles import Draft, SharedArray
from .operators import inside
from .side import Side
from .stand_in import KINDS, StandIn, class_for, data_class_for
from .student_errors import checked, class_of, lineage_of
from .wire import a_tuple
from .write_back import Frame, Fresh

if TYPE_CHECKING:
    import torch


def _is_error_class(value: object) -> TypeGuard[type[Exception]]:
    return isinstance(value, type) and issubclass(value, Exception)


#: Classes that the student's side may name: types of numbers, of containers, of errors.
_KNOWN = frozenset(
    [("builtins", kind.__name__) for kind in (int, float, complex, bool, str, bytes, list, tuple)]
    + [("builtins", "dict"), ("builtins", "set"), ("builtins", "object")]
    + [("builtins", name) for name, kind in vars(builtins).items() if _is_error_class(kind)]
    + [("numpy", kind.__name__) for kind in set(np.sctypeDict.values())]
    + [("numpy", "ndarray")]
)


_PLAIN = (list, dict, set)
#: Classes of arrays beside `numpy.ndarray` itself. Of any other derived class, a student's
#: own for one, an object arrives as a plain array.
_ARRAY_CLASSES: dict[str, type[np.ndarray]] = {"matrix": np.matrix, "recarray": np.recarray}
_ARRAY_NAMES = {kind: name for name, kind in _ARRAY_CLASSES.items()}


#: Modules whose classes may be named as bases of a notebook's. Both processes have them.
_OPEN_MODULES = frozenset("abc collections collections.abc enum numbers typing".split())


def _is_library_class(value: object) -> TypeGuard[type]:
    """Tell whether a value is a class that a notebook's class may derive from."""
    kinds = (type, abc.ABCMeta, enum.EnumMeta)
    return type(value) in kinds and cast("type", value).__module__ in _OPEN_MODULES


class Outline:
    """Turn what is no data into a tuple of data.

    Parameters
    ----------
    peer : Side
        This side.
    draft : Draft
        Of the message.
    frame : Frame or None
        Of the request that the message is or answers. None for copies, whose arrays and
        containers nobody follows.
    asking : bool
        True for a request: its containers are numbered.
    """

    def __init__(self, peer: Side, draft: Draft, frame: Frame | None, asking: bool = False):
        self._peer, self._draft, self._frame, self._asking = peer, draft, frame, asking

    def __call__(self, value: object) -> tuple[object, ...] | None:
        """Return the tuple, or None for what `wire.Writer` writes itself.

        Raises
        ------
        NotData
            For what must not be handed over.
        """
        # By its type: what an object says of its class itself may be anything.
        kind = type(value)
        if kind is tuple:
            return None
        if issubclass(kind, StandIn):
            return self._stand_in(cast("StandIn", value))
        if is_array(value) and plain_dtype(value.dtype):
            masked = kind is np.ma.MaskedArray
            return self._table(value) if masked else self._any_array(value)
        # A matrix of scipy.sparse may be a dict as well.
        if kind not in _PLAIN and tables.is_table(value):
            return self._table(value)
        if is_container(value):
            if kind not in _PLAIN and is_own(kind) and has_own_methods(kind):
                return self._object(value)
            return None if self._frame is None else self._container(value, self._frame)
        if type(value) is Fresh:
            return ("table", self._peer.copied(tables.as_data(value.table), self._draft))
        if issubclass(kind, enum.Enum):
            return named.tell_member(cast("enum.Enum", value))
        if named.fields_of(kind) is not None:
            return named.tell_tuple(value)
        if issubclass(kind, (tuple, frozenset, slice, np.dtype)):
            return None
        if issubclass(kind, np.generic) and plain_dtype(cast("np.generic", value).dtype):
            return None
        if issubclass(kind, (int, float, complex, str, bytes)):
            return None
        plain = plain_kinds.as_data(value)
        if plain is not None:
            return plain
        if _is_tensor(value):
            return self._tensor(value)
        return self._object(value)

    def _table(self, table: object) -> tuple[object, ...]:
        if self._frame is None:
            return ("table", tables.as_data(table))
        number = self._frame.number_of(table)
        if number is not None:
            return ("again", number)
        if self._asking:
            self._frame.add(table)
        return ("table", self._peer.copied(tables.as_data(table), self._draft))

    def _stand_in(self, value: StandIn) -> tuple[object, ...]:
        peer, number, *_ = inside(value)
        if peer is not self._peer:
            raise NotData("an object of a process that has ended cannot be used")
        self._draft.hold(value)
        return ("own", number)

    def _container(self, value: Container, frame: Frame) -> tuple[object, ...] | None:
        number = frame.number_of(value)
        if number is not None:
            return ("again", number)
        # In an answer too: the rows of what comes back may be one and the same list.
        frame.add(value)
        return None

    def _any_array(self, array: np.ndarray) -> tuple[object, ...] | None:
        kind = _ARRAY_NAMES.get(type(array))
        if kind is None:
            return None if self._frame is None else self._array(array)
        if self._frame is None:
            return ("array of", None, kind, *array_as_data(array))
        number = self._draft.find(array)
        if number is not None:
            return ("same", number)
        number = self._draft.add_array(SharedArray(array, same_form=False))
        return ("array of", number, kind, *array_as_data(array))

    def _array(self, array: np.ndarray) -> tuple[object, ...]:
        number = self._draft.find(array)
        if number is not None:
            return ("same", number)
        base = array.base
        if isinstance(base, np.ndarray) and array.size and self._goes_along(base, array):
            view = view_as_data(array, base)
            if view is not None:
                return ("view", self._draft.add_array(SharedArray(array, part=True)), base, *view)
        data = array_as_data(array)
        shared = SharedArray(array, same_form=array.flags.forc)
        return ("array", self._draft.add_array(shared), *data)

    def _goes_along(self, base: np.ndarray, array: np.ndarray) -> bool:
        """Tell whether an array crosses as a view of its base.

        It does where the base is known, and where it is all that is in the base: what else
        a check has in there must not get to the student's side.
        """
        known = self._draft.find(base)
        if known is None:
            return plain_dtype(base.dtype) and base.flags.forc and covers(array, base)
        return self._draft.takes_views(base)

    def _tensor(self, tensor: torch.Tensor) -> tuple[object, ...]:
        number = None if self._frame is None else self._draft.find(tensor)
        if number is not None:
            return ("same", number)
        array = _memory_of(tensor)
        data = array_as_data(array)
        followed = self._frame is not None
        number = self._draft.add_array(SharedArray(array, tensor)) if followed else None
        return ("tensor", number, *data)

    def _object(self, value: object) -> tuple[object, ...]:
        known = None
        if not self._peer.trusted and isinstance(value, type):
            known = self._peer.error_classes.get(value)
        if known is not None:
            return self._stand_in(known)
        name = _global_name(value)
        if name is not None and (not self._peer.trusted or name in _KNOWN):
            return ("global", *name)
        if self._peer.trusted and _is_library_class(value):
            return ("global", value.__module__, value.__qualname__)
        if not self._peer.trusted:
            _refuse_dangerous(value)
        if _is_error_class(value):
            return ("error class", self._draft.add_object(value), lineage_of(value))
        fields = vars(type(value)).get("__dataclass_fields__")
        if self._peer.trusted and isinstance(fields, dict) and is_own(type(value)):
            names = tuple(str(name) for name in fields)
            return ("data class", self._draft.add_object(value), type(value).__name__, names)
        what, own = _what(value)
        of_a_library = type(value) is not Raised and not is_own(type(value))
        if what == "object" and of_a_library and not self._peer.trusted:
            # A library's own functions look into it, which a stand-in does not let them.
            self._peer.hinder(f"the check's object {own[:60]} stays in another process")
        return ("object", self._draft.add_object(value), what, own)


class Inline:
    """Turn the tuples of `Outline` into objects again.

    Parameters
    ----------
    peer : Side
        This side.
    frame : Frame or None
        Of the request that the message is or answers; None where it has no containers.
    path : str, optional
        Of what was asked for (``f1``, ``Net.forward``), for the stand-ins in the answer.
    asked : bool, optional
        True for a request: its containers and tables are numbered.
    """

    def __init__(self, peer: Side, frame: Frame | None, path: str = "", asked: bool = False):
        self._peer, self._frame, self._path, self._asked = peer, frame, path, asked

    def __call__(self, outlined: tuple[object, ...]) -> object:
        """Return the object.

        Raises
        ------
        ChannelError
            When the tuple is none that `Outline` makes, or names what was never handed over.
        """
        if not outlined or not isinstance(outlined[0], str):
            raise ChannelError("an object without a kind")
        if outlined[0] in plain_kinds.KINDS:
            return plain_kinds.from_data(outlined[0], outlined[1:])
        method = _INLINE.get((outlined[0], len(outlined)))
        if method is None:
            raise ChannelError("unknown kind of object")
        return method(self, *outlined[1:])

    def _hinder(self, what: str, how: str) -> None:
        """Note on the checks' side that something of the student's is not there as it is."""
        if not self._peer.trusted:
            self._peer.hinder(f"the student's {what} {how}")

    def own_class(self, name: str, base: type) -> type:
        """Return the class of containers that a notebook has defined under a name."""
        self._hinder(f"object of the class {name[:60]}", "crosses as a copy of its content")
        found = self._peer.namespace.get(name) if self._peer.trusted else None
        known = isinstance(found, type) and issubclass(found, base)
        return cast("type", found) if known else made_class(name, base)

    def _table(self, data: object) -> object:
        if self._frame is None:
            return tables.from_data(data)
        table = tables.from_data(self._peer.uncopied(data))
        if self._asked:
            self._frame.add(table)
        return table

    def _named_tuple(self, *told: object) -> object:
        self._hinder("named tuple", "crosses as a copy of its content")
        return self._peer.classes.made_tuple(*told)

    def _member(self, *told: object) -> object:
        self._hinder("member of an enumeration", "crosses as a copy of its content")
        return self._peer.classes.made_member(*told)

    def _own(self, number: object) -> object:
        return self._peer.handles.own(number)

    def _again(self, number: object) -> object:
        if self._frame is None:
            raise ChannelError("nothing to refer to")
        return self._frame.container(number)

    def _same(self, number: object) -> object:
        return self._peer.handles.array(number).value

    def _view(self, number: object, base: object, *view: object) -> np.ndarray:
        if self._peer.handles.number_of(base) is None:
            raise ChannelError("a view of nothing")
        array = view_from_data(base, *view)
        self._peer.handles.take_in(number, SharedArray(array, part=True))
        return array

    def _array(self, number: object, flags: object, *data: object) -> np.ndarray:
        array = array_from_data(flags, *data)
        if number is not None:
            shared = SharedArray(array, same_form=flags not in ("S", "Sr"))
            self._peer.handles.take_in(number, shared)
        return array

    def _array_of(self, number: object, name: object, *data: object) -> np.ndarray:
        if not isinstance(name, str) or name not in _ARRAY_CLASSES:
            raise ChannelError("an array of an unknown class")
        array: np.ndarray = array_from_data(*data).view(_ARRAY_CLASSES[name])
        if number is not None:
            self._peer.handles.take_in(number, SharedArray(array, same_form=False))
        return array

    def _tensor(self, number: object, *data: object) -> np.ndarray | torch.Tensor:
        if "torch" not in sys.modules:
            return self._array(number, *data)
        import torch

        array = array_from_data(*data)
        tensor = torch.from_numpy(array)
        if number is not None:
            self._peer.handles.take_in(number, SharedArray(array, tensor))
        return tensor

    def _object(self, number: object, what: object, name: object) -> object:
        if not isinstance(what, str) or not isinstance(name, str):
            raise ChannelError("an object of an unknown kind")
        known = what if what in KINDS else "object"
        if known in ("object", "class"):
            self._hinder(f"{known} {name[:60]}", "stays in another process")
        path = name if known == "object" else self._path
        kind, peer, short = class_for(name if known == "object" else known), self._peer, name[:80]
        return peer.handles.stand_in(number, lambda n: kind(peer, n, known, short, path))

    def _data_class(self, number: object, name: object, fields: object) -> object:
        """Return a stand-in for an object of a data class, which tells of its fields."""
        if not isinstance(name, str):
            raise ChannelError("an object of an unknown kind")
        self._hinder(f"object {name[:60]}", "stays in another process")
        kind, peer, short = data_class_for(name, fields), self._peer, name[:80]
        return peer.handles.stand_in(number, lambda n: kind(peer, n, "object", short, ""))

    def _error_class(self, number: object, lineage: object) -> object:
        """Return a class of exceptions, so that ``except`` takes it.

        To call it is to call the student's class, and to take over what comes of it.
        """
        told = checked(lineage)
        name = told[0][0].rpartition(".")[2]
        stand_in = self._object(number, "class", name)
        kind = class_of(told, self._peer.namespace.get)
        if issubclass(kind, StudentError) and kind is not StudentError:
            peer = self._peer

            def make(args: object, kwargs: object) -> Any:
                text, given, more = a_tuple(peer.ask("make error", (number, args, kwargs)), 3)
                if not isinstance(given, tuple) or not isinstance(more, dict):
                    raise ChannelError("an exception of an unknown kind")
                return str(text), given, more

            kind.fairmark_make = make
            peer.error_classes[kind] = stand_in
        return kind

    def _global(self, module: object, name: object) -> object:
        if not isinstance(module, str) or not isinstance(name, str):
            raise ChannelError("a name that is no text")
        if self._peer.trusted:
            found: object = importlib.import_module(module)
        elif (module, name) in _KNOWN and module in sys.modules:
            found = sys.modules[module]
        elif module in _OPEN_MODULES and module in sys.modules:
            found = vars(sys.modules[module]).get(name)
            if not _is_library_class(found):
                raise ChannelError("a name that may not be asked for")
            return found
        else:
            raise ChannelError("a name that may not be asked for")
        for part in name.split("."):
            found = getattr(found, part)
        return found


_INLINE: dict[tuple[str, int], Callable[..., object]] = {
    ("table", 2): Inline._table,
    ("named tuple", 5): Inline._named_tuple,
    ("enum", 7): Inline._member,
    ("own", 2): Inline._own,
    ("again", 2): Inline._again,
    ("same", 2): Inline._same,
    ("view", 8): Inline._view,
    ("array", 6): Inline._array,
    ("array of", 7): Inline._array_of,
    ("tensor", 6): Inline._tensor,
    ("object", 4): Inline._object,
    ("data class", 4): Inline._data_class,
    ("error class", 3): Inline._error_class,
    ("global", 3): Inline._global,
}


def _is_tensor(value: object) -> TypeGuard[torch.Tensor]:
    found = sys.modules.get("torch")
    return found is not None and issubclass(type(value), found.Tensor)


def _memory_of(tensor: torch.Tensor) -> np.ndarray:
    """Return the array that shares memory with a tensor, or a copy where NumPy has no such type."""
    import torch

    held = tensor.detach().cpu()
    if held.is_sparse:
        held = held.to_dense().float()
    elif held.dtype == torch.bfloat16 or held.is_quantized:
        held = held.float()
    array: np.ndarray = held.numpy()
    return array


def _global_name(value: object) -> tuple[str, str] | None:
    """Return module and name of a class or a function that both sides can import."""
    if isinstance(value, types.ModuleType):
        return None
    module = getattr(value, "__module__", None)
    if isinstance(value, np.ufunc):
        module = "numpy"
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    kinds = (type, types.FunctionType, types.BuiltinFunctionType, np.ufunc)
    if not isinstance(value, kinds) or not isinstance(module, str) or not isinstance(name, str):
        return None
    found: object = sys.modules.get(module)
    if module == "__main__" or found is None or "<" in name:
        return None
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is value else None


def _refuse_dangerous(value: object) -> None:
    if isinstance(value, (types.ModuleType, type, types.FrameType, types.CodeType)):
        raise NotData(f"a check cannot hand over {value!r:.80}")


def _what(value: object) -> tuple[str, str]:
    """Return the kind of an object and the name of it, for its stand-in."""
    kind = type(value)
    if isinstance(value, type):
        return "class", type.__getattribute__(value, "__name__")[:80]
    if isinstance(value, types.ModuleType):
        return "module", str(value.__dict__.get("__name__", ""))[:80]
    if isinstance(value, (types.FunctionType, types.MethodType, types.BuiltinFunctionType)):
        return "function", str(value.__name__)[:80]
    return "object", kind.__name__[:80]
