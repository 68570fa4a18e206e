"""Values on their way: what becomes data, what a stand-in, and what they are made into again.

`Outline` and `Inline` are the hooks of `wire.Writer` and `wire.Reader`, made anew for each
message. The checks' side is the one that must not be led: of its own objects it hands out
only what a check has passed to a call, and it takes in nothing but data and stand-ins.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, TypeGuard

import numpy as np

from .arrays import (
    array_as_data,
    array_from_data,
    plain_dtype,
    view_as_data,
    view_from_data,
)
from .errors import ChannelError, NotData
from .handles import Draft
from .side import Side
from .stand_in import KINDS, StandIn, class_for, inside
from .wire import Container
from .write_back import Frame

if TYPE_CHECKING:
    import torch


#: Classes that the student's side may name: types of numbers and of containers.
_KNOWN = frozenset(
    [("builtins", kind.__name__) for kind in (int, float, complex, bool, str, bytes, list, tuple)]
    + [("builtins", "dict"), ("builtins", "set"), ("builtins", "object")]
    + [("numpy", kind.__name__) for kind in set(np.sctypeDict.values())]
    + [("numpy", "ndarray")]
)


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
        if isinstance(value, StandIn):
            return self._stand_in(value)
        if isinstance(value, np.ndarray) and plain_dtype(value.dtype):
            return None if self._frame is None else self._array(value)
        if isinstance(value, (list, dict, set)):
            return None if self._frame is None else self._container(value, self._frame)
        if isinstance(value, (tuple, frozenset, slice, np.generic, np.dtype)):
            if not isinstance(value, np.generic) or plain_dtype(value.dtype):
                return None
        if isinstance(value, (int, float, complex, str, bytes)):
            return None
        if type(value) is Fraction:
            return ("fraction", value.numerator, value.denominator)
        if type(value) is Decimal:
            return ("decimal", str(value))
        if _is_tensor(value):
            return self._tensor(value)
        return self._object(value)

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
        if self._asking:
            frame.add(value)
        return None

    def _array(self, array: np.ndarray) -> tuple[object, ...]:
        number = self._draft.find(array)
        if number is not None:
            return ("same", number)
        base = array.base
        if isinstance(base, np.ndarray) and array.size:
            number = self._draft.find(base)
            view = view_as_data(array, base) if number is not None else None
            if view is not None:
                return ("view", number, *view)
        data = array_as_data(array)
        return ("array", self._draft.add_array(array), *data)

    def _tensor(self, tensor: torch.Tensor) -> tuple[object, ...]:
        number = None if self._frame is None else self._draft.find(tensor)
        if number is not None:
            return ("same", number)
        array = _memory_of(tensor)
        data = array_as_data(array)
        number = None if self._frame is None else self._draft.add_array(array, tensor)
        return ("tensor", number, *data)

    def _object(self, value: object) -> tuple[object, ...]:
        name = _global_name(value)
        if name is not None and (not self._peer.trusted or name in _KNOWN):
            return ("global", *name)
        if not self._peer.trusted:
            _refuse_dangerous(value)
        what, own = _what(value)
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
    """

    def __init__(self, peer: Side, frame: Frame | None, path: str = ""):
        self._peer, self._frame, self._path = peer, frame, path

    def __call__(self, outlined: tuple[object, ...]) -> object:
        """Return the object.

        Raises
        ------
        ChannelError
            When the tuple is none that `Outline` makes, or names what was never handed over.
        """
        if not outlined or not isinstance(outlined[0], str):
            raise ChannelError("an object without a kind")
        method = _INLINE.get((outlined[0], len(outlined)))
        if method is None:
            raise ChannelError("unknown kind of object")
        return method(self, *outlined[1:])

    def _fraction(self, above: object, below: object) -> Fraction:
        if type(above) is not int or type(below) is not int or below <= 0:
            raise ChannelError("a fraction of an unknown kind")
        return Fraction(above, below)

    def _decimal(self, text: object) -> Decimal:
        if type(text) is not str or len(text) > 1000:
            raise ChannelError("a decimal number of an unknown kind")
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ChannelError("a decimal number of an unknown kind") from None

    def _own(self, number: object) -> object:
        return self._peer.handles.own(number)

    def _again(self, number: object) -> Container:
        if self._frame is None:
            raise ChannelError("nothing to refer to")
        return self._frame.container(number)

    def _same(self, number: object) -> object:
        return self._peer.handles.array(number).value

    def _view(self, number: object, *view: object) -> np.ndarray:
        return view_from_data(self._peer.handles.array(number).array, *view)

    def _array(self, number: object, *data: object) -> np.ndarray:
        array = array_from_data(*data)
        if number is not None:
            self._peer.handles.take_in(number, array)
        return array

    def _tensor(self, number: object, *data: object) -> np.ndarray | torch.Tensor:
        if "torch" not in sys.modules:
            return self._array(number, *data)
        import torch

        array = array_from_data(*data)
        tensor = torch.from_numpy(array)
        if number is not None:
            self._peer.handles.take_in(number, array, tensor)
        return tensor

    def _object(self, number: object, what: object, name: object) -> object:
        if not isinstance(what, str) or not isinstance(name, str):
            raise ChannelError("an object of an unknown kind")
        known = what if what in KINDS else "object"
        path = name if known == "object" else self._path
        kind, peer, short = class_for(name if known == "object" else known), self._peer, name[:80]
        return peer.handles.stand_in(number, lambda n: kind(peer, n, known, short, path))

    def _global(self, module: object, name: object) -> object:
        if not isinstance(module, str) or not isinstance(name, str):
            raise ChannelError("a name that is no text")
        if self._peer.trusted:
            found: object = importlib.import_module(module)
        elif (module, name) in _KNOWN and module in sys.modules:
            found = sys.modules[module]
        else:
            raise ChannelError("a name that may not be asked for")
        for part in name.split("."):
            found = getattr(found, part)
        return found


_INLINE: dict[tuple[str, int], Callable[..., object]] = {
    ("fraction", 3): Inline._fraction,
    ("decimal", 2): Inline._decimal,
    ("own", 2): Inline._own,
    ("again", 2): Inline._again,
    ("same", 2): Inline._same,
    ("view", 6): Inline._view,
    ("array", 6): Inline._array,
    ("tensor", 6): Inline._tensor,
    ("object", 4): Inline._object,
    ("global", 3): Inline._global,
}


def _is_tensor(value: object) -> TypeGuard[torch.Tensor]:
    found = sys.modules.get("torch")
    return found is not None and isinstance(value, found.Tensor)


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
