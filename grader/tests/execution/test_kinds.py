"""What crosses as data: its class, its content, and what a call changes in it."""

from __future__ import annotations

import array
import datetime
import decimal
import enum
import fractions
import http
import pathlib
import uuid
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from urllib.parse import SplitResult, urlsplit

import numpy as np
import pytest
from grader_support.across import Across

from fairmark.execution import plain_kinds
from fairmark.execution.arrays import dtype_as_data, dtype_from_data
from fairmark.execution.errors import ChannelError
from fairmark.execution.named import Classes
from fairmark.execution.wire import pack, unpack

STUDENT = """
import collections, enum, typing
import numpy as np

def same(x): return x
def name_of(x): return type(x).__name__
def nested(x): return [x, {"a": (x,)}]
def add(x, *items):
    for item in items:
        x.append(item)
    return x
def put(x, key, value):
    x[key] = value
    return x
def touch(x): x += 1
def fill(x, value): x[...] = value

class Point(typing.NamedTuple):
    x: float
    y: float = 0.0
    def norm(self): return abs(self.x) + abs(self.y)
    def __eq__(self, other): return True
Pair = collections.namedtuple("Pair", "left right")
class Color(enum.Enum):
    RED = 1
    GREEN = (2, "g")
    ALSO_RED = 1
    def __eq__(self, other): return True
    __hash__ = enum.Enum.__hash__
    def next(self): return Color.GREEN
    @property
    def text(self): return self.name.lower()
class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2
    def __eq__(self, other): return True
    __hash__ = int.__hash__
class Mode(enum.Flag):
    R = 4
    W = 2
class Name(str, enum.Enum):
    A = "a"
class Grades(dict):
    pass
class Row(list):
    def __eq__(self, other): return True
    __hash__ = None
class Stack(list):
    def push(self, x): self.append(x)
class Tally(collections.Counter):
    pass
class Wave(np.ndarray):
    def __eq__(self, other): return True
def point(): return Point(1.0, 2.0)
def color(): return Color.ALSO_RED
def which(x): return [one for one in (Color.RED, Color.GREEN) if one is x], isinstance(x, Point), type(x).__name__
def make(name, *args): return globals()[name](*args)
def wave(): return np.arange(3.0).view(Wave)
def counts(): return collections.defaultdict(lambda: 7, a=1)
"""


@pytest.fixture
def across():
    with Across(STUDENT) as both:
        yield both


PLAIN = [
    datetime.date(2024, 2, 29),
    datetime.time(23, 59, 1, 5, fold=1),
    datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
    datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC),
    datetime.time(1, tzinfo=datetime.timezone(datetime.timedelta(hours=-2), "west")),
    datetime.timedelta(-1, 5, 7),
    datetime.UTC,
    pathlib.Path("a/b.txt"),
    pathlib.PurePosixPath("/x"),
    pathlib.PureWindowsPath("c:\\x"),
    decimal.Decimal("1.50"),
    fractions.Fraction(-3, 7),
    range(2, 9, 3),
    slice(1, None, 2),
    frozenset({1, "a"}),
    1 - 2j,
    ...,
    NotImplemented,
    uuid.UUID(int=7),
    bytearray(b"ab"),
    array.array("d", [1.0, 2.5]),
    OrderedDict(b=1, a=2),
    Counter("aab"),
    deque([1, 2], maxlen=3),
    defaultdict(list, a=[1]),
    defaultdict(None, a=1),
    np.float32(0.1),
    np.bool_(True),
    np.datetime64("2024-02-29T01:00", "s"),
    np.timedelta64(5, "m"),
    np.dtype([("a", "f8"), ("b", "i4", (2,))]),
    np.array([(1.5, [1, 2])], dtype=[("a", "f8"), ("b", "i4", (2,))])[0],
    http.HTTPStatus.OK,
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_it_arrives_as_it_was_and_comes_back(across, value):
    assert across["name_of"](value) == type(value).__name__
    found = across["same"](value)
    assert type(found) is type(value) and found == value and repr(found) == repr(value)
    found = across["nested"](value)
    assert found == [value, {"a": (value,)}] and type(found[0]) is type(value)


ARRAYS = {
    "records": np.array([(1.5, 2), (2.5, 3)], dtype=[("a", "f8"), ("b", "i4")]),
    "records with gaps": np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    "records in records": np.zeros((2, 2), [("a", [("x", "f4", (3,)), ("y", "U3")])]),
    "matrix": np.array([[1.0, 2.0]]).view(np.matrix),
    "record array": np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    "masked": np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0], fill_value=9.0),
    "masked without a mask": np.ma.array([1, 2]),
    "objects": np.array([1, "a", None, [1, 2]], dtype=object),
    "objects in rows": np.array([["a", 1], ["b", 2]], dtype=object),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_other_classes_and_types_arrive_as_they_were(across, name):
    value = ARRAYS[name].copy()
    assert across["name_of"](value) == type(value).__name__
    found = across["same"](value)
    assert found is value
    found = across["nested"](value)[0]
    assert type(found) is type(value) and found.dtype == value.dtype
    assert repr(found) == repr(value)


