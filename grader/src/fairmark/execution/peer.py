"""Objects of one process used from another: stand-ins, live arrays, calls.

Data are copied. An array is copied too, but both sides remember it as one and the same:
before each message, what has changed in it is sent along, so that a change in place is
seen on the other side, and an array that is passed back is the object that it came from.
Anything else stays where it is; the other side gets a stand-in that can be called, asked
for attributes and items, and passed back.

The checks' side is the one that must not be led. It takes from the student's side data
and stand-ins, nothing else, and of its own objects it hands out only what a check has
passed to a call: a function to be called, an object whose public methods may be called.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import types
import weakref
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np

from fairmark.course_package import names_of_course_packages

from .wire import (
    MOST_ROWS,
    ChannelError,
    Closed,
    Link,
    NotData,
    Reader,
    Writer,
    array_of,
    flat,
    flat_rows,
    plain_dtype,
    read_dtype,
    unflat,
    unflat_rows,
)

#: From this size on, a checksum is kept of an array, not a second copy.
_LARGE = 2**20
#: Smaller arrays than that are followed only as long as the student's side holds them too.
_SMALL = 2**16
#: Begins a message in the short form, which holds numbers only; no head is so long.
_SHORT = b"\xff\xff\xff\xff"
#: Calls within calls, back and forth.
_DEEPEST = 30


class Lost(BaseException):
    """The other process has gone, or sent nonsense; no ``except Exception`` hides it."""


class Interrupted(BaseException):
    """The other process was interrupted because its time was over."""


class StudentError(Exception):
    """An exception of the student's whose class the checks do not know."""


class StandIn:
    """An object of the other process.

    It has no state of its own that could be forged: comparison is by identity, and its
    truth value is true.
    """

    __slots__ = ("__weakref__", "_fairmark_")

    def __init__(self, peer: Peer, number: int, what: str, name: str, path: str):
        object.__setattr__(self, "_fairmark_", (peer, number, what, name, path))

    def __call__(self, *args, **kwargs):
        """Call the object in its own process."""
        peer, number, what, name, _ = _inside(self)
        if not kwargs:
            short = flat(args)
            if short is not None:
                return peer.ask_shortly(number, args, short, name if what == "class" else "")
        return peer.ask("call", (number, args, kwargs), name if what == "class" else "")

    def __call_each__(self, rows: list[tuple], then: Callable) -> list:
        """Call the object once for each row; see `fairmark.course_package`."""
        peer, number, what, name, _ = _inside(self)
        found: list = []
        for start in range(0, len(rows), MOST_ROWS):
            part = rows[start : start + MOST_ROWS]
            found += map(then, peer.ask_each(number, part, name if what == "class" else ""))
        return found

    def __getattr__(self, name: str):
        peer, number, _, _, path = _inside(self)
        if name == "__source__" or (name.startswith("__") and name.endswith("__")):
            return peer.describe(self, name)
        return peer.ask("getattr", (number, name), f"{path}.{name}" if path else "")

    def __setattr__(self, name: str, value) -> None:
        peer, number, *_ = _inside(self)
        peer.ask("setattr", (number, name, value))

    def __getitem__(self, key):
        peer, number, *_ = _inside(self)
        return peer.ask("getitem", (number, key))

    def __setitem__(self, key, value) -> None:
        peer, number, *_ = _inside(self)
        peer.ask("setitem", (number, key, value))

    def __len__(self) -> int:
        peer, number, *_ = _inside(self)
        return int(peer.ask("len", (number,)))

    def __contains__(self, item) -> bool:
        peer, number, *_ = _inside(self)
        return bool(peer.ask("contains", (number, item)))

    def __iter__(self) -> Iterator:
        peer, number, *_ = _inside(self)
        other = peer.ask("iter", (number,))
        while True:
            found = peer.ask("next", (other,))
            if not found:
                return
            yield found[0]

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        _, _, what, name, _ = _inside(self)
        return f"<the student's {what} {name}>"

    def __reduce__(self):
        raise TypeError("a stand-in cannot be copied")


def _inside(stand_in: StandIn) -> tuple:
    return object.__getattribute__(stand_in, "_fairmark_")


_named: dict[str, type] = {}


def _class_for(name: str) -> type:
    """Return a class of stand-ins with the name of the student's class, for messages."""
    if not name.isidentifier() or len(name) > 60:
        return StandIn
    if name not in _named:
        if len(_named) > 500:
            return StandIn
        _named[name] = type(name, (StandIn,), {"__slots__": ()})
    return _named[name]


