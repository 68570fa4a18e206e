"""What the grader itself reads of a process, and how much of it."""

from __future__ import annotations

import random
import struct
import time

import numpy as np
import pytest
from grader_support.notebooks import check, run

from fairmark.execution.errors import ChannelError
from fairmark.execution.outputs import read_outputs
from fairmark.execution.replies import read_answer
from fairmark.execution.wire import pack

ANSWER = {
    "number": 3,
    "ok": True,
    "outputs": [
        {"output_type": "stream", "name": "stdout", "text": "größer \ud800 \U0001f600"},
        {"output_type": "execute_result", "data": {"text/plain": "1"}, "execution_count": None},
    ],
    "seconds": 0.5,
    "pairs": (1, b"x", ("y",)),
}
MANY = 400_000
#: All of them have the hash 0.
COLLIDING = b"".join(
    b"I" + struct.pack("<I", 16) + (k * (2**61 - 1)).to_bytes(16, "little") + b"N"
    for k in range(1, MANY)
)
HOSTILE = {
    "nothing": b"",
    "no dict": pack([1]),
    "left over": pack({}) + b"N",
    "array": pack({"number": np.arange(3)}),
    "scalar": pack({"number": np.int64(3)}),
    "set": pack({"outputs": {1, 2}}),
    "long number": pack({"number": 10**30}),
    "key that is a number": pack({1: 2}),
    "keys that collide": b"d" + struct.pack("<I", MANY - 1) + COLLIDING,
    "many empty lists": b"l" + struct.pack("<I", MANY) + b"l\0\0\0\0" * MANY,
    "many dicts": pack({"outputs": [{}] * MANY}),
    "huge list": b"l\xff\xff\xff\xff",
    "huge text": b"s\xff\xff\xff\xffab",
    "broken text": b"s\x02\x00\x00\x00\xff\xfe",
    "deep": b"l\x01\x00\x00\x00" * 10_000 + b"N",
    "object": b"x\x01\x00\x00\x00N",
}


def test_an_answer_arrives_as_it_was():
    assert read_answer(pack(ANSWER)) == ANSWER


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_answers_are_refused_soon(data):
    begun = time.process_time()
    with pytest.raises(ChannelError):
        read_answer(data)
    assert time.process_time() - begun < 5


def test_chance_bytes_raise_nothing_else():
    rng, good, refused = random.Random(3), pack(ANSWER), 0
    for _ in range(5_000):
        data = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            read_outputs(read_answer(bytes(data)).get("outputs"), 1000)
        except ChannelError:
            refused += 1
    assert refused > 1_000


def test_an_honest_cell_with_many_outputs_is_read():
    cell = "import sys\nfor n in range(3000):\n    print(n)\n    print(n, file=sys.stderr)"
    found = run(cell, check("c", "assert True"))
    assert found.points == {"c": 1.0} and found.reason == ""
    assert len(found.notebook.cells[0].outputs) == 6000


def test_outputs_have_a_number_that_is_kept():
    one = {"output_type": "stream", "name": "stdout", "text": ""}
    assert len(read_outputs([one] * 100_000, 50_000)) < 2_000
