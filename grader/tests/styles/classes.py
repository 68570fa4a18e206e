"""Classes that the student writes, and what Python's syntax asks of their objects."""

from __future__ import annotations

from .style import answer, check, given, of, style

VECTOR = """
    class Vector:
        def __init__(self, x, y):
            self.x, self.y = x, y
        def __add__(self, other):
            return Vector(self.x + other.x, self.y + other.y)
        def __sub__(self, other):
            return self + -1 * other
        def __mul__(self, k):
            return Vector(self.x * k, self.y * k)
        __rmul__ = __mul__
        def __matmul__(self, other):
            return self.x * other.x + self.y * other.y
        def __neg__(self):
            return -1 * self
        def __abs__(self):
            return (self @ self) ** 0.5
        def __bool__(self):
            return abs(self) > 0
        def __eq__(self, other):
            return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)
"""

STYLES = [
    style(
        "operators and equality of the student's vectors",
        "operators",
        answer(VECTOR),
        check("""
            a, b = Vector(1, 2), Vector(3, -4)
            assert a + b == Vector(4, -2)
            assert a - b == Vector(-2, 6)
            assert 3 * a == Vector(3, 6) and a * 3 == Vector(3, 6)
            assert a @ b == -5
            assert abs(b) == 5.0 and -a == Vector(-1, -2)
            assert a and not Vector(0, 0)
            assert a != b and not a == (1, 2)
            a += b
            assert a == Vector(4, -2)
        """),
        wrong=(
            "class Vector:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n    def __add__(self, other):\n        return Vector(self.x + other.x, self.y + other.y)\n    def __eq__(self, other):\n        return True",
            "class Vector(tuple):\n    def __new__(cls, x, y):\n        return super().__new__(cls, (x, y))",
        ),
        right="""
            import numpy as np

            class Vector:
                def __init__(self, *parts):
                    self.v = np.array(parts)
                def __add__(self, o): return Vector(*(self.v + o.v))
                def __sub__(self, o): return Vector(*(self.v - o.v))
                def __mul__(self, k): return Vector(*(self.v * k))
                def __rmul__(self, k): return self * k
                def __matmul__(self, o): return int(self.v @ o.v)
                def __neg__(self): return self * -1
                def __abs__(self): return float(np.linalg.norm(self.v))
                def __bool__(self): return bool(self.v.any())
                def __eq__(self, o): return type(o) is Vector and bool((self.v == o.v).all())
        """,
    ),
    style(
        "repr, str and format of the student's objects",
        "repr",
        answer("""
            class Money:
                def __init__(self, pence):
                    self.pence = pence
                def __repr__(self):
                    return f"Money({self.pence})"
                def __str__(self):
                    return f"£{self.pence / 100:.2f}"
                def __format__(self, spec):
                    return format(str(self), spec)
        """),
        check("""
            m = Money(1250)
            assert repr(m) == "Money(1250)"
            assert str(m) == "£12.50"
            assert f"{m:>8}" == "  £12.50" and f"{[m]}" == "[Money(1250)]"
            assert "%s and %r" % (m, m) == "£12.50 and Money(1250)"
        """),
        wrong=(
            "class Money:\n    def __init__(self, pence):\n        self.pence = pence\n    def __str__(self):\n        return f'£{self.pence / 100:.2f}'",
            "class Money:\n    def __init__(self, pence):\n        self.pence = pence\n    def __repr__(self):\n        return f'£{self.pence / 100:.2f}'",
        ),
        right="""
            class Money(int):
                def __repr__(self): return "Money(%d)" % self
                def __str__(self): return "£%d.%02d" % divmod(self, 100)
                def __format__(self, spec): return str(self).__format__(spec)
        """,
    ),
    style(
        "the student's objects are keys and members of sets",
        "hash",
        answer("""
            class Point:
                def __init__(self, x, y):
                    self.x, self.y = x, y
                def __eq__(self, other):
                    return (self.x, self.y) == (other.x, other.y)
                def __hash__(self):
                    return hash((self.x, self.y))
        """),
        check("""
            points = {Point(0, 0), Point(1, 2), Point(0, 0)}
            assert len(points) == 2
            assert Point(1, 2) in points
            seen = {Point(3, 4): "home"}
            assert seen[Point(3, 4)] == "home"
            assert hash(Point(5, 6)) == hash(Point(5, 6))
        """),
        wrong=(
            "class Point:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n    def __eq__(self, other):\n        return (self.x, self.y) == (other.x, other.y)",
            "class Point:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n    def __hash__(self):\n        return hash((self.x, self.y))",
        ),
        right="from typing import NamedTuple\nclass Point(NamedTuple):\n    x: float\n    y: float",
    ),
    style(
        "the student's objects are ordered and sorted",
        "ordering",
        answer("""
            from functools import total_ordering

            @total_ordering
            class Version:
                def __init__(self, text):
                    self.parts = [int(p) for p in text.split(".")]
                def __eq__(self, other):
                    return self.parts == other.parts
                def __lt__(self, other):
                    return self.parts < other.parts
        """),
        check("""
            assert Version("1.9") < Version("1.10")
            assert Version("2.0") >= Version("2.0") > Version("1.9.9")
            mixed = [Version("1.10"), Version("1.2"), Version("0.9")]
            assert [v.parts for v in sorted(mixed)] == [[0, 9], [1, 2], [1, 10]]
            assert max(mixed) is mixed[0]
        """),
        wrong=(
            "class Version:\n    def __init__(self, text):\n        self.parts = text.split('.')\n    def __lt__(self, other):\n        return self.parts < other.parts\n    def __ge__(self, other):\n        return not self < other",
            "class Version:\n    def __init__(self, text):\n        self.parts = [int(p) for p in text.split('.')]",
        ),
        right="""
            from dataclasses import dataclass

            @dataclass(order=True, init=False)
            class Version:
                parts: list
                def __init__(self, text):
                    self.parts = list(map(int, text.split(".")))
        """,
    ),
    style(
        "inheritance, isinstance and the bases of classes",
        "isinstance",
        answer("""
            class Animal:
                def speak(self):
                    return "..."

            class Dog(Animal):
                def speak(self):
                    return "woof"
        """),
        check("""
            assert issubclass(Dog, Animal) and Dog.__bases__ == (Animal,)
            rex = Dog()
            assert isinstance(rex, Animal) and type(rex) is Dog
            assert not isinstance(Animal(), Dog)
            assert [c.__name__ for c in Dog.__mro__] == ["Dog", "Animal", "object"]
            assert rex.speak() == "woof" and Animal.speak(rex) == "..."
        """),
        wrong=(
            "class Animal:\n    def speak(self):\n        return '...'\nclass Dog:\n    def speak(self):\n        return 'woof'",
            "class Animal:\n    def speak(self):\n        return '...'\nDog = Animal",
        ),
        right="class Animal:\n    speak = lambda self: '...'\nDog = type('Dog', (Animal,), {'speak': lambda self: 'woof'})",
    ),
    style(
        "a check derives a class from the student's",
        "subclasses",
        answer("""
            class Shape:
                def area(self):
                    raise NotImplementedError("area")
                def describe(self):
                    return f"{type(self).__name__} of area {self.area()}"
        """),
        check("""
            class Square(Shape):
                def __init__(self, side):
                    self.side = side
                def area(self):
                    return self.side ** 2

            assert Square(3).describe() == "Square of area 9"
            assert isinstance(Square(1), Shape)
            try:
                Shape().area()
            except NotImplementedError:
                pass
            else:
                raise AssertionError("a bare shape has no area")
        """),
        wrong=(
            "class Shape:\n    def area(self):\n        return 0\n    def describe(self):\n        return f'{type(self).__name__} of area {self.area()}'",
            "class Shape:\n    def area(self):\n        raise NotImplementedError\n    def describe(self):\n        return f'Shape of area {self.area()}'",
        ),
        right="class Shape:\n    def area(self):\n        raise NotImplementedError\n    def describe(self):\n        return '%s of area %s' % (self.__class__.__qualname__.split('.')[-1], self.area())",
    ),
    style(
        "a class of the student's derives from a given one",
        "subclasses",
        given("""
            class Account:
                def __init__(self, balance=0):
                    self.balance = balance
                def deposit(self, amount):
                    self.balance += amount
                    return self.balance
        """),
        answer("""
            class Savings(Account):
                def __init__(self, rate, balance=0):
                    super().__init__(balance)
                    self.rate = rate
                def year(self):
                    return self.deposit(self.balance * self.rate)
        """),
        check("""
            account = Savings(0.5, balance=100)
            assert isinstance(account, Account)
            assert account.year() == 150 and account.balance == 150
            assert vars(account) == {"balance": 150, "rate": 0.5}
            assert account.deposit(10) == 160
            assert "deposit" not in vars(Savings), "inherit deposit"
        """),
        wrong=(
            "class Savings:\n    def __init__(self, rate, balance=0):\n        self.rate, self.balance = rate, balance\n    def deposit(self, a):\n        self.balance += a\n        return self.balance\n    def year(self):\n        return self.deposit(self.balance * self.rate)",
            "class Savings(Account):\n    def __init__(self, rate, balance=0):\n        self.rate = rate\n    def year(self):\n        return self.deposit(self.balance * self.rate)",
        ),
        right="class Savings(Account):\n    def __init__(self, rate, balance=0):\n        Account.__init__(self, balance=balance)\n        setattr(self, 'rate', rate)\n    def year(self):\n        super().deposit(self.rate * self.balance)\n        return self.balance",
    ),
    style(
        "a context manager class in a with statement",
        "with",
        answer("""
            class Ledger:
                def __init__(self):
                    self.lines = []
                def __enter__(self):
                    self.lines.append("open")
                    return self
                def __exit__(self, kind, error, trace):
                    self.lines.append("failed" if kind else "closed")
                    return kind is ValueError
        """),
        check("""
            ledger = Ledger()
            with ledger as opened:
                assert opened is ledger
                assert ledger.lines == ["open"]
            with ledger:
                raise ValueError("swallowed")
            assert ledger.lines == ["open", "closed", "open", "failed"]
            try:
                with Ledger():
                    raise KeyError("let through")
            except KeyError:
                passed = True
            assert passed
        """),
        wrong=(
            "class Ledger:\n    def __init__(self):\n        self.lines = []\n    def __enter__(self):\n        self.lines.append('open')\n    def __exit__(self, *error):\n        self.lines.append('closed')",
            "class Ledger:\n    lines = []\n    def __enter__(self):\n        self.lines.append('open')\n        return self\n    def __exit__(self, *error):\n        self.lines.append('closed')\n        return True",
        ),
        right="""
            from contextlib import AbstractContextManager

            class Ledger(AbstractContextManager):
                def __init__(self):
                    self.lines = []
                def __enter__(self):
                    self.lines += ["open"]
                    return super().__enter__()
                def __exit__(self, *why):
                    self.lines += ["closed" if why == (None,) * 3 else "failed"]
                    return isinstance(why[1], ValueError)
        """,
    ),
    style(
        "a context manager made from a generator",
        "with",
        answer("""
            from contextlib import contextmanager

            @contextmanager
            def doubled(values):
                values[:] = [2 * v for v in values]
                try:
                    yield values
                finally:
                    values[:] = [v // 2 for v in values]
        """),
        check("""
            numbers = [1, 2, 3]
            with doubled(numbers) as inside:
                assert inside == [2, 4, 6]
            assert numbers == [1, 2, 3]
            try:
                with doubled(numbers):
                    raise RuntimeError
            except RuntimeError:
                pass
            assert numbers == [1, 2, 3], "also put back after an error"
        """),
        wrong=(
            "from contextlib import contextmanager\n@contextmanager\ndef doubled(values):\n    values[:] = [2 * v for v in values]\n    yield values\n    values[:] = [v // 2 for v in values]",
            "from contextlib import contextmanager\n@contextmanager\ndef doubled(values):\n    yield [2 * v for v in values] * 2",
        ),
        right="""
            class doubled:
                def __init__(self, values):
                    self.values, self.before = values, list(values)
                def __enter__(self):
                    self.values[:] = [v + v for v in self.before]
                    return self.values
                def __exit__(self, *_):
                    self.values[:] = self.before
        """,
    ),
    style(
        "the student's object is iterated, indexed and asked for its length",
        "iteration",
        answer("""
            class Countdown:
                def __init__(self, start):
                    self.start = start
                def __iter__(self):
                    return iter(range(self.start, 0, -1))
                def __len__(self):
                    return self.start
                def __getitem__(self, k):
                    return list(self)[k]
                def __contains__(self, x):
                    return 0 < x <= self.start
        """),
        check("""
            c = Countdown(4)
            assert list(c) == [4, 3, 2, 1] == [x for x in c]
            assert len(c) == 4 and c[0] == 4 and c[-1] == 1 and c[1:3] == [3, 2]
            assert 2 in c and 9 not in c
            first, *rest = c
            assert (first, rest) == (4, [3, 2, 1])
            assert sum(c) == 10 and dict(zip("ab", c)) == {"a": 4, "b": 3}
        """),
        wrong=(
            "class Countdown:\n    def __init__(self, start):\n        self.k = start + 1\n    def __iter__(self):\n        return self\n    def __next__(self):\n        self.k -= 1\n        if self.k <= 0:\n            raise StopIteration\n        return self.k",
            "class Countdown:\n    def __init__(self, start):\n        self.start = start\n    def __iter__(self):\n        return iter(range(self.start))\n    def __len__(self):\n        return self.start",
        ),
        right="class Countdown(list):\n    def __init__(self, start):\n        super().__init__(range(start, 0, -1))",
    ),
    style(
        "an iterator of the student's keeps the protocol",
        "iteration",
        answer("""
            class Evens:
                def __init__(self, stop):
                    self.k, self.stop = 0, stop
                def __iter__(self):
                    return self
                def __next__(self):
                    if self.k >= self.stop:
                        raise StopIteration
                    self.k += 2
                    return self.k - 2
        """),
        check("""
            e = Evens(5)
            assert iter(e) is e
            assert next(e) == 0 and next(e) == 2 and next(e) == 4
            assert next(e, "over") == "over"
            try:
                next(e)
            except StopIteration:
                pass
            else:
                raise AssertionError("an iterator that is used up stays so")
            assert list(Evens(7)) == [0, 2, 4, 6]
        """),
        wrong=(
            "class Evens:\n    def __init__(self, stop):\n        self.stop = stop\n    def __iter__(self):\n        return iter(range(0, self.stop, 2))",
            "class Evens:\n    def __init__(self, stop):\n        self.k, self.stop = 0, stop\n    def __iter__(self):\n        return self\n    def __next__(self):\n        self.k += 2\n        if self.k > self.stop:\n            raise StopIteration\n        return self.k",
        ),
        right="def Evens(stop):\n    for k in range(0, stop, 2):\n        yield k",
    ),
    style(
        "property, setter, class method and static method",
        "attributes",
        answer("""
            class Temperature:
                def __init__(self, celsius):
                    self.celsius = celsius
                @property
                def celsius(self):
                    return self._c
                @celsius.setter
                def celsius(self, value):
                    if value < -273.15:
                        raise ValueError("below absolute zero")
                    self._c = value
                @property
                def fahrenheit(self):
                    return self._c * 9 / 5 + 32
                @classmethod
                def from_kelvin(cls, k):
                    return cls(k - 273)
                @staticmethod
                def unit():
                    return "°C"
        """),
        check("""
            t = Temperature(100)
            assert t.fahrenheit == 212
            t.celsius = 0
            assert t.fahrenheit == 32
            for bad in (lambda: setattr(t, "celsius", -300), lambda: Temperature(-300)):
                try:
                    bad()
                    raise AssertionError("too cold, and no ValueError")
                except ValueError as error:
                    assert "absolute zero" in str(error)
            try:
                t.fahrenheit = 5
                raise RuntimeError("fahrenheit must be read-only")
            except AttributeError:
                pass
            assert Temperature.from_kelvin(283).celsius == 10
            assert Temperature.unit() == t.unit() == "°C"
            assert isinstance(Temperature.fahrenheit, property)
        """),
        wrong=(
            "class Temperature:\n    def __init__(self, celsius):\n        self.celsius = celsius\n        self.fahrenheit = celsius * 9 / 5 + 32\n    @classmethod\n    def from_kelvin(cls, k):\n        return cls(k - 273)\n    @staticmethod\n    def unit():\n        return '°C'",
            "class Temperature:\n    def __init__(self, celsius):\n        self.celsius = celsius\n    @property\n    def fahrenheit(self):\n        return self.celsius * 9 / 5 + 32\n    def from_kelvin(self, k):\n        return Temperature(k - 273)\n    def unit(self):\n        return '°C'",
        ),
        right="""
            class Temperature:
                def __init__(self, c):
                    self._set(c)
                def _set(self, c):
                    if not c >= -273.15:
                        raise ValueError(f"{c} lies below absolute zero")
                    self.__dict__["c"] = c
                celsius = property(lambda self: self.c, _set)
                fahrenheit = property(lambda self: 1.8 * self.c + 32)
                from_kelvin = classmethod(lambda cls, k: cls(k - 273))
                unit = staticmethod(lambda: "°C")
        """,
    ),
    style(
        "a data class: its fields, equality and that it is frozen",
        "a data class",
        answer("""
            from dataclasses import dataclass, field

            @dataclass(frozen=True)
            class Book:
                title: str
                pages: int = 0
                tags: tuple = field(default=())
        """),
        check("""
            import dataclasses

            assert dataclasses.is_dataclass(Book)
            assert [f.name for f in dataclasses.fields(Book)] == ["title", "pages", "tags"]
            b = Book("Emma", 320)
            assert b == Book("Emma", 320, ()) and b != Book("Emma")
            assert dataclasses.asdict(b) == {"title": "Emma", "pages": 320, "tags": ()}
            assert dataclasses.replace(b, pages=1).pages == 1
            assert repr(b) == "Book(title='Emma', pages=320, tags=())"
            try:
                b.pages = 3
            except dataclasses.FrozenInstanceError:
                pass
            else:
                raise AssertionError("make it frozen")
        """),
        wrong=(
            "from dataclasses import dataclass\n@dataclass\nclass Book:\n    title: str\n    pages: int = 0\n    tags: tuple = ()",
            "class Book:\n    def __init__(self, title, pages=0, tags=()):\n        self.title, self.pages, self.tags = title, pages, tags",
        ),
        right="import dataclasses\nBook = dataclasses.make_dataclass('Book', [('title', str), ('pages', int, 0), ('tags', tuple, ())], frozen=True)",
    ),
    style(
        "named tuples come back and are taken apart",
        "a named tuple",
        answer("""
            from collections import namedtuple

            Reading = namedtuple("Reading", "place value")

            def highest(rows):
                return max((Reading(*row) for row in rows), key=lambda r: r.value)
        """),
        check("""
            best = highest([("pond", 3), ("lake", 9), ("sea", 5)])
            assert best == Reading("lake", 9) == ("lake", 9)
            assert best.place == "lake" and best[1] == 9 and best._fields == ("place", "value")
            assert isinstance(best, Reading) and isinstance(best, tuple)
            place, value = best
            assert best._replace(value=1) == (place, 1) and best._asdict() == {"place": "lake", "value": 9}
        """),
        wrong=(
            "from collections import namedtuple\nReading = namedtuple('Reading', 'place value')\ndef highest(rows):\n    return max(rows, key=lambda r: r[1])",
            "from collections import namedtuple\nReading = namedtuple('Reading', 'place value')\ndef highest(rows):\n    return max(Reading(*row) for row in rows)",
        ),
        right="""
            from typing import NamedTuple

            class Reading(NamedTuple):
                place: str
                value: float

            def highest(rows):
                return sorted((Reading._make(r) for r in rows), key=lambda r: -r.value)[0]
        """,
    ),
    style(
        "the student's enumeration",
        "an enum",
        answer("""
            from enum import Enum

            class Light(Enum):
                RED = 1
                GREEN = 2
                AMBER = 3

                def after(self):
                    return Light(self.value % 3 + 1)
        """),
        check("""
            import enum

            assert issubclass(Light, enum.Enum)
            assert [light.name for light in Light] == ["RED", "GREEN", "AMBER"]
            assert Light.RED.after() is Light.GREEN
            assert Light["AMBER"].after() == Light.RED
            assert Light(2) is Light.GREEN and len(Light) == 3
            assert Light.RED in Light and isinstance(Light.RED, Light)
        """),
        wrong=(
            "class Light:\n    RED, GREEN, AMBER = 1, 2, 3\n    def after(self):\n        return self % 3 + 1",
            "from enum import Enum\nclass Light(Enum):\n    RED = 1\n    GREEN = 2\n    AMBER = 3\n    def after(self):\n        return self.value % 3 + 1",
        ),
        right="""
            from enum import IntEnum, auto

            class Light(IntEnum):
                RED = auto()
                GREEN = auto()
                AMBER = auto()

                def after(self):
                    ring = list(Light)
                    return ring[(ring.index(self) + 1) % len(ring)]
        """,
    ),
    style(
        "the student's own exception class",
        "an exception of the student's",
        answer("""
            class StockError(ValueError):
                def __init__(self, item, missing):
                    super().__init__(f"{missing} of {item} are missing")
                    self.item, self.missing = item, missing

            def take(stock, item, n):
                if stock.get(item, 0) < n:
                    raise StockError(item, n - stock.get(item, 0))
                stock[item] -= n
        """),
        check("""
            assert issubclass(StockError, ValueError)
            stock = {"tea": 3}
            take(stock, "tea", 2)
            assert stock == {"tea": 1}
            try:
                take(stock, "tea", 5)
            except StockError as error:
                assert error.item == "tea" and error.missing == 4
                assert str(error) == "4 of tea are missing"
                assert type(error).__name__ == "StockError" and isinstance(error, ValueError)
            else:
                raise AssertionError("nothing was raised")
            assert stock == {"tea": 1}
        """),
        wrong=(
            "class StockError(ValueError):\n    pass\ndef take(stock, item, n):\n    if stock.get(item, 0) < n:\n        raise ValueError(f'{n} of {item} are missing')\n    stock[item] -= n",
            "class StockError(Exception):\n    pass\ndef take(stock, item, n):\n    stock[item] -= n\n    if stock[item] < 0:\n        raise StockError(item)",
        ),
        right="""
            class StockError(ValueError):
                item = property(lambda self: self.args[0])
                missing = property(lambda self: self.args[1])
                def __str__(self):
                    return "{1} of {0} are missing".format(*self.args)

            def take(stock, item, n):
                there = stock.setdefault(item, 0)
                if n > there:
                    raise StockError(item, n - there)
                stock.update({item: there - n})
        """,
    ),
    style(
        "assertRaises with the student's exception class",
        "an exception of the student's",
        answer("""
            class EmptyQueue(Exception):
                pass

            class Queue:
                def __init__(self):
                    self.items = []
                def put(self, x):
                    self.items.append(x)
                def get(self):
                    if not self.items:
                        raise EmptyQueue("nothing to get")
                    return self.items.pop(0)
        """),
        check("""
            import unittest

            tc = unittest.TestCase()
            q = Queue()
            with tc.assertRaises(EmptyQueue) as caught:
                q.get()
            tc.assertIn("nothing", str(caught.exception))
            q.put(1), q.put(2)
            tc.assertEqual([q.get(), q.get()], [1, 2])
            tc.assertRaises(EmptyQueue, q.get)
        """),
        wrong=(
            "class EmptyQueue(Exception):\n    pass\nclass Queue:\n    def __init__(self):\n        self.items = []\n    def put(self, x):\n        self.items.append(x)\n    def get(self):\n        return self.items.pop(0)",
            "class EmptyQueue(Exception):\n    pass\nclass Queue:\n    def __init__(self):\n        self.items = []\n    def put(self, x):\n        self.items.append(x)\n    def get(self):\n        if not self.items:\n            raise EmptyQueue('nothing')\n        return self.items.pop()",
        ),
        right="""
            from collections import deque

            class EmptyQueue(IndexError):
                pass

            class Queue(deque):
                put = deque.append
                def get(self):
                    try:
                        return self.popleft()
                    except IndexError as error:
                        raise EmptyQueue("there is nothing") from error
        """,
    ),
    style(
        "an abstract base class that cannot be instantiated",
        "an abstract class",
        answer("""
            from abc import ABC, abstractmethod

            class Solver(ABC):
                @abstractmethod
                def solve(self, x): ...

            class Half(Solver):
                def solve(self, x):
                    return x / 2
        """),
        check("""
            import abc
            import inspect

            assert inspect.isabstract(Solver) and issubclass(Solver, abc.ABC)
            try:
                Solver()
            except TypeError as error:
                assert "abstract" in str(error)
            else:
                raise AssertionError("Solver() should not work")
            assert Half().solve(5) == 2.5 and isinstance(Half(), Solver)
        """),
        wrong=(
            "class Solver:\n    def solve(self, x):\n        raise NotImplementedError\nclass Half(Solver):\n    def solve(self, x):\n        return x / 2",
            "from abc import ABC\nclass Solver(ABC):\n    def solve(self, x): ...\nclass Half(Solver):\n    def solve(self, x):\n        return x / 2",
        ),
        right="import abc\nclass Solver(abc.ABC):\n    solve = abc.abstractmethod(lambda self, x: None)\nclass Half(Solver):\n    solve = staticmethod(lambda x: x * 0.5)",
    ),
    style(
        "a linked list is walked by the check",
        "attributes",
        answer("""
            class Node:
                def __init__(self, value, next=None):
                    self.value, self.next = value, next

            def reverse(node):
                before = None
                while node:
                    node.next, before, node = before, node, node.next
                return before
        """),
        check("""
            third = Node(3)
            first = Node(1, Node(2, third))
            head = reverse(first)
            assert head is third, "use the nodes that are there"
            values, node = [], head
            while node is not None:
                values.append(node.value)
                node = node.next
            assert values == [3, 2, 1]
            assert first.next is None and reverse(None) is None
        """),
        wrong=(
            "class Node:\n    def __init__(self, value, next=None):\n        self.value, self.next = value, next\ndef reverse(node):\n    new = None\n    while node:\n        new = Node(node.value, new)\n        node = node.next\n    return new",
            "class Node:\n    def __init__(self, value, next=None):\n        self.value, self.next = value, next\ndef reverse(node):\n    return node",
        ),
        right="class Node:\n    __slots__ = ('value', 'next')\n    def __init__(self, value, next=None):\n        self.value = value\n        self.next = next\ndef reverse(node, before=None):\n    if node is None:\n        return before\n    rest, node.next = node.next, before\n    return reverse(rest, node)",
    ),
    style(
        "a check defines a class and hands its objects over",
        "objects of the check",
        answer("""
            def tree_sum(tree):
                return 0 if tree is None else tree.value + tree_sum(tree.left) + tree_sum(tree.right)
        """),
        check("""
            class Tree:
                def __init__(self, value, left=None, right=None):
                    self.value, self.left, self.right = value, left, right

            assert tree_sum(None) == 0
            assert tree_sum(Tree(1, Tree(2), Tree(3, None, Tree(4)))) == 10
        """),
        wrong=(
            "def tree_sum(tree):\n    return tree.value + tree_sum(tree.left) + tree_sum(tree.right)",
            "def tree_sum(tree):\n    return 0 if tree is None else tree.value + tree_sum(tree.left)",
        ),
        right="def tree_sum(tree):\n    total, todo = 0, [tree]\n    while todo:\n        if (node := todo.pop()) is not None:\n            total += node.value\n            todo += [node.left, node.right]\n    return total",
    ),
    style(
        "objects that can be called and that make attributes up",
        "attributes",
        answer("""
            class Poly:
                def __init__(self, *c):
                    self.c = c
                def __call__(self, x):
                    return sum(a * x ** k for k, a in enumerate(self.c))
                def __getattr__(self, name):
                    if name.startswith("a") and name[1:].isdigit():
                        return self.c[int(name[1:])]
                    raise AttributeError(name)
        """),
        check("""
            p = Poly(1, 0, 2)
            assert callable(p) and p(3) == 19
            assert p.a0 == 1 and p.a2 == 2
            assert not hasattr(p, "degree") and getattr(p, "degree", "none") == "none"
            p.name = "parabola"
            assert p.name == "parabola" and p.__dict__["c"] == (1, 0, 2)
            del p.name
            assert not hasattr(p, "name")
        """),
        wrong=(
            "class Poly:\n    def __init__(self, *c):\n        self.c = c\n    def __call__(self, x):\n        return sum(a * x ** k for k, a in enumerate(self.c))",
            "class Poly:\n    def __init__(self, *c):\n        self.c = c\n    def __call__(self, x):\n        return sum(a * x ** k for k, a in enumerate(self.c))\n    def __getattr__(self, name):\n        return self.c[int(name[1:])] if name[1:].isdigit() else None",
        ),
        right="class Poly:\n    def __init__(self, *c):\n        self.c = c\n    def __call__(self, x):\n        y = 0\n        for a in reversed(self.c):\n            y = y * x + a\n        return y\n    a0 = property(lambda s: s.c[0])\n    a1 = property(lambda s: s.c[1])\n    a2 = property(lambda s: s.c[2])",
    ),
    style(
        "copies and pickles of the student's objects",
        "copy and pickle",
        answer("""
            class Board:
                def __init__(self, cells):
                    self.cells = cells
                def __eq__(self, other):
                    return self.cells == other.cells
        """),
        check("""
            import copy
            import pickle

            b = Board([[1, 2], [3, 4]])
            deep = copy.deepcopy(b)
            shallow = copy.copy(b)
            b.cells[0][0] = 99
            assert deep.cells[0][0] == 1 and shallow.cells[0][0] == 99
            assert shallow == b and not deep == b
            assert pickle.loads(pickle.dumps(b)) == b
        """),
        wrong=(
            "class Board:\n    def __init__(self, cells):\n        self.cells = cells",
            "class Board:\n    def __init__(self, cells):\n        self.cells = [list(row) for row in cells]\n    def __eq__(self, other):\n        return self is other",
        ),
        right="from dataclasses import dataclass\n@dataclass\nclass Board:\n    cells: list",
    ),
    style(
        "a class attribute counts, and one object is shared",
        "identity",
        answer("""
            class Config:
                made = 0
                _only = None

                def __new__(cls):
                    if cls._only is None:
                        cls._only = super().__new__(cls)
                        cls.made += 1
                    return cls._only
        """),
        check("""
            a, b = Config(), Config()
            assert a is b and id(a) == id(b)
            assert Config.made == 1
            a.colour = "red"
            assert b.colour == "red"
            assert len({a, b}) == 1
        """),
        wrong=(
            "class Config:\n    made = 0\n    def __init__(self):\n        Config.made += 1",
            "class Config:\n    made = 0\n    _all = []\n    def __new__(cls):\n        cls._all.append(super().__new__(cls))\n        cls.made = 1\n        return cls._all[-1]",
        ),
        right="import functools\nclass _Config:\n    made = 1\n@functools.cache\ndef Config():\n    return _Config()\nConfig.made = 1",
    ),
    style(
        "a class that derives from dict",
        "a subclass of dict",
        answer("""
            class Bag(dict):
                def __missing__(self, key):
                    return 0
                def add(self, key):
                    self[key] += 1
        """),
        check("""
            bag = Bag(a=1)
            assert isinstance(bag, dict) and bag == {"a": 1}
            assert bag["b"] == 0 and "b" not in bag
            bag.add("b"), bag.add("a")
            assert bag == {"a": 2, "b": 1} and sorted(bag.items()) == [("a", 2), ("b", 1)]
            assert list(bag) == ["a", "b"] and {**bag} == {"a": 2, "b": 1}
        """),
        wrong=(
            "class Bag:\n    def __init__(self, **kw):\n        self.d = kw\n    def add(self, key):\n        self.d[key] = self.d.get(key, 0) + 1",
            "from collections import defaultdict\nclass Bag(defaultdict):\n    def __init__(self, **kw):\n        super().__init__(int, **kw)\n    def add(self, key):\n        self[key] += 1",
        ),
        right="from collections import Counter\nclass Bag(Counter):\n    def add(self, key):\n        self.update([key])",
    ),
    style(
        "a descriptor and a metaclass in use",
        "attributes",
        answer("""
            class Positive:
                def __set_name__(self, owner, name):
                    self.name = "_" + name
                def __get__(self, obj, owner=None):
                    return self if obj is None else getattr(obj, self.name)
                def __set__(self, obj, value):
                    if value <= 0:
                        raise ValueError("must be positive")
                    setattr(obj, self.name, value)
        """),
        check("""
            class Box:
                side = Positive()
                def __init__(self, side):
                    self.side = side

            box = Box(2)
            box.side = 5
            assert box.side == 5 and isinstance(Box.side, Positive)
            try:
                box.side = -1
            except ValueError:
                assert box.side == 5
            else:
                raise AssertionError("-1 was taken")
        """),
        wrong=(
            "class Positive:\n    def __get__(self, obj, owner=None):\n        return self if obj is None else obj.__dict__['side']\n    def __set__(self, obj, value):\n        obj.__dict__['side'] = value\n        if value <= 0:\n            raise ValueError",
            "class Positive:\n    def __get__(self, obj, owner=None):\n        return 5\n    def __set__(self, obj, value):\n        pass",
        ),
        right="class Positive:\n    def __init__(self):\n        self.values = {}\n    def __get__(self, obj, owner=None):\n        return self if obj is None else self.values[id(obj)]\n    def __set__(self, obj, value):\n        if not value > 0:\n            raise ValueError(value)\n        self.values[id(obj)] = value",
    ),
    style(
        "the rich display of the student's object",
        "repr",
        answer("""
            class Colour:
                def __init__(self, code):
                    self.code = code
                def _repr_html_(self):
                    return f'<b style="color:{self.code}">{self.code}</b>'
        """),
        check("""
            from IPython.display import display
            from IPython.utils.capture import capture_output

            with capture_output() as shown:
                display(Colour("red"))
            assert shown.outputs[0].data["text/html"] == '<b style="color:red">red</b>'
            display(Colour("blue"))
        """),
        wrong=(
            "class Colour:\n    def __init__(self, code):\n        self.code = code\n    def __repr__(self):\n        return f'<b style=\"color:{self.code}\">{self.code}</b>'",
            "class Colour:\n    def __init__(self, code):\n        self.code = code\n    def _repr_html_(self):\n        return f'<b>{self.code}</b>'",
        ),
        right="class Colour:\n    def __init__(self, code):\n        self.code = code\n    def _repr_html_(self):\n        return '<b style=\"color:%s\">%s</b>' % ((self.code,) * 2)",
    ),
    style(
        "an array made of the student's objects",
        "operators",
        given("import numpy as np"),
        answer("""
            class Dual:
                def __init__(self, value, slope=0.0):
                    self.value, self.slope = value, slope
                def __add__(self, other):
                    return Dual(self.value + other.value, self.slope + other.slope)
                def __mul__(self, other):
                    return Dual(
                        self.value * other.value,
                        self.value * other.slope + self.slope * other.value,
                    )
        """),
        check("""
            row = np.array([Dual(1.0, 1.0), Dual(2.0), Dual(3.0)], dtype=object)
            total = (row * row).sum()
            assert total.value == 14.0 and total.slope == 2.0
            dot = row @ row
            assert (dot.value, dot.slope) == (14.0, 2.0)
        """),
        wrong=(
            "class Dual:\n    def __init__(self, value, slope=0.0):\n        self.value, self.slope = value, slope\n    def __add__(self, other):\n        return Dual(self.value + other.value, self.slope + other.slope)\n    def __mul__(self, other):\n        return Dual(self.value * other.value, self.slope * other.slope)",
            "class Dual:\n    def __init__(self, value, slope=0.0):\n        self.value, self.slope = value, slope\n    def __mul__(self, other):\n        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)",
        ),
        right="from typing import NamedTuple\nclass Dual:\n    def __init__(self, value, slope=0.0):\n        self.pair = complex(value, slope)\n    value = property(lambda s: s.pair.real)\n    slope = property(lambda s: s.pair.imag)\n    def __add__(self, o):\n        z = self.pair + o.pair\n        return Dual(z.real, z.imag)\n    def __mul__(self, o):\n        z = self.pair * o.pair\n        return Dual(self.value * o.value, z.imag)",
    ),
    style(
        "a grader's registry of the student's classes",
        "objects of the student's",
        answer("""
            REGISTRY = {}

            def register(cls):
                REGISTRY[cls.__name__.lower()] = cls
                return cls

            @register
            class Circle:
                sides = 0
        """),
        check("""
            assert REGISTRY == {"circle": Circle}

            @register
            class Triangle:
                sides = 3

            assert REGISTRY["triangle"] is Triangle and REGISTRY["triangle"]().sides == 3
            assert Triangle.__name__ == "Triangle" and list(REGISTRY) == ["circle", "triangle"]
        """),
        wrong=(
            "REGISTRY = {}\ndef register(cls):\n    REGISTRY[cls.__name__.lower()] = cls\n@register\nclass Circle:\n    sides = 0",
            "REGISTRY = {}\ndef register(cls):\n    REGISTRY[cls.__name__] = cls\n    return cls\n@register\nclass Circle:\n    sides = 0",
        ),
        right=of(
            "REGISTRY = dict()\ndef register(cls):\n    REGISTRY.setdefault(cls.__qualname__.split('.')[-1].lower(), cls)\n    return cls\nclass Circle:\n    sides = 0\nregister(Circle)"
        ),
    ),
]
