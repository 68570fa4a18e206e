"""The wire: what crosses, and what hostile bytes come to."""

from __future__ import annotations

import random
import socket
import struct

import numpy as np
import pytest

from fairmark.execution.errors import ChannelError, Closed, NotData, TooLong
from fairmark.execution.link import Link
from fairmark.execution.short_form import flat, unflat
from fairmark.execution.wire import Writer, pack, unpack

VALUES = [
    None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**63, 10**500, -(10**40), 0.1, float("inf"),
    1 - 2j, "", "äöü \U0001f600", "\ud800", b"", b"\x00\xff", (), (1, (2, "x")), [], [1, [2]], {}, {"a": 1, 2: [3]},
    {1, 2}, frozenset({1}), ..., slice(1, None, 2), np.dtype("float32"),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_cross_unchanged(value):
    found = unpack(pack(value))
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    "dtype", ["f8", "f4", "f2", "i8", "u1", "?", "c16", "U5", "S3", "M8[s]", ">f8"]
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_arrays_cross_unchanged(dtype, shape):
    array = np.zeros(shape, dtype)
    found = unpack(pack(array))
    assert found.dtype == array.dtype and found.shape == shape and found.flags.writeable
    assert np.array_equal(found, array)


def test_order_of_memory_and_scalars():
    columns = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    found = unpack(pack(columns))
    assert np.array_equal(found, columns) and found.flags.f_contiguous
    assert np.array_equal(unpack(pack(np.arange(10)[::-3])), [9, 6, 3, 0])
    for value in (np.float32(1.5), np.int8(-3), np.bool_(True), np.str_("x")):
        assert unpack(pack(value)) == value and type(unpack(pack(value))) is type(value)


class Equal:
    def __eq__(self, other):
        return True

    __hash__ = None


class Sly(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


@pytest.mark.parametrize("value", [object(), Equal(), len, np.array([object()]), type, open])
def test_objects_do_not_cross(value):
    with pytest.raises(NotData):
        pack(value)


def test_a_number_with_a_will_of_its_own_arrives_as_a_number():
    found = unpack(pack(Sly(2.0)))
    assert type(found) is float and found != 3.0


@pytest.mark.parametrize("plain", [5, 2.0, 1 - 2j, "ä", b"\x00"], ids=lambda v: type(v).__name__)
def test_a_derived_class_arrives_as_the_plain_one(plain):
    found = unpack(pack(type("Derived", (type(plain),), {"__slots__": ()})(plain)))
    assert found == plain and type(found) is type(plain)


def test_nesting_has_a_limit():
    deep: list = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(NotData):
        pack(deep)
    with pytest.raises(ChannelError):
        unpack(b"l\x01\x00\x00\x00" * 100_000 + b"N")
    endless: list = []
    endless.append(endless)
    with pytest.raises(NotData):
        pack(endless)


HOSTILE = {
    "nothing": b"",
    "unknown kind": b"?",
    "left over": b"NN",
    "huge list": b"l\xff\xff\xff\xff",
    "huge text": b"s\xff\xff\xff\xffab",
    "huge dict": b"d\xff\xff\xff\xffNN",
    "cut number": b"i\x00\x00",
    "broken text": b"s\x02\x00\x00\x00\xff\xfe",
    "long number": b"I\x01\x20\x00\x00" + bytes(0x2001),
    "set of lists": b"S\x01\x00\x00\x00l\x00\x00\x00\x00",
    "key that is a list": b"d\x01\x00\x00\x00l\x00\x00\x00\x00N",
    "array of objects": b"aC\x02\x00\x00\x00|O\x01" + struct.pack("<q", 1) + b"\x08\x00\x00\x00" + bytes(8),
    "record": b"aC\x03\x00\x00\x00|V8\x01" + struct.pack("<q", 1) + b"\x08\x00\x00\x00" + bytes(8),
    "array too short": b"aC\x03\x00\x00\x00<f8\x01" + struct.pack("<q", 2**40) + b"\x08\x00\x00\x00" + bytes(8),
    "negative axis": b"aC\x03\x00\x00\x00<f8\x02" + struct.pack("<qq", -1, -1) + b"\x08\x00\x00\x00" + bytes(8),
    "empty but huge": b"aC\x03\x00\x00\x00<f8\x02" + struct.pack("<qq", 0, 2**62) + b"\x00\x00\x00\x00",
    "many axes": b"aC\x03\x00\x00\x00<f8\xff" + bytes(8 * 255) + b"\x00\x00\x00\x00",
    "type with a comma": b"y\x07\x00\x00\x00<f8,<f8",
    "object where none may be": b"x\x01\x00\x00\x00N",
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes_are_refused(data):
    with pytest.raises(ChannelError):
        unpack(data)


def test_chance_bytes_raise_nothing_else():
    rng = random.Random(5)
    good = pack({"a": [1, 2.5, np.arange(3), ("x", b"y")], "b": {1, 2}})
    refused = 0
    for _ in range(20_000):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            unpack(bytes(data[: rng.randint(1, len(data))]))
        except ChannelError:
            refused += 1
    assert refused > 10_000


def test_messages_on_a_socket():
    a, b = (Link(s, largest=1000) for s in socket.socketpair())
    a.send(b"x" * 1000)
    assert b.receive() == b"x" * 1000
    with pytest.raises(TooLong):
        b.receive(until=0.0)
    a.send(b"y" * 1001)
    with pytest.raises(ChannelError):
        b.receive()
    a.close()
    with pytest.raises((Closed, ChannelError)):
        while True:
            b.receive()


def test_an_outline_takes_the_place_of_an_object():
    writer = Writer(lambda value: ("object", 7) if isinstance(value, Equal) else None)
    assert b"object" in writer.dumps([Equal()])


@pytest.mark.parametrize(
    "value",
    [1.5, (), (1, 2.0, True, None), (np.float64(2.0), ((3,), ())), None, (float("nan"),)],
    ids=repr,
)
def test_short_form(value):
    found = unflat(b"ab" + flat(value), 2)
    assert repr(found) == repr(value) and type(found) is type(value)


@pytest.mark.parametrize(
    "value", ["x", [1.0], (1, "x"), 2**63, np.zeros(1), Sly(1.0), {}, object()]
)
def test_the_short_form_holds_numbers_only(value):
    assert flat(value) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x05",
        b"\x01f",
        b"\x02ff" + bytes(16),
        b"\x02((",
        b"\x02))",
        b"\x00",
        b"\x01x",
        b"\x01N1",
        b"\xff" + b"(" * 255,
        b"\x03)f(" + bytes(8),
    ],
)
def test_hostile_short_forms_are_refused(data):
    with pytest.raises(ChannelError):
        unflat(data, 0)
