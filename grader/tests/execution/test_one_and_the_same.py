"""What is one object within an answer is one object on the other side, too."""

from __future__ import annotations

import pytest
from grader_support.notebooks import check, run

from fairmark.execution.errors import ChannelError
from fairmark.execution.write_back import Frame

pytestmark = pytest.mark.usefixtures("sandbox")

FUNCTIONS = """
def grid(rows, columns):
    return [[0] * columns] * rows

def separate(rows, columns):
    return [[0] * columns for _ in range(rows)]

def shared():
    d = {"a": 1}
    return d, [d, {"d": d}], {1, 2}

def with_given(v):
    return [v, v, [v]]

def round_trip():
    ring = [1]
    ring.append(ring)
    return ring

def refused(v):
    return [v, [1], (k for k in v), object.__subclasses__]

def calls(f):
    row = f()
    return [row, row, f()]

class Wrong(Exception):
    pass

def raises():
    row = [1]
    raise Wrong(row, row)
"""


@pytest.mark.parametrize(
    "text",
    [
        "g = grid(2, 3)\ng[0][1] = 5\nassert g == [[0, 5, 0], [0, 5, 0]] and g[0] is g[1]",
        "g = separate(2, 3)\ng[0][1] = 5\nassert g == [[0, 5, 0], [0, 0, 0]]",
        "d, row, found = shared()\nassert row[0] is d and row[1]['d'] is d and found == {1, 2}",
        "v = [7]\na, b, (c,) = with_given(v)\nassert a is b is c is v",
        "ring = round_trip()\nassert ring[1] is ring and len(ring) == 2",
        "a, b, c = calls(lambda: [1, 2])\nassert a is b and a == c and a is not c",
        "v = [1]\nfor _ in range(3):\n    got = refused(v)\n    assert got[0] is v and got[1] == [1]",
        "try:\n    raises()\nexcept Exception as error:\n    assert error.args == ([1], [1])",
    ],
)
def test_in_a_check(text):
    found = run(FUNCTIONS, check("t", text))
    assert found.points == {"t": 1.0}, found.failures


def test_what_is_only_in_the_answer_cannot_be_said_to_have_changed():
    frame = Frame()
    frame.add([1])
    frame.sent()
    frame.add([2])
    frame.follow([(0, [5])])
    with pytest.raises(ChannelError, match="not handed over"):
        frame.follow([(1, [5])])


def test_numbers_of_a_message_that_was_not_sent_are_given_again():
    frame = Frame()
    first, second, third = [1], [2], [3]
    frame.add(first)
    frame.add(second)
    frame.forget(1)
    frame.add(third)
    assert frame.number_of(second) is None
    assert [frame.number_of(one) for one in (first, third)] == [0, 1]