@pytest.mark.parametrize("name", ["records", "matrix", "masked", "objects", "record array"])
def test_arrays_of_other_classes_are_changed_in_place(across, name):
    value = ARRAYS[name].copy()
    new = (7, 8) if value.dtype.names else 7
    expected = value.copy()
    expected[...] = new
    across["fill"](value, new)
    assert repr(value) == repr(expected)


def test_containers_of_the_library_are_changed_in_place(across):
    queue, table = deque([1], maxlen=2), OrderedDict(a=1)
    assert across["add"](queue, 2, 3) is queue and list(queue) == [2, 3]
    assert across["put"](table, "b", [1]) is table and list(table) == ["a", "b"]
    counts, found = Counter("a"), defaultdict(list)
    across["put"](counts, "a", 5)
    across["put"](found, "x", [1])
    assert counts == {"a": 5} and found == {"x": [1]} and found["y"] == []
    data, numbers = bytearray(b"ab"), array.array("d", [1.0])
    across["put"](data, 0, 65)
    across["add"](numbers, 2.0)
    assert data == b"Ab" and numbers.tolist() == [1.0, 2.0]
    items: list = []
    assert across["add"](items, items) is items and items[0] is items


def test_a_view_of_memory_is_one_of_the_same_memory(across):
    numbers = np.arange(3.0)
    across["put"](memoryview(numbers), 0, 7.0)
    assert numbers.tolist() == [7, 1, 2]
    found = across["same"](memoryview(b"abc"))
    assert found.readonly and bytes(found) == b"abc"
    grid = across["same"](memoryview(bytearray(4)).cast("B", (2, 2)))
    assert grid.shape == (2, 2) and not grid.readonly


def test_named_tuples_keep_name_and_fields(across):
    found = across["point"]()
    assert type(found).__name__ == "Point" and isinstance(found, tuple)
    assert found.x == 1.0 and found._fields == ("x", "y") and found._asdict() == {"x": 1, "y": 2}
    assert found._replace(x=3.0) == (3.0, 2.0) and repr(found) == "Point(x=1.0, y=2.0)"
    assert across["which"](found)[1:] == (True, "Point")
    assert type(across["point"]()) is type(found) and across["Point"](5.0).y == 0.0
    pair = across["make"]("Pair", 1, [2])
    assert (pair.left, pair.right) == (1, [2]) and across["same"](pair) == pair
    Own = namedtuple("Own", "a b")
    back = across["same"](Own(1, 2))
    assert back.a == 1 and type(back).__name__ == "Own" == across["name_of"](Own(1, 2))


def test_methods_of_named_tuples_and_members_are_asked_for(across):
    assert across["point"]().norm() == 3.0 and across["Color"].RED.next().name == "GREEN"
    assert across["Color"].GREEN.text == "green"
    for name in ("missing", "_private"):
        with pytest.raises(AttributeError):
            getattr(across["point"](), name)


def test_a_named_tuple_of_a_library_is_one_here_too(across):
    assert type(across["same"](urlsplit("http://a/b"))) is SplitResult


def test_members_of_an_enumeration_keep_their_names(across):
    red = across["color"]()
    assert (red.name, red.value, type(red).__name__) == ("RED", 1, "Color")
    assert red is across["Color"].RED and red is not across["Color"].GREEN
    assert across["Color"].GREEN.value == (2, "g") and across["which"](red)[0] == [red]
    assert across["Level"].HIGH > across["Level"].LOW and across["Level"].HIGH + 1 == 3
    both = across["same"](across["Mode"].R | across["Mode"].W)
    assert both.value == 6 and across["Name"].A == "a" and across["Name"].A.upper() == "A"
    Own = enum.Enum("Own", "A B")
    assert across["same"](Own.B).name == "B"


def test_what_the_students_class_says_of_itself_does_not_cross(across):
    assert across["point"]() != (1.0, 3.0) and across["Color"].RED != across["Color"].GREEN
    assert across["color"]() != 2 and across["Level"].LOW != 2
    assert across["make"]("Row", [1]) != [2] and across["make"]("Row", [1]) == [1]
    assert not (across["wave"]() == 5).any() and type(across["wave"]()) is np.ndarray