class _Tracked:
    """An array that both sides know.

    Attributes
    ----------
    get : callable
        Returns the array, or None when it is no longer there.
    """

    __slots__ = ("_kept", "get")

    def __init__(self, get: Callable, array: np.ndarray):
        self.get = get
        self.keep(array)

    def keep(self, array: np.ndarray) -> None:
        self._kept = _content(array)

    def changed(self, array: np.ndarray) -> bool:
        now = _content(array)
        if now == self._kept:
            return False
        self._kept = now
        return True


def _content(array: np.ndarray) -> object:
    if array.nbytes < _LARGE:
        return array.shape, array.dtype, array.tobytes()
    flat = array if array.flags.c_contiguous else np.ascontiguousarray(array)
    view = memoryview(flat.reshape(-1).view(np.uint8))
    return array.shape, array.dtype, zlib.crc32(view), zlib.adler32(view)


def _references(held: dict, number: int) -> int:
    return sys.getrefcount(held[number])


def _count_of_lone() -> int:
    """Count the references to an array that is held as `Peer` holds it, and by nobody else."""
    held: dict = {}
    getters = []

    def hold(array: np.ndarray) -> None:
        held[0] = array
        getters.append(lambda: array)

    hold(np.empty(1))
    return _references(held, 0)


_LONE = _count_of_lone()


class _Frame:
    """What belongs to one request: the lists and dicts among its arguments."""

    def __init__(self):
        self.containers: list = []
        self.numbers: dict[int, int] = {}
        self.before: list = []

    def add(self, container: object) -> int:
        self.numbers[id(container)] = len(self.containers)
        self.containers.append(container)
        return len(self.containers) - 1

    def remember(self) -> None:
        self.before = [_shallow(container) for container in self.containers]


def _shallow(container) -> list:
    return list(container.items()) if isinstance(container, dict) else list(container)


def _same(one: list, other: list) -> bool:
    if len(one) != len(other):
        return False
    for a, b in zip(one, other, strict=True):
        if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b) == 2:
            if a[0] is not b[0] or a[1] is not b[1]:
                return False
        elif a is not b:
            return False
    return True


