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
            assert any(word in sentence for sentence in checks.hindrances)
        checks.open_classes = frozenset(["Yes"])
        checks.hindrances.clear()
        assert yes(1) != yes(2)
        assert any("other attributes" in sentence for sentence in checks.hindrances)
        checks.hindrances.clear()
        with pytest.raises(ValueError, match="mine"), yes():
            raise ValueError("mine")
        ended = "is asked to end the exception ValueError"
        assert any(ended in sentence for sentence in checks.hindrances)
        checks.hindrances.clear()
        assert copy.copy(vector(1, 2)).y == 2
        assert not any("copied" in sentence for sentence in checks.hindrances)


MORE = {
    "an iterator is its own": "t = Steps(3)\nassert iter(t) is t and next(t) == 3 and list(t) == [2, 1] and next(t, 'over') == 'over'\ng = count(1)\nassert iter(g) is g",
    "bases": "import enum\nassert Derived.__bases__ == (Base,) and issubclass(Kind, enum.Enum) and [c.__name__ for c in Derived.__mro__] == ['Derived', 'Base', 'object']",
    "its own class": "import collections.abc\nd = Derived()\nassert d.__class__ == Derived and d.__class__.__name__ == 'Derived' and isinstance(Derived, type)\nassert isinstance(d, collections.abc.Hashable) and not isinstance(d, collections.abc.Mapping)",
    "data class": "import dataclasses\np = Point(1, 2)\nassert dataclasses.is_dataclass(Point) and dataclasses.is_dataclass(p)\nassert [f.name for f in dataclasses.fields(p)] == ['x', 'y'] == [f.name for f in dataclasses.fields(Point)]\nassert dataclasses.asdict(p) == {'x': 1, 'y': 2} and dataclasses.astuple(p) == (1, 2)",
    "threads": "import threading\nc = Counter()\nthreads = [threading.Thread(target=lambda: [c.step() for _ in range(50)]) for _ in range(4)]\nfor t in threads: t.start()\nfor t in threads: t.join()\nassert c.n == 200",
    "objects of the check": "class Tree:\n    def __init__(self, value, left=None, right=None):\n        self.value, self.left, self.right = value, left, right\nassert total(Tree(1, Tree(2), Tree(3, None, Tree(4)))) == 10",
    "a generator of the check": "import itertools\nassert first_over(10, (k * k for k in itertools.count())) == 16\nn = iter([1, 5, 9, 2])\nassert first_over(4, n) == 5 and list(n) == [9, 2]",
    "a container of the check": "class Own:\n    def __len__(self): return 2\n    def __getitem__(self, i): return [5, 6][i]\n    def __contains__(self, x): return x == 6\nassert sized(Own()) == (2, 6, True, [5, 6])",
    "a function is no container": "import collections.abc\nassert callable(total) and not isinstance(total, collections.abc.Sized)\nimport numpy as np\nassert np.vectorize(double)([1, 2]).tolist() == [2, 4]",
    "a decorator": "@decorated\ndef three(x):\n    'Adds three.'\n    return x + 3\nassert three(1) == 7 and three.__name__ == 'three' and three.__doc__ == 'Adds three.'",
    "a cause": "try:\n    caused()\nexcept RuntimeError as error:\n    assert type(error.__cause__) is KeyError and error.__cause__.args == ('b',)",
}  # fmt: skip
MORE_STUDENT = """
class Steps:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if not self.n: raise StopIteration
        self.n -= 1
        return self.n + 1
import enum
class Kind(enum.Enum):
    A = 1
class Counter:
    n = 0
    def step(self): self.n += 1
def total(tree):
    return 0 if tree is None else tree.value + total(tree.left) + total(tree.right)
def first_over(limit, numbers):
    for x in numbers:
        if x > limit:
            return x
def sized(x): return len(x), x[1], 6 in x, [one for one in x]
def double(x): return 2 * x
def decorated(f):
    @functools.wraps(f)
    def wrapper(x): return f(f(x))
    return wrapper
def caused():
    try:
        {}["b"]
    except KeyError as error:
        raise RuntimeError("no b") from error
"""


@pytest.fixture(scope="module")
def more():
    return run(CLASSES, MORE_STUDENT, *[check(name, text) for name, text in MORE.items()])


@pytest.mark.parametrize("name", MORE)
def test_a_check_finds_the_protocols_of_objects(more, name):
    assert more.points[name] == 1.0, more.failures.get(name)


def test_a_student_goes_through_no_more_of_a_check_than_it_hands_over():
    student = """
def probe(thing, f, kind):
    seen = []
    for attempt in (lambda: thing.helper.__globals__, lambda: thing.module.secret, lambda: thing.kind,
                    lambda: f.__globals__, lambda: f.__defaults__, lambda: list(f), lambda: f[0],
                    lambda: next(f), lambda: list(thing.method), lambda: thing._node, lambda: thing.module):
        try:
            seen.append(str(attempt()))
        except Exception as error:
            pass
    return seen
"""
    test = """
import types
module = types.ModuleType("module")
module.secret = "secret"
class Thing:
    kind = dict
    def __init__(self): self.module, self._node, self.helper = module, Other(), lambda: 1
    def method(self): return "secret"
class Other: pass
seen = probe(Thing(), lambda x="secret": 1, 3)
assert not any("secret" in one or "Other" in one for one in seen) and len(seen) <= 1, seen
"""
    assert run(student, check("closed", test)).failures == {}


def test_a_student_has_no_operators_of_an_object_of_the_check():
    """What a check hands over stays closed: only calls and public methods are open."""
    student = """
def probe(thing):
    seen = []
    for attempt in (lambda: thing == 3, lambda: thing + 3, lambda: float(thing), lambda: hash(thing),
                    lambda: thing.__dict__, lambda: str(thing), lambda: vars(thing)):
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
assert probe(Thing()) == []
"""
    assert run(student, check("closed", test)).failures == {}
