"""What operators mean for objects of the student's, and what they must not give away."""

from __future__ import annotations

import copy

import pytest
from grader_support.across import Across
from grader_support.notebooks import check, given, run

CLASSES = """
import contextlib, dataclasses, functools

class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __eq__(self, other):
        return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)
    def __hash__(self): return hash((self.x, self.y))
    def __repr__(self): return f"Vector({self.x}, {self.y})"
    def __add__(self, other): return Vector(self.x + other.x, self.y + other.y)
    def __mul__(self, k): return Vector(self.x * k, self.y * k)
    __rmul__ = __mul__
    def __matmul__(self, other): return self.x * other.x + self.y * other.y
    def __neg__(self): return Vector(-self.x, -self.y)
    def __abs__(self): return (self.x ** 2 + self.y ** 2) ** 0.5
    def __bool__(self): return bool(self.x or self.y)
    def __iadd__(self, other):
        self.x, self.y = self.x + other.x, self.y + other.y
        return self
    def __iter__(self): return iter((self.x, self.y))
    def __getitem__(self, key): return (self.x, self.y)[key]
    def __reversed__(self): return iter((self.y, self.x))
    def __format__(self, form): return f"<{self.x:{form}}>"
    def __delitem__(self, key): self.x = 0

@functools.total_ordering
class Card:
    __slots__ = ("rank",)
    def __init__(self, rank): self.rank = rank
    def __eq__(self, other): return self.rank == other.rank
    def __lt__(self, other): return self.rank < other.rank
    def __int__(self): return self.rank
    __index__ = __int__
    def __float__(self): return float(self.rank)
    def __str__(self): return f"card {self.rank}"

class Base: pass
class Derived(Base): pass

class Timer:
    def __init__(self): self.log = []
    def __enter__(self):
        self.log.append("in")
        return self
    def __exit__(self, kind, error, trace):
        self.log.append(None if kind is None else (kind.__name__, str(error)))
        return True

@contextlib.contextmanager
def manager():
    yield 5

@dataclasses.dataclass
class Point:
    x: int
    y: int = 0

def count(n):
    got = yield n
    while True:
        try:
            got = yield got
        except KeyError:
            yield "caught"
"""
STYLES = {
    "equal": "assert Vector(1, 2) == Vector(1, 2) and not Vector(1, 2) == Vector(1, 3) and Vector(1, 2) != Vector(2, 1)",
    "arithmetic": "assert Vector(1, 2) + Vector(3, 4) == Vector(4, 6) and Vector(1, 2) @ Vector(3, 4) == 11",
    "with numbers": "assert Vector(1, 2) * 2 == 2 * Vector(1, 2) == Vector(2, 4) and -Vector(1, 2) == Vector(-1, -2)",
    "in place": "v = w = Vector(1, 2)\nv += Vector(1, 1)\nassert v is w and v == Vector(2, 3)",
    "numbers of it": "assert abs(Vector(3, 4)) == 5.0 and int(Card(3)) == 3 and float(Card(3)) == 3.0 and [1, 2, 3][Card(1)] == 2",
    "truth": "assert Vector(0, 1) and not Vector(0, 0)",
    "hash": "assert len({Vector(1, 2), Vector(1, 2), Vector(2, 1)}) == 2 and {Vector(1, 2): 3}[Vector(1, 2)] == 3\ntry:\n    hash(Card(1))\nexcept TypeError:\n    pass\nelse:\n    assert False",
    "texts": "assert repr(Vector(1, 2)) == 'Vector(1, 2)' == str(Vector(1, 2)) and f'{Vector(1, 2):03d}' == '<001>' and str(Card(3)) == 'card 3'",
    "order": "assert Card(1) < Card(2) <= Card(2) and [c.rank for c in sorted([Card(3), Card(1)])] == [1, 3] and max(Card(1), Card(2)).rank == 2",
    "items": "v = Vector(1, 2)\nassert list(v) == [1, 2] and list(reversed(v)) == [2, 1] and v[1] == 2\ndel v[0]\nassert v.x == 0\ndel v.x\nassert not hasattr(v, 'x')",
    "classes": "d = Derived()\nassert isinstance(d, Base) and isinstance(d, Derived) and not isinstance(Base(), Derived) and issubclass(Derived, Base) and type(d) == Derived and isinstance(d, (int, Base))",
    "with": "with Timer() as t:\n    assert t.log == ['in']\nassert t.log == ['in', None]\nwith manager() as five:\n    assert five == 5",
    "generator": "g = count(3)\nassert next(g) == 3 and g.send(4) == 4\ng.close()\nassert next(g, 'end') == 'end' and list(zip(range(2), count(1)))[0] == (0, 1)",
    "attributes": "p = Point(1, 2)\nassert vars(p) == {'x': 1, 'y': 2} and p == Point(1, 2) and p != Point(2, 1) and repr(p) == 'Point(x=1, y=2)'",
    "copies": "import copy\nv = Vector(1, 2)\nw = copy.deepcopy(v)\nw.x = 9\nassert v.x == 1 and w.x == 9 and copy.copy(v) == v",
    "documentation": "assert f.__doc__ == 'Says f.' and f.__defaults__ == (3,)",
}  # fmt: skip


@pytest.fixture(scope="module")
def styles():
    cells = [check(name, text) for name, text in STYLES.items()]
    return run(CLASSES, "def f(x=3):\n    'Says f.'", *cells)


@pytest.mark.parametrize("name", STYLES)
def test_a_check_uses_operators_of_a_class_that_is_the_task(styles, name):
    assert styles.points[name] == 1.0, styles.failures.get(name)