class Peer:
    """One end of the channel.

    Parameters
    ----------
    link : Link
        To the other end.
    trusted : bool
        True on the student's side: what comes in is the checks', and may do anything.
        False on the checks' side.
    printed : callable, optional
        Returns what was printed since the last call of it, as (name, text) pairs, and
        forgets it.
    has_printed : callable, optional
        Tells whether there is something of that kind.
    show : callable, optional
        Gets such pairs from the other side.
    source_of : callable, optional
        Gets the path of a stand-in (``f1``, ``Net.forward``) and returns its source, or None.
    frames_of : callable, optional
        Gets a traceback and returns the student's lines in it.
    """

    def __init__(
        self,
        link: Link,
        *,
        trusted: bool,
        printed: Callable[[], list] | None = None,
        has_printed: Callable[[], bool] | None = None,
        show: Callable[[list], None] | None = None,
        source_of: Callable[[str], str | None] | None = None,
        frames_of: Callable[[object], list] | None = None,
    ):
        self.link = link
        self.trusted = trusted
        self._printed = printed or (lambda: [])
        self._has_printed = has_printed or (lambda: bool(printed))
        self._show = show or (lambda pieces: None)
        self._source_of = source_of or (lambda path: None)
        self._frames_of = frames_of or (lambda trace: [])
        self._objects: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._next = 1
        self._arrays: dict[int, _Tracked] = {}
        self._array_numbers: dict[int, int] = {}
        self._next_array = 2 if trusted else 1
        self._strong: dict[int, np.ndarray] = {}
        self._released: list[tuple[str, int]] = []
        self._stand_ins: dict[int, weakref.ref] = {}
        #: On the student's side: the names that checks may use.
        self.namespace: dict = {}
        self._frames: list[_Frame] = []
        self._path = ""
        self.lost = self.broken = False
        self._operations = _OPERATIONS if trusted else _FEW_OPERATIONS

    # -- asking -----------------------------------------------------------
    def ask(self, operation: str, arguments: tuple, path: str = ""):
        """Let the other side do something, and return what it returns.

        Raises
        ------
        Lost
            When the other side has gone.
        Exception
            What it raised there.
        """
        return self._ask(lambda frame: self._send("?", (operation, arguments), frame), path)

    def ask_shortly(self, number: int, args: tuple, short: bytes, path: str):
        """Call an object with numbers alone."""
        if self._released or self._changes():
            return self.ask("call", (number, args, {}), path)
        message = _SHORT + b"?" + number.to_bytes(4, "little") + short
        return self._ask(lambda frame: self.link.send(message), path)

    def ask_each(self, number: int, rows: list[tuple], path: str) -> list:
        """Call an object once for each row of arguments, which go across as copies."""
        short = None if self._released or self._changes() else flat_rows(rows)
        if short is not None:
            message = _SHORT + b"*" + number.to_bytes(4, "little") + short
            found = self._ask(lambda frame: self.link.send(message), path, many=True)
        else:
            found = self.ask("each", (number, self.copied(rows)), path)
        try:
            values = found.values if type(found) is _Answers else None
            if len(_checked_list(found if values is None else values)) != len(rows):
                raise ChannelError("another number of results")
            return [self.uncopied(item) for item in found] if values is None else values
        except ChannelError as error:
            self.lost = self.broken = True
            raise Lost(f"the student's process has broken the rules ({error})") from None

    def copied(self, value: object) -> bytes:
        """Write a value whose arrays and containers are copies that nobody follows."""
        return Writer(self._outline_copied).dumps(value)

    def uncopied(self, data: object) -> object:
        """Read what `copied` wrote."""
        if not isinstance(data, bytes):
            raise ChannelError("a message of an unknown form")
        return Reader(lambda outlined: self._inline(outlined, None)).loads(data)

    def _outline_copied(self, value: object) -> tuple | None:
        if isinstance(value, np.ndarray) and plain_dtype(value.dtype):
            return None
        return self._outline(value, "=", None)

    def _changes(self) -> bool:
        """Tell whether there is an array that may have changed."""
        return bool(self._arrays)

    def _ask(self, send: Callable, path: str, many: bool = False):
        if self.lost:
            raise Lost("the student's process has ended")
        frame = _Frame()
        self._frames.append(frame)
        try:
            send(frame)
            while True:
                kind, body, printed, frames = self._receive(frame, path)
                if printed:
                    self._show(printed)
                if kind == "?":
                    self._answer(body)
                elif kind == "=":
                    result, changed = _checked(body, 2)
                    if type(result) is _Answers and not many:
                        raise ChannelError("many answers to one question")
                    self.follow_changes(changed, frame)
                    return result
                elif kind == "!":
                    self._raise(body, frames)
                else:
                    raise ChannelError("unknown kind of message")
        except ChannelError as error:
            self.lost, self.broken = True, not isinstance(error, Closed)
            how = "broken the rules" if self.broken else "ended"
            raise Lost(f"the student's process has {how} ({error})") from None
        finally:
            self._frames.pop()

    def serve_one(self) -> None:
        """Wait for a request and answer it."""
        kind, body, _, _ = self._receive(None, "")
        if kind != "?":
            raise ChannelError("an answer without a question")
        self._answer(body)

    # -- messages ---------------------------------------------------------
    def _send(self, kind: str, body: object, frame: _Frame | None, extra: tuple = ()) -> None:
        body_bytes = Writer(lambda value: self._outline(value, kind, frame)).dumps(body)
        changed = []
        for number, entry in list(self._arrays.items()):
            array = entry.get()
            if array is not None and entry.changed(array):
                changed.append((number, array.dtype.str, array.shape, array.tobytes()))
        released, self._released = self._released, []
        if self.trusted:
            released += self._let_go_of_arrays()
        head = Writer().dumps((kind, released, changed, self._printed(), list(extra)))
        self.link.send(len(head).to_bytes(4, "little") + head + body_bytes)

    def _receive(self, frame: _Frame | None, path: str) -> tuple:
        data = self.link.receive()
        if data[:4] == _SHORT:
            return self._receive_short(data)
        size = int.from_bytes(data[:4], "little")
        if len(data) < 4 or size > len(data) - 4:
            raise ChannelError("a message ends too early")
        head = Reader().loads(data[4 : 4 + size])
        kind, released, changed, printed, extra = _checked(head, 5)
        for item in _checked_list(changed):
            self._apply(item)
        self._release(released)
        if kind == "?":
            frame = _Frame()
            note = frame.add
        else:
            note = None
        self._path = path
        body = Reader(lambda outlined: self._inline(outlined, frame), note).loads(data[4 + size :])
        if kind == "?":
            body = (body, frame)
        return kind, body, _checked_list(printed), _checked_list(extra)

    def _receive_short(self, data: bytes) -> tuple:
        if data[4:5] == b"=":
            return "=", (unflat(data, 5), []), None, []
        if data[4:5] == b"+":
            return "=", (_Answers(unflat_rows(data, 5)), []), None, []
        if data[4:5] == b"*":
            arguments = (int.from_bytes(data[5:9], "little"), unflat_rows(data, 9))
            return "?", (("each", arguments), _Frame()), None, []
        if data[4:5] != b"?" or len(data) < 10:
            raise ChannelError("unknown kind of message")
        arguments = (int.from_bytes(data[5:9], "little"), unflat(data, 9), {})
        if not isinstance(arguments[1], tuple):
            raise ChannelError("unknown kind of message")
        return "?", (("call", arguments), _Frame()), None, []

    def _reply(self, kind: str, reply: tuple, frame: _Frame, frames: tuple) -> None:
        """Send an answer, in the short form where it is numbers and nothing else is to tell."""
        if kind == "=" and not reply[1] and not self._released and not self._arrays:
            rows = type(reply[0]) is _Rows
            short = reply[0].short if rows else flat(reply[0])
            if short is not None and not self._has_printed():
                self.link.send(_SHORT + (b"+" if rows else b"=") + short)
                return
        if type(reply[0]) is _Rows:
            written = reply[0].results
            if reply[0].short is not None:
                written = [self.copied(result) for result in written]
            reply = (written, reply[1])
        self._send(kind, reply, frame, frames)

    def _answer(self, request: tuple) -> None:
        (operation, arguments), frame = _checked(request[0], 2), request[1]
        if not isinstance(operation, str):
            raise ChannelError("this cannot be asked for")
        action = self._operations.get(operation)
        if action is None and operation in _OPERATIONS:
            action = _refused
        if action is None:
            raise ChannelError("this cannot be asked for")
        if len(self._frames) > _DEEPEST:
            action = _too_deep
        frame.remember()
        self._frames.append(frame)
        try:
            result = action(self, *_checked(arguments, None))
            reply, kind, frames = (result, self._changed(frame)), "=", ()
        except (Lost, ChannelError):
            raise
        except BaseException as error:  # noqa: BLE001  (whatever it is, the asker gets it)
            reply, kind = self._description(error), "!"
            frames = self._frames_of(error.__traceback__)
            error.__traceback__ = None
        try:
            self._reply(kind, reply, frame, tuple(frames))
        except (TypeError, ValueError, MemoryError, RecursionError) as error:
            # It is no data, lies about its class, or is too large. Nothing was sent yet.
            self._send("!", self._description(error), frame)
        finally:
            self._frames.pop()

    def _changed(self, frame: _Frame) -> list:
        """List the arguments that are lists, dicts or sets and were changed in place."""
        found = []
        for number, container in enumerate(frame.containers):
            if not _same(frame.before[number], now := _shallow(container)):
                found.append((number, now))
        return found

    # -- objects to data --------------------------------------------------
    def _outline(self, value: object, kind: str, frame: _Frame | None) -> tuple | None:
        if isinstance(value, StandIn):
            peer, number, *_ = _inside(value)
            if peer is not self:
                raise NotData("an object of a process that has ended cannot be used")
            return ("own", number)
        if isinstance(value, np.ndarray) and plain_dtype(value.dtype):
            return self._outline_array(value, "array")
        if isinstance(value, (list, dict, set)):
            return self._outline_container(value, kind, frame)
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
            return self._outline_tensor(value)
        return self._outline_object(value)

    def _outline_container(self, value, kind: str, frame: _Frame | None) -> tuple | None:
        if frame is None:
            return None
        number = frame.numbers.get(id(value))
        if number is not None:
            return ("again", number)
        if kind == "?":
            frame.add(value)
        return None

    def _outline_array(self, array: np.ndarray, kind: str) -> tuple:
        number = self._number_of(array)
        if number is not None:
            return ("same", number)
        base = array.base
        if isinstance(base, np.ndarray) and array.size:
            number = self._number_of(base)
            if number is not None:
                offset = _address(array) - _address(base)
                if base.flags.c_contiguous and offset >= 0:
                    return ("view", number, array.dtype.str, array.shape, array.strides, offset)
        number = self._next_array
        self._next_array += 2
        plain = np.asarray(array)
        flags = ("F" if plain.flags.f_contiguous and not plain.flags.c_contiguous else "C") + (
            "" if plain.flags.writeable else "r"
        )
        data = plain.tobytes(order=flags[0])
        self._track(number, array)
        return (kind, number, flags, plain.dtype.str, plain.shape, data)

    def _number_of(self, array: np.ndarray) -> int | None:
        number = self._array_numbers.get(id(array))
        entry = self._arrays.get(number)
        return number if entry is not None and entry.get() is array else None

    def _outline_tensor(self, tensor) -> tuple:
        import torch

        held = tensor.detach().cpu()
        if held.dtype == torch.bfloat16 or held.is_sparse or held.is_quantized:
            held = held.to_dense().float() if held.is_sparse else held.float()
        for number, entry in self._arrays.items():
            array = entry.get()
            if isinstance(array, np.ndarray) and getattr(entry.get, "tensor", None) is tensor:
                return ("same", number)
        array = held.numpy()
        outlined = self._outline_array(array, "tensor")
        if outlined[0] == "tensor":
            self._hold_tensor(outlined[1], array, tensor)
        return outlined

    def _hold_tensor(self, number: int, array: np.ndarray, tensor) -> None:
        """Remember a tensor by the array that shares its memory."""
        entry = self._arrays[number]
        entry.get = _TensorGetter(array, tensor, None if self.trusted else self._forget(number))

    def _outline_object(self, value: object) -> tuple:
        name = _global_name(value)
        if name is not None and (self.trusted is False or _is_known(name)):
            return ("global", *name)
        if not self.trusted:
            _refuse_dangerous(value)
        number = self._numbers.get(id(value))
        if number is None:
            number, self._next = self._next, self._next + 1
            self._numbers[id(value)] = number
            self._objects[number] = value
        what, own = _what(value)
        return ("object", number, what, own)

    # -- data to objects --------------------------------------------------
    def _inline(self, outlined: tuple, frame: _Frame | None) -> object:
        if not outlined or not isinstance(outlined[0], str):
            raise ChannelError("an object without a kind")
        method = _INLINE.get((outlined[0], len(outlined)))
        if method is None:
            raise ChannelError("unknown kind of object")
        return method(self, frame, *outlined[1:])

    def _inline_fraction(self, frame, above, below):
        if type(above) is not int or type(below) is not int or below <= 0:
            raise ChannelError("a fraction of an unknown kind")
        return Fraction(above, below)

    def _inline_decimal(self, frame, text):
        if type(text) is not str or len(text) > 1000:
            raise ChannelError("a decimal number of an unknown kind")
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ChannelError("a decimal number of an unknown kind") from None

    def _inline_own(self, frame, number):
        if number not in self._objects:
            raise ChannelError("an object that was never handed over")
        return self._objects[number]

    def _inline_again(self, frame, number):
        if frame is None or not isinstance(number, int):
            raise ChannelError("nothing to refer to")
        if not 0 <= number < len(frame.containers):
            raise ChannelError("nothing to refer to")
        return frame.containers[number]

    def _inline_same(self, frame, number):
        entry = self._arrays.get(number) if isinstance(number, int) else None
        array = entry.get() if entry is not None else None
        if array is None:
            raise ChannelError("an array that was never handed over")
        tensor = getattr(entry.get, "tensor", None)
        return array if tensor is None else tensor

    def _inline_view(self, frame, number, dtype, shape, strides, offset):
        entry = self._arrays.get(number) if isinstance(number, int) else None
        base = entry.get() if entry is not None else None
        if not isinstance(base, np.ndarray) or not base.flags.c_contiguous:
            raise ChannelError("a view of nothing")
        try:
            kind = read_dtype(dtype)
            return np.ndarray(shape, kind, base, offset, strides)
        except (TypeError, ValueError, OverflowError):
            raise ChannelError("a view that leaves its array") from None

    def _inline_array(self, frame, number, flags, dtype, shape, data):
        array = self._new_array(number, flags, dtype, shape, data)
        self._track(number, array)
        return array

    def _inline_tensor(self, frame, number, flags, dtype, shape, data):
        array = self._new_array(number, flags, dtype, shape, data)
        if "torch" not in sys.modules:
            self._track(number, array)
            return array
        import torch

        tensor = torch.from_numpy(array)
        self._track(number, array)
        self._hold_tensor(number, array, tensor)
        return tensor

    def _new_array(self, number, flags, dtype, shape, data) -> np.ndarray:
        wrong = not isinstance(number, int) or number % 2 != (1 if self.trusted else 0)
        if wrong or number in self._arrays or not isinstance(data, bytes):
            raise ChannelError("an array with a wrong number")
        if flags not in ("C", "F", "Cr", "Fr") or not isinstance(shape, tuple):
            raise ChannelError("an array of an unknown kind")
        if len(shape) > 32 or not all(type(length) is int for length in shape):
            raise ChannelError("an array with a wrong shape")
        array = array_of(data, read_dtype(dtype), shape, flags[0])
        if flags.endswith("r"):
            array.flags.writeable = False
        return array

    def _inline_object(self, frame, number, what, name):
        if not (isinstance(number, int) and isinstance(what, str) and isinstance(name, str)):
            raise ChannelError("an object of an unknown kind")
        what = what if what in ("function", "class", "module", "object") else "object"
        path = self._path or (name if what == "object" else "")
        if what == "object":
            path = name
        known = self._stand_ins.get(number)
        stand_in = known() if known is not None else None
        if stand_in is None:
            kind = _class_for(name if what == "object" else what)
            stand_in = kind(self, number, what, name[:80], path)
            self._stand_ins[number] = weakref.ref(stand_in, self._let_go(number))
            if ("object", number) in self._released:
                self._released.remove(("object", number))
        return stand_in

    def _let_go(self, number: int) -> Callable:
        def gone(reference):
            if self._stand_ins.get(number) is reference:
                del self._stand_ins[number]
                self._released.append(("object", number))

        return gone

    def _inline_global(self, frame, module, name):
        if not isinstance(module, str) or not isinstance(name, str):
            raise ChannelError("a name that is no text")
        if self.trusted:
            found = importlib.import_module(module)
        elif _is_known((module, name)) and module in sys.modules:
            found = sys.modules[module]
        else:
            raise ChannelError("a name that may not be asked for")
        for part in name.split("."):
            found = getattr(found, part)
        return found

    # -- arrays -----------------------------------------------------------
    def _track(self, number: int, array: np.ndarray) -> None:
        self._array_numbers[id(array)] = number
        if self.trusted:
            # Kept until the checks let go of it.
            self._strong[number] = array
            self._arrays[number] = _Tracked(lambda: array, array)
        else:
            reference = weakref.ref(array, self._forget(number, id(array)))
            self._arrays[number] = _Tracked(reference, array)

    def _forget(self, number: int, address: int | None = None) -> Callable:
        def gone(_):
            followed = self._arrays.pop(number, None) is not None
            if address is not None and self._array_numbers.get(address) == number:
                del self._array_numbers[address]
            if followed:
                self._released.append(("array", number))

        return gone

    def _let_go_of_arrays(self) -> list[tuple[str, int]]:
        """Forget small arrays that nothing but this object holds; list them for the checks.

        The student's code has no way to them any more: it can neither change them nor see
        a change. If a check hands one over again, it comes as a new one.
        """
        found = []
        for number in list(self._strong):
            plain = self._strong[number].base is None and self._strong[number].nbytes < _SMALL
            if plain and _references(self._strong, number) <= _LONE:
                del self._arrays[number]
                self._array_numbers.pop(id(self._strong.pop(number)), None)
                found.append(("array", number))
        return found

    def _follow_no_more(self, number: int) -> None:
        entry = self._arrays.pop(number, None)
        array = entry.get() if entry is not None else None
        if array is not None and self._array_numbers.get(id(array)) == number:
            del self._array_numbers[id(array)]

    def _release(self, released: object) -> None:
        for item in _checked_list(released):
            kind, number = _checked(item, 2)
            if not self.trusted:
                if kind == "array" and isinstance(number, int):
                    self._follow_no_more(number)
            elif kind == "array":
                array = self._strong.pop(number, None)
                self._arrays.pop(number, None)
                if array is not None:
                    self._array_numbers.pop(id(array), None)
            elif kind == "object":
                value = self._objects.pop(number, None)
                self._numbers.pop(id(value), None)

    def _apply(self, item: object) -> None:
        number, dtype, shape, data = _checked(item, 4)
        entry = self._arrays.get(number) if isinstance(number, int) else None
        array = entry.get() if entry is not None else None
        if array is None:
            return
        if array.dtype.str != dtype or array.shape != shape or not isinstance(data, bytes):
            return
        if len(data) != array.nbytes or not array.flags.writeable:
            return
        array[...] = np.frombuffer(data, array.dtype).reshape(array.shape)
        entry.keep(array)

    # -- exceptions -------------------------------------------------------
    def _description(self, error: BaseException) -> tuple:
        names = [f"{c.__module__}.{c.__qualname__}" for c in type(error).__mro__][:20]
        try:
            text = str(error)[:10_000]
        except Exception:  # noqa: BLE001  (a student's __str__ may raise anything)
            text = ""
        args = list(error.args[:5]) if isinstance(error.args, tuple) else []
        if not all(type(a) in (float, bool, type(None)) or _is_short(a) for a in args):
            args = [text]
        return (names, text, args)

    def _raise(self, body: object, frames: list) -> None:
        names, text, args = _checked(body, 3)
        names = [str(name)[:200] for name in _checked_list(names)]
        if "builtins.KeyboardInterrupt" in names:
            raise Interrupted("the student's code was interrupted: its time is over")
        error = _exception(names, str(text)[:10_000], _checked_list(args))
        error.fairmark_frames = [str(line)[:200] for line in frames[:50]]
        raise error

    # -- what a stand-in tells about itself --------------------------------
    def describe(self, stand_in: StandIn, name: str):
        """Return an attribute with two underscores, made on this side."""
        _, _, what, own, path = _inside(stand_in)
        if name == "__name__" and what != "object":
            return path.rpartition(".")[2] or own
        if name == "__qualname__" and what != "object":
            return path or own
        if name in ("__source__", "__signature__", "__doc__"):
            source = self._source_of(path) if path else None
            if source is not None and name == "__source__":
                return source
            if source is not None and name == "__signature__" and what == "function":
                from .names import signature_of

                signature = signature_of(source)
                if signature is not None:
                    return signature
            if name == "__doc__":
                return None
        raise AttributeError(name)

    def follow_changes(self, changed: object, frame: _Frame) -> None:
        """Bring the lists, dicts and sets of a request into step with the other side."""
        for item in _checked_list(changed):
            number, content = _checked(item, 2)
            if not isinstance(number, int) or not 0 <= number < len(frame.containers):
                raise ChannelError("nothing to refer to")
            container = frame.containers[number]
            content = _checked_list(content)
            if isinstance(container, list):
                container[:] = content
            else:
                try:
                    renewed = type(container)(content)
                except (TypeError, ValueError):
                    raise ChannelError("a changed argument is broken") from None
                container.clear()
                container.update(renewed)