def test_containers_of_the_students_own_class_keep_its_name(across):
    grades = across["make"]("Grades", {"a": 1})
    assert type(grades).__name__ == "Grades" and isinstance(grades, dict) and grades == {"a": 1}
    assert across["name_of"](grades) == "Grades" and across["put"](grades, "b", 2) is grades
    assert grades == {"a": 1, "b": 2}
    tally = across["make"]("Tally", "aab")
    assert isinstance(tally, Counter) and tally.most_common(1) == [("a", 2)]
    stack = across["make"]("Stack")
    stack.push(3)
    assert len(stack) == 1 and stack[0] == 3 and stack.pop() == 3


def test_the_factory_of_a_dict_is_the_students(across):
    found = across["counts"]()
    assert type(found) is defaultdict and found["a"] == 1 and found["x"] == 7


LIES = {
    "a method for a field": ("named tuple", "__main__", "P", ("__eq__",), (1,)),
    "a class for a field": ("named tuple", "__main__", "P", ("__class__",), (1,)),
    "a field that is no name": ("named tuple", "__main__", "P", ("a b",), (1,)),
    "a field twice": ("named tuple", "__main__", "P", ("a", "a"), (1, 2)),
    "too few items": ("named tuple", "__main__", "P", ("a", "b"), (1,)),
    "no fields": ("named tuple", "__main__", "P", 3, (1,)),
    "no name": ("named tuple", "__main__", 3, ("a",), (1,)),
    "a method for a member": ("enum", "__main__", "E", "Enum", "", (("__eq__", 1),), 1),
    "a hook for a member": ("enum", "__main__", "E", "Enum", "", (("_missing_", 1),), 1),
    "no member": ("enum", "__main__", "E", "Enum", "", (("A", 1),), 2),
    "no such base": ("enum", "__main__", "E", "Secret", "", (("A", 1),), 1),
    "no such class beside": ("enum", "__main__", "E", "Enum", "type", (("A", 1),), 1),
    "what is no flag": ("enum", "__main__", "E", "IntFlag", "", (("A", "x"),), "x"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_class_that_lies_breaks_the_rules(lie):
    classes = Classes(Across.__new__(Across))
    classes._names_of.namespace, classes._names_of.trusted = {}, False
    kind, *told = LIES[lie]
    make = classes.made_tuple if kind == "named tuple" else classes.made_member
    with pytest.raises(ChannelError):
        make(*told)


@pytest.mark.parametrize(
    "told",
    [
        ("date", 2024, 13, 1),
        ("date", 2024),
        ("decimal", "1" * 2000),
        ("fraction", 1, 0),
        ("path", "PosixPath", 3),
        ("path", "Popen", "x"),
        ("range", 1, 2, 0),
        ("memoryview", [1], "B", (1,), True),
        ("memoryview", b"abc", "d", (9,), True),
        ("datetime", (1, 2), (), 0),
        ("time", (25, 0, 0, 0), (), 0),
        ("uuid", -1),
    ],
    ids=lambda told: f"{told[0]} of {len(told) - 1}",
)
def test_what_is_no_value_breaks_the_rules(told):
    with pytest.raises(ChannelError):
        plain_kinds.from_data(told[0], told[1:])


@pytest.mark.parametrize(
    "form",
    [("list",), ("deque", -1), ("deque",), ("array", "u"), ("array", "x"), ("defaultdict", 3),
     ("Popen",), (), 3, ("own", 3, "list"), ("own", "A", "type"), (3,)],
    ids=repr,
)  # fmt: skip
def test_a_container_of_an_unknown_form_breaks_the_rules(form):
    data = b"k" + pack(form) + (0).to_bytes(4, "little")
    if form == ("list",):
        assert unpack(data) == []
    else:
        with pytest.raises(ChannelError):
            unpack(data)


@pytest.mark.parametrize("items", [[1], [(1, 2, 3)], [([], 1)]])
def test_a_container_with_broken_items_breaks_the_rules(items):
    data = b"k" + pack(("OrderedDict",)) + pack(items)[1:]
    with pytest.raises(ChannelError):
        unpack(data)


@pytest.mark.parametrize(
    "data",
    [
        (8, (("a", 0, "|O", ()),)),
        (4, (("a", 0, "<f8", ()),)),
        (8, (("a", -1, "<f4", ()),)),
        (8, ((3, 0, "<f4", ()),)),
        (8, ()),
        (2**70, (("a", 0, "<f4", ()),)),
        (0, (("a", 0, "<f4", (0,)),)),
        (8,),
    ],
    ids=repr,
)
def test_a_record_of_an_unknown_kind_breaks_the_rules(data):
    with pytest.raises(ChannelError):
        dtype_from_data(data)


def test_a_record_is_told_in_full():
    dtype = np.dtype([("a", "i1"), ("b", [("c", "f8", (2, 2))])], align=True)
    assert dtype_from_data(dtype_as_data(dtype)) == dtype