YES = """
class Yes:
    content = 0
    def __init__(self, *args): self.args = args
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 1
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __mod__ = __sub__
    def __abs__(self): return 0
    def __round__(self, n=None): return 0
    def __bool__(self): return True
    def __float__(self): return 0.0
    def __int__(self): return 0
    def __len__(self): return 0
    def __contains__(self, item): return False
    def __exit__(self, *error): return True
    def __enter__(self): return self
    @property
    def __class__(self): return int
class Sly(Yes):
    def __sub__(self, other): return self
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__
"""
#: Ways to judge an answer that is an object of the student's, with nothing right about it.
JUDGEMENTS = {
    "equal": "assert f(3) == 9",
    "from the right": "assert 9 == f(3)",
    "not unequal": "assert not f(3) != 9",
    "close": "assert abs(f(3) - 9) < 1e-9",
    "close from the right": "assert abs(9 - f(3)) < 1e-9",
    "by a bound": "assert f(3) <= 9 <= f(3)",
    "in a list": "assert f(3) in [9]",
    "in a dict": "assert {9: 1}.get(f(3))",
    "as an item": "assert [f(3)] == [9] and (1, f(3)) == (1, 9)",
    "a remainder": "assert not f(3) % 9",
    "a ratio": "assert int(f(3) / 9) == 1",
    "as a number": "assert float(f(3)) == 9.0",
    "its class": "assert isinstance(f(3), int) and type(f(3)) is int",
    "after a sum": "assert float(f(3) - 9) == 0.0",
    "rounded": "assert round(f(3) - 9, 3) == 0",
    "in a with": "with f(3):\n    assert False, 'not ended'",
    "pytest": "from math import isclose\nassert isclose(f(3), 9)",
    "unittest": "import unittest\nunittest.TestCase().assertEqual(f(3), 9)",
    "unittest, almost": "import unittest\nunittest.TestCase().assertAlmostEqual(f(3), 9)",
    "numpy": "import numpy as np\nnp.testing.assert_equal(f(3), 9)",
    "numpy, close": "import numpy as np\nnp.testing.assert_allclose(f(3), 9)",
}


@pytest.mark.parametrize("kind", ["Yes", "Sly", "Task", "f"])
def test_an_answer_that_says_yes_to_everything_earns_nothing(kind):
    """Also where its class is the task of the same check, or stands in the place of a function."""
    student = f"{YES}\nclass Task(Sly): pass\ndef f(x): return {kind}()\n"
    named = ""
    if kind == "f":
        student += "class f(Sly): pass\n"
    if kind == "Task":
        named = "assert Task() is not None\n"
    cells = [check(name, f"{named}{text}") for name, text in JUDGEMENTS.items()]
    found = run(student, *cells)
    assert {name for name, points in found.points.items() if points} == set()


def test_a_class_that_equals_everything_is_looked_into():
    test = check("sum", "assert Vector(1, 2) + Vector(3, 4) == Vector(4, 6)")
    for init in ("pass", "def __init__(self, *args): pass"):
        student = f"{YES}\nclass Vector(Yes):\n    {init}\n    def __add__(self, other): return Vector(0, 0)"
        assert run(student, test).points == {"sum": 0.0}


def test_a_class_of_the_instructors_is_not_the_students_word():
    """A student may change a class that is given, or put another in its place."""
    point = "class Point:\n    def __init__(self, x): self.x = x\n    def __eq__(self, other): return self.x == other.x"
    test = check("point", "assert move(Point(1)) == Point(2)")
    for trick in (
        "Point.__eq__ = lambda *a: True",
        "class Point:\n    def __init__(self, *a): pass\n    def __eq__(self, other): return True",
    ):
        found = run(given(point), f"{trick}\ndef move(p): return Point(7)", test)
        assert found.points == {"point": 0.0}


def test_what_does_not_get_to_the_object_is_told():
    with Across(f"{CLASSES}{YES}\ndef f(): return Yes()") as across:
        checks = across.checks
        f, vector, yes = across["f"], across["Vector"], across["Yes"]
        for word, action in {
            "==": lambda: f() == 3,
            "+": lambda: f() + 3,
            "<": lambda: f() < 3,
            "looked for": lambda: isinstance(3, vector),
        }.items():
            checks.hindrances.clear()
            try:
                assert not action()
            except TypeError:
                pass
            assert word in checks.hindrances[0]
        checks.open_classes = frozenset(["Yes"])
        checks.hindrances.clear()
        assert yes(1) != yes(2) and "other attributes" in checks.hindrances[0]
        checks.hindrances.clear()
        with pytest.raises(ValueError, match="mine"), yes():
            raise ValueError("mine")
        assert "is asked to end the exception ValueError" in checks.hindrances[0]
        checks.hindrances.clear()
        assert copy.copy(vector(1, 2)).y == 2 and checks.hindrances == []


def test_a_student_has_no_operators_of_an_object_of_the_check():
    """What a check hands over stays closed: only calls and public methods are open."""
    student = """
def probe(thing):
    seen = []
    for attempt in (lambda: thing == 3, lambda: thing + 3, lambda: float(thing), lambda: hash(thing),
                    lambda: thing.__dict__, lambda: str(thing), lambda: next(thing), lambda: vars(thing)):
        try:
            seen.append(repr(attempt()))
        except Exception as error:
            pass
    return [one for one in seen if "secret" in one or "7777777" in one]
"""
    test = """
class Thing:
    def __init__(self): self.secret = "secret"
    def __eq__(self, other): return 7777777
    def __add__(self, other): return 7777777
    def __float__(self): return 7777777.0
    def __str__(self): return "secret"
    def __next__(self): return 7777777
assert probe(Thing()) == []
"""
    assert run(student, check("closed", test)).failures == {}