def _is_short(value: object) -> bool:
    if type(value) is str:
        return len(value) <= 10_000
    return type(value) is int and abs(value) < 2**63


class _TensorGetter:
    """Gets the array that shares memory with a tensor."""

    def __init__(self, array: np.ndarray, tensor, gone: Callable | None):
        self._array = array
        # A tensor of the checks' side must be free to go.
        self._weak = weakref.ref(tensor, gone) if gone is not None else None
        self._tensor = None if gone is not None else tensor

    @property
    def tensor(self):
        return self._tensor if self._weak is None else self._weak()

    def __call__(self):
        return self._array if self.tensor is not None else None


def _is_tensor(value: object) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def _global_name(value: object) -> tuple[str, str] | None:
    """Return module and name of a class, function or module that both sides can import."""
    if isinstance(value, types.ModuleType):
        return None
    module = getattr(value, "__module__", None)
    if isinstance(value, np.ufunc):
        module = "numpy"
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    kinds = (type, types.FunctionType, types.BuiltinFunctionType, np.ufunc)
    if not isinstance(value, kinds) or not isinstance(module, str) or not isinstance(name, str):
        return None
    found = sys.modules.get(module)
    if module == "__main__" or found is None or "<" in name:
        return None
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is value else None


#: Classes that the student's side may name: types of numbers and of exceptions.
_KNOWN = frozenset(
    [("builtins", kind.__name__) for kind in (int, float, complex, bool, str, bytes, list, tuple)]
    + [("builtins", "dict"), ("builtins", "set"), ("builtins", "object")]
    + [("numpy", kind.__name__) for kind in set(np.sctypeDict.values())]
    + [("numpy", "ndarray")]
)


def _is_known(name: tuple[str, str]) -> bool:
    return name in _KNOWN


def _refuse_dangerous(value: object) -> None:
    if isinstance(value, (types.ModuleType, type, types.FrameType, types.CodeType)):
        raise NotData(f"a check cannot hand over {value!r:.80}")


def _what(value: object) -> tuple[str, str]:
    kind = type(value)
    if isinstance(value, type):
        return "class", type.__getattribute__(value, "__name__")[:80]
    if isinstance(value, types.ModuleType):
        return "module", str(value.__dict__.get("__name__", ""))[:80]
    if isinstance(value, (types.FunctionType, types.MethodType, types.BuiltinFunctionType)):
        return "function", str(value.__name__)[:80]
    return "object", kind.__name__[:80]


def _checked(value: object, length: int | None) -> tuple:
    if not isinstance(value, tuple) or (length is not None and len(value) != length):
        raise ChannelError("a message of an unknown form")
    return value


def _checked_list(value: object) -> list:
    if not isinstance(value, list):
        raise ChannelError("a message of an unknown form")
    return value


def _exception(names: list[str], text: str, args: list) -> Exception:
    """Make the exception that the student's code raised, of a class known here."""
    own = names[0] if names else ""
    short = own.rpartition(".")[2]
    bases = [found for name in names if (found := _known_exception(name))] or [Exception]
    for base in bases:
        kind = base if _known_exception(own) is base else _derived(short, base)
        for given in (args, [text]):
            try:
                error = kind(*given)
                if str(error) == text or given is not args:
                    return error
            except Exception:  # noqa: BLE001  (some classes want arguments of their own)
                continue
    return StudentError(f"{short}: {text}")


def _known_exception(name: str) -> type | None:
    module, _, own = name.rpartition(".")
    if module == "builtins":
        found = getattr(builtins, own, None)
    elif module.partition(".")[0] in names_of_course_packages() and module in sys.modules:
        found = vars(sys.modules[module]).get(own)
    else:
        return None
    if isinstance(found, type) and issubclass(found, Exception):
        return found
    return None


_derivations: dict[tuple, type] = {}


def _derived(name: str, base: type) -> type:
    name = name if name.isidentifier() else "StudentError"
    key = (name[:80], base)
    if key not in _derivations:
        if len(_derivations) > 200:
            return StudentError
        bases = (StudentError,) if base is Exception else (StudentError, base)
        try:
            _derivations[key] = type(name[:80], bases, {})
        except TypeError:
            _derivations[key] = StudentError
    return _derivations[key]


# -- what can be asked for ---------------------------------------------------
def _object(peer: Peer, number: object) -> object:
    if not isinstance(number, int) or number not in peer._objects:
        raise ChannelError("an object that was never handed over")
    return peer._objects[number]


def _call(peer: Peer, number, args, kwargs):
    return _object(peer, number)(*args, **kwargs)


class _Rows:
    """The results of many calls, on their way back.

    Attributes
    ----------
    results : list
        Written down right after its call, unless it is numbers: a function may return
        the same array every time, with other numbers in it.
    short : bytes or None
        All of them in the short form, where they have it.
    """

    def __init__(self, results: list, short: bytes | None):
        self.results, self.short = results, short


def _each(peer: Peer, number, rows):
    function = _object(peer, number)
    short = not isinstance(rows, bytes)
    results: list = []
    for row in rows if short else peer.uncopied(rows):
        result = function(*row)
        results.append(result if flat(result) is not None else _Written(peer.copied(result)))
    if short and not any(type(result) is _Written for result in results):
        together = flat_rows(results)
        if together is not None:
            return _Rows(results, together)
    return _Rows([r.data if type(r) is _Written else peer.copied(r) for r in results], None)


class _Answers:
    """Results in the short form, on the side that asked."""

    def __init__(self, values: list):
        self.values = values


class _Written:
    """A result that is written down already."""

    def __init__(self, data: bytes):
        self.data = data


def _getattr(peer: Peer, number, name):
    return getattr(_object(peer, number), name)


def _setattr(peer: Peer, number, name, value):
    setattr(_object(peer, number), name, value)


def _getitem(peer: Peer, number, key):
    return _object(peer, number)[key]


def _setitem(peer: Peer, number, key, value):
    _object(peer, number)[key] = value


def _len(peer: Peer, number):
    return len(_object(peer, number))


def _contains(peer: Peer, number, item):
    return item in _object(peer, number)


class _Iterator:
    """Keeps an iterator from being taken for data."""

    def __init__(self, inner: Iterator):
        self.inner = inner


def _iter(peer: Peer, number):
    return _Iterator(iter(_object(peer, number)))


def _next(peer: Peer, iterator):
    return [item for item in [next(iterator.inner, peer)] if item is not peer]


def _name(peer: Peer, name):
    return (peer.namespace[name],) if name in peer.namespace else ()


def _set_name(peer: Peer, name, value):
    peer.namespace[name] = value


def _delete_name(peer: Peer, name):
    peer.namespace.pop(name, None)


def _guarded_call(peer: Peer, number, args, kwargs):
    if not isinstance(args, tuple) or not isinstance(kwargs, dict):
        raise ChannelError("a message of an unknown form")
    value = _object(peer, number)
    if not callable(value) or isinstance(value, type):
        raise TypeError("this object of the check cannot be called")
    return value(*args, **kwargs)


def _guarded_getattr(peer: Peer, number, name):
    """Let the student's code use the public methods of an object that a check passed."""
    value = _object(peer, number)
    if not isinstance(name, str) or name.startswith("_") or isinstance(value, types.FunctionType):
        raise AttributeError(f"{name!s:.80} of an object of the check is not open to your code")
    found = getattr(value, name)
    if isinstance(found, (types.MethodType, types.BuiltinMethodType)):
        return found
    if type(found) in (type(None), bool, int, float, complex, str, tuple, list, dict, np.ndarray):
        return found
    raise AttributeError(f"{name:.80} of an object of the check is not open to your code")


def _refused(peer: Peer, *arguments):
    raise AttributeError("this is not open to your code")


def _too_deep(peer: Peer, *arguments):
    raise RecursionError("too many calls within calls")


_OPERATIONS: dict[str, Callable] = {
    "call": _call,
    "each": _each,
    "getattr": _getattr,
    "setattr": _setattr,
    "getitem": _getitem,
    "setitem": _setitem,
    "len": _len,
    "contains": _contains,
    "iter": _iter,
    "next": _next,
    "name": _name,
    "set name": _set_name,
    "delete name": _delete_name,
}
_FEW_OPERATIONS: dict[str, Callable] = {"call": _guarded_call, "getattr": _guarded_getattr}

_INLINE: dict[tuple[str, int], Callable] = {
    ("fraction", 3): Peer._inline_fraction,
    ("decimal", 2): Peer._inline_decimal,
    ("own", 2): Peer._inline_own,
    ("again", 2): Peer._inline_again,
    ("same", 2): Peer._inline_same,
    ("view", 6): Peer._inline_view,
    ("array", 6): Peer._inline_array,
    ("tensor", 6): Peer._inline_tensor,
    ("object", 4): Peer._inline_object,
    ("global", 3): Peer._inline_global,
}
