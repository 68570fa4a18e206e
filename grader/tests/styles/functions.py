"""Functions: what they take and give, how they are written, what they raise, and test tools."""

from __future__ import annotations

from .style import answer, check, free, of, style

STYLES = [
    style(
        "assertEqual and its relatives of a TestCase object",
        "unittest",
        answer(
            "def is_anagram(a, b):\n    clean = lambda s: sorted(c for c in s.lower() if c.isalpha())\n    return clean(a) == clean(b)"
        ),
        check("""
            from unittest import TestCase

            assert_equal = TestCase().assertEqual
            assert_equal(is_anagram("hi", "hi"), True)
            assert_equal(is_anagram("Tea", "eat!"), True)
            assert_equal(is_anagram("bin", "bean"), False)
            ### BEGIN HIDDEN TESTS
            assert_equal(is_anagram("", "a"), False)
            TestCase().assertIs(is_anagram("He llo", "?hello"), True)
            TestCase().assertAlmostEqual(0.1 + 0.2, 0.3)
            ### END HIDDEN TESTS
        """),
        wrong=(
            "def is_anagram(a, b):\n    return sorted(a) == sorted(b)",
            "def is_anagram(a, b):\n    return set(a.lower()) - {'!', ' '} == set(b.lower()) - {'!', ' '} or None",
        ),
        right="from collections import Counter\ndef is_anagram(a, b):\n    return not (Counter(filter(str.isalpha, a.lower())) - Counter(filter(str.isalpha, b.lower()))) and not (Counter(filter(str.isalpha, b.lower())) - Counter(filter(str.isalpha, a.lower())))",
    ),
    style(
        "assertRaises and assertRaisesRegex on builtin exceptions",
        "unittest",
        answer(
            "def squares(n):\n    if n < 1:\n        raise ValueError('n must be at least 1')\n    return [k * k for k in range(1, n + 1)]"
        ),
        check("""
            import unittest

            tc = unittest.TestCase()
            tc.assertRaises(ValueError, squares, 0)
            with tc.assertRaisesRegex(ValueError, "at least"):
                squares(-4)
            tc.assertListEqual(squares(3), [1, 4, 9])
        """),
        wrong=(
            "def squares(n):\n    return [k * k for k in range(1, n + 1)]",
            "def squares(n):\n    if n < 0:\n        raise ValueError('n must be at least 1')\n    return [k * k for k in range(1, n + 1)]",
        ),
        right="class TooSmall(ValueError): pass\ndef squares(n):\n    try:\n        return [k * k for k in range(1, n + 1)] if 1 // max(n, 0) + 1 else 0\n    except ZeroDivisionError:\n        raise TooSmall('at least one is needed') from None",
    ),
    style(
        "try, except and else with an AssertionError",
        "exceptions",
        answer("def root(x):\n    if x < 0:\n        raise ValueError\n    return x ** 0.5"),
        check("""
            assert root(9) == 3
            try:
                root(-1)
            except ValueError:
                pass
            else:
                raise AssertionError("did not raise a ValueError")
            try:
                root("nine")
            except (TypeError, ValueError) as error:
                assert not isinstance(error, ValueError)
            else:
                raise AssertionError("a text was taken")
        """),
        wrong=(
            "def root(x):\n    return x ** 0.5",
            "def root(x):\n    return None if x < 0 else x ** 0.5",
        ),
        right="import math\ndef root(x):\n    return math.sqrt(x)",
    ),
    style(
        "an exception with a cause, notes and arguments",
        "exceptions",
        answer(
            "def load(table, key):\n    try:\n        return table[key]\n    except KeyError as error:\n        raise RuntimeError('no entry', key) from error"
        ),
        check("""
            assert load({"a": 1}, "a") == 1
            try:
                load({}, "b")
            except RuntimeError as error:
                assert error.args == ("no entry", "b")
                assert isinstance(error.__cause__, KeyError)
                assert error.__cause__.args == ("b",)
            else:
                raise AssertionError("nothing was raised")
        """),
        wrong=(
            "def load(table, key):\n    if key not in table:\n        raise RuntimeError('no entry', key)\n    return table[key]",
            "def load(table, key):\n    return table[key]",
        ),
        right="def load(table, key):\n    try:\n        return table[key]\n    except LookupError as e:\n        failure = RuntimeError('no entry', *e.args)\n        failure.__cause__ = e\n        raise failure",
    ),
    style(
        "a TestCase class that the notebook runs",
        "unittest",
        answer("def mode(values):\n    return max(set(values), key=values.count)"),
        check("""
            import unittest

            class TestMode(unittest.TestCase):
                def test_plain(self):
                    self.assertEqual(mode([1, 2, 2, 3]), 2)

                def test_text(self):
                    self.assertEqual(mode(["a", "b", "b"]), "b")

                def test_empty(self):
                    with self.assertRaises(ValueError):
                        mode([])

            suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestMode)
            result = unittest.TextTestRunner(verbosity=0).run(suite)
            assert result.wasSuccessful(), f"{len(result.failures)} failures, {len(result.errors)} errors"
        """),
        wrong=(
            "def mode(values):\n    return max(values)",
            "def mode(values):\n    return max(set(values), key=values.count) if values else None",
        ),
        right="import statistics\ndef mode(values):\n    return statistics.mode(values) if values else max(values)",
    ),
    style(
        "unittest.main finds the tests in the notebook",
        "unittest",
        answer("def flatten(rows):\n    return [x for row in rows for x in row]"),
        check("""
            import unittest

            class TestFlatten(unittest.TestCase):
                def test_rows(self):
                    self.assertEqual(flatten([[1], [2, 3], []]), [1, 2, 3])

            program = unittest.main(argv=["ignored", "TestFlatten"], exit=False, verbosity=0)
            assert program.result.testsRun == 1
            assert program.result.wasSuccessful()
        """),
        wrong=(
            "def flatten(rows):\n    return [row[0] for row in rows if row]",
            "def flatten(rows):\n    return sorted(rows, key=len)",
        ),
        right="import itertools\ndef flatten(rows):\n    return list(itertools.chain(*rows))",
    ),
    style(
        "doctest runs the examples of the student's docstring",
        "doctest",
        answer('''
            def clamp(x, low, high):
                """Keep x within bounds.

                >>> clamp(5, 0, 3)
                3
                >>> clamp(-1, 0, 3)
                0
                """
                return max(low, min(x, high))
        '''),
        check("""
            import doctest

            tests = doctest.DocTestFinder().find(clamp, "clamp", module=False, globs={"clamp": clamp})
            runner = doctest.DocTestRunner(verbose=False)
            for test in tests:
                runner.run(test)
            results = runner.summarize()
            assert results.attempted >= 2, "write two examples"
            assert results.failed == 0
            assert clamp(2, 0, 3) == 2
        """),
        wrong=(
            "def clamp(x, low, high):\n    return max(low, min(x, high))",
            'def clamp(x, low, high):\n    """\n    >>> clamp(5, 0, 3)\n    5\n    >>> clamp(1, 0, 3)\n    1\n    """\n    return max(low, min(x, high))',
        ),
        right='def clamp(x, low, high):\n    """Sort and take the middle.\n\n    >>> [clamp(k, 1, 2) for k in range(4)]\n    [1, 1, 2, 2]\n    >>> clamp(0, 1, 1)\n    1\n    """\n    return sorted((low, x, high))[1]',
    ),
    style(
        "warnings are recorded",
        "warnings",
        answer(
            "import warnings\ndef old_mean(v):\n    warnings.warn('use mean', DeprecationWarning, stacklevel=2)\n    return sum(v) / len(v)"
        ),
        check("""
            import warnings

            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                assert old_mean([1, 3]) == 2
            assert len(caught) == 1
            assert issubclass(caught[0].category, DeprecationWarning)
            assert "use mean" in str(caught[0].message)
        """),
        wrong=(
            "def old_mean(v):\n    print('use mean')\n    return sum(v) / len(v)",
            "import warnings\ndef old_mean(v):\n    warnings.warn('use mean')\n    return sum(v) / len(v)",
        ),
        right="from warnings import warn\ndef old_mean(v):\n    warn(DeprecationWarning('do use mean'))\n    return sum(v) / len(v)",
    ),
    style(
        "log messages are caught with assertLogs",
        "logging",
        answer(
            "import logging\nlog = logging.getLogger('shop')\ndef sell(stock):\n    if stock < 3:\n        log.warning('low stock: %d', stock)\n    return stock - 1"
        ),
        check("""
            import unittest

            tc = unittest.TestCase()
            with tc.assertLogs("shop", "WARNING") as caught:
                assert sell(2) == 1
            assert caught.output == ["WARNING:shop:low stock: 2"]
            with tc.assertNoLogs("shop"):
                assert sell(9) == 8
        """),
        wrong=(
            "import logging\ndef sell(stock):\n    if stock < 3:\n        logging.warning('low stock: %d', stock)\n    return stock - 1",
            "import logging\nlog = logging.getLogger('shop')\ndef sell(stock):\n    log.warning('low stock: %d', stock)\n    return stock - 1",
        ),
        right="import logging\ndef sell(stock):\n    logging.getLogger('shop').log(30 if stock <= 2 else 0, f'low stock: {stock}')\n    return stock - 1",
    ),
    style(
        "the speed is compared with a slow version of the check's",
        "timeit",
        answer(
            "def fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a"
        ),
        check("""
            import timeit

            def slow(n):
                return n if n < 2 else slow(n - 1) + slow(n - 2)

            assert [fib(k) for k in range(9)] == [slow(k) for k in range(9)]
            mine = min(timeit.repeat(lambda: fib(23), number=1, repeat=3))
            theirs = min(timeit.repeat(lambda: slow(23), number=1, repeat=3))
            assert mine < theirs / 3, f"{mine:.4f} s: too slow"
        """),
        wrong=(
            "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)",
            "def fib(n):\n    a, b = 1, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a",
        ),
        right="from functools import cache\n@cache\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)",
    ),
    style(
        "a deep call must not meet the recursion limit",
        "recursion",
        answer(
            "def depth(n):\n    total = 0\n    while n:\n        n -= 1\n        total += 1\n    return total"
        ),
        check("""
            import sys

            deep = 3 * sys.getrecursionlimit()
            try:
                assert depth(deep) == deep
            except RecursionError:
                raise AssertionError("use a loop") from None
            assert depth(0) == 0
        """),
        wrong=(
            "def depth(n):\n    return 0 if n == 0 else 1 + depth(n - 1)",
            "def depth(n):\n    return max(n, 1) - 1",
        ),
        right="import itertools\ndef depth(n):\n    return sum(1 for _ in itertools.repeat(None, n))",
    ),
    style(
        "the function must call itself",
        "recursion",
        answer("def power(x, n):\n    return 1 if n == 0 else x * power(x, n - 1)"),
        check("""
            assert power(2, 5) == 32 and power(7, 0) == 1
            try:
                power(1, 10 ** 6)
            except RecursionError:
                pass
            else:
                raise AssertionError("this is not recursive")
        """),
        wrong=(
            "def power(x, n):\n    result = 1\n    for _ in range(n):\n        result *= x\n    return result",
            "def power(x, n):\n    return x * power(x, n - 1)",
        ),
        right="def power(x, n, done=1):\n    if not n:\n        return done\n    return power(x, n - 1, done * x)",
    ),
    style(
        "closures that remember are handed back",
        "a closure",
        answer(
            "def make_counter(step=1):\n    n = 0\n    def count():\n        nonlocal n\n        n += step\n        return n\n    return count"
        ),
        check("""
            one, five = make_counter(), make_counter(5)
            assert [one(), one(), five(), one(), five()] == [1, 2, 5, 3, 10]
            assert callable(one) and one is not five
            assert one.__closure__ is not None, "use a closure"
        """),
        wrong=(
            "n = 0\ndef make_counter(step=1):\n    def count():\n        global n\n        n += step\n        return n\n    return count",
            "def make_counter(step=1):\n    n = 0\n    def count():\n        return n + step\n    return count",
        ),
        right="def make_counter(step=1):\n    state = [0]\n    return lambda: state.__setitem__(0, state[0] + step) or state[0]",
    ),
    style(
        "a decorator of the student's on functions of the check",
        "a decorator",
        answer("""
            import functools

            def twice(f):
                @functools.wraps(f)
                def wrapper(*args, **kwargs):
                    return f(f(*args, **kwargs))
                wrapper.original = f
                return wrapper
        """),
        check("""
            @twice
            def add_three(x, by=3):
                "Adds three."
                return x + by

            assert add_three(1) == 7
            assert add_three.__name__ == "add_three" and add_three.__doc__ == "Adds three."
            assert add_three.original(1) == 4 and add_three.__wrapped__ is add_three.original
        """),
        wrong=(
            "def twice(f):\n    def wrapper(*args, **kwargs):\n        return f(f(*args, **kwargs))\n    wrapper.original = f\n    return wrapper",
            "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def wrapper(x):\n        f(x)\n        return f(x)\n    wrapper.original = f\n    return wrapper",
        ),
        right="import functools\nclass twice:\n    def __init__(self, f):\n        self.original = f\n        functools.update_wrapper(self, f)\n    def __call__(self, *a, **k):\n        f = self.original\n        return f(f(*a, **k))",
    ),
    style(
        "callbacks of the check are called by the student",
        "a callback",
        answer(
            "def bisect(f, low, high, steps):\n    for _ in range(steps):\n        middle = (low + high) / 2\n        if f(low) * f(middle) <= 0:\n            high = middle\n        else:\n            low = middle\n    return (low + high) / 2"
        ),
        check("""
            asked = []

            def f(x):
                asked.append(x)
                return x * x - 2

            assert abs(bisect(f, 0, 2, 30) - 2 ** 0.5) < 1e-6
            assert 30 <= len(asked) <= 70, "about two evaluations a step"
            assert all(0 <= x <= 2 for x in asked)
        """),
        wrong=(
            "def bisect(f, low, high, steps):\n    return (low + high) / 2",
            "def bisect(f, low, high, steps):\n    n = 100_000\n    return min((low + k * (high - low) / n for k in range(2000)), key=lambda x: abs(f(x)))",
        ),
        right="def bisect(f, low, high, steps):\n    at_low = f(low)\n    while steps:\n        steps -= 1\n        middle = low + (high - low) / 2\n        if at_low * (value := f(middle)) > 0:\n            low, at_low = middle, value\n        else:\n            high = middle\n    return middle",
    ),
    style(
        "the student's function is the key of a sort and the condition of a filter",
        "a callback",
        answer("def by_length_then_name(word):\n    return (len(word), word)"),
        check("""
            words = ["pear", "fig", "apple", "kiwi", "yam"]
            assert sorted(words, key=by_length_then_name) == ["fig", "yam", "kiwi", "pear", "apple"]
            assert max(words, key=by_length_then_name) == "apple"
            assert list(map(by_length_then_name, ["ab"])) == [(2, "ab")]
        """),
        wrong=(
            "def by_length_then_name(word):\n    return len(word)",
            "def by_length_then_name(word):\n    return (word, len(word))",
        ),
        right="by_length_then_name = lambda *w: (len(w[0]), *w)",
    ),
    style(
        "a generator function: lazy, endless and used up",
        "a generator",
        answer(
            "def primes():\n    found, n = [], 2\n    while True:\n        if all(n % p for p in found):\n            found.append(n)\n            yield n\n        n += 1"
        ),
        check("""
            import itertools
            import types

            endless = primes()
            assert isinstance(endless, types.GeneratorType)
            assert next(endless) == 2
            assert list(itertools.islice(endless, 4)) == [3, 5, 7, 11]
            for p in endless:
                if p > 20:
                    break
            assert p == 23 and next(endless) == 29
        """),
        wrong=(
            "def primes():\n    return iter([2, 3, 5, 7, 11, 13, 17, 19, 23, 29])",
            "def primes():\n    n = 2\n    while True:\n        yield n\n        n += 1 if n == 2 else 2",
        ),
        right="def primes(n=2):\n    while True:\n        if not any(n % d == 0 for d in range(2, n)):\n            yield n\n        n += 1",
    ),
    style(
        "a coroutine that is sent values and closed",
        "a generator",
        answer(
            "def averager():\n    total, n, mean = 0, 0, None\n    while True:\n        total += yield mean\n        n += 1\n        mean = total / n"
        ),
        check("""
            a = averager()
            assert next(a) is None
            assert a.send(10) == 10 and a.send(20) == 15
            a.close()
            try:
                a.send(1)
            except StopIteration:
                pass
            else:
                raise AssertionError("it is closed")
        """),
        wrong=(
            "def averager():\n    total = 0\n    while True:\n        total += yield total",
            "def averager():\n    mean = None\n    while True:\n        x = yield mean\n        mean = x if mean is None else (mean + x) / 3",
        ),
        right="def averager():\n    values = []\n    values.append((yield))\n    while True:\n        values.append((yield sum(values) / len(values)))",
    ),
    style(
        "a generator of the check is handed over and must be read lazily",
        "a generator handed over",
        answer(
            "def first_over(limit, numbers):\n    for x in numbers:\n        if x > limit:\n            return x\n    return None"
        ),
        check("""
            import itertools

            assert first_over(10, (k * k for k in itertools.count())) == 16
            numbers = iter([1, 5, 9, 2])
            assert first_over(4, numbers) == 5
            assert list(numbers) == [9, 2], "read no more than you need"
            assert first_over(4, iter([])) is None
        """),
        wrong=(
            "def first_over(limit, numbers):\n    return min((x for x in list(zip(numbers, range(1000))) if x[0] > limit), default=None)",
            "def first_over(limit, numbers):\n    for x in numbers:\n        if x >= limit + 1:\n            next(numbers, None)\n            return x",
        ),
        right="def first_over(limit, numbers):\n    return next((x for x in numbers if x > limit), None)",
    ),
    style(
        "async functions are awaited by the check",
        "await",
        answer("""
            import asyncio

            async def fetch(name, delay):
                await asyncio.sleep(delay)
                return name.upper()

            async def fetch_all(names):
                return await asyncio.gather(*(fetch(n, 0.01) for n in names))
        """),
        check("""
            import asyncio
            import inspect

            assert inspect.iscoroutinefunction(fetch)
            assert await fetch("a", 0) == "A"
            assert await asyncio.wait_for(fetch_all(["x", "y"]), 5) == ["X", "Y"]
        """),
        wrong=(
            "def fetch(name, delay):\n    return name.upper()\ndef fetch_all(names):\n    return [fetch(n, 0) for n in names]",
            "import asyncio\nasync def fetch(name, delay):\n    asyncio.sleep(delay).close()\n    return name\nasync def fetch_all(names):\n    return [await fetch(n, 0) for n in names]",
        ),
        right="import asyncio\nasync def fetch(name, delay):\n    await asyncio.sleep(delay)\n    return name.upper()\nasync def fetch_all(names):\n    tasks = [asyncio.ensure_future(fetch(n, 0)) for n in names]\n    return [await t for t in tasks]",
    ),
    style(
        "the source of the function is read with inspect",
        "inspect.getsource",
        answer("def double_all(values):\n    return [2 * v for v in values]"),
        check("""
            import ast
            import inspect

            assert double_all([1, 2]) == [2, 4]
            tree = ast.parse(inspect.getsource(double_all))
            assert not any(isinstance(n, (ast.For, ast.While)) for n in ast.walk(tree)), "no loops"
            assert any(isinstance(n, ast.ListComp) for n in ast.walk(tree)), "use a comprehension"
        """),
        wrong=(
            "def double_all(values):\n    result = []\n    for v in values:\n        result.append(2 * v)\n    return result",
            "def double_all(values):\n    return list(map(lambda v: 2 * v, values))",
        ),
        right="def double_all(values, *, factor=2):\n    'Doubles.'\n    doubled = [v * factor for v in values]\n    return doubled",
    ),
    style(
        "signature, docstring, annotations and defaults",
        "inspect.signature",
        answer(
            'def area(width: float, height: float = 1.0) -> float:\n    """The area of a rectangle."""\n    return width * height'
        ),
        check("""
            import inspect
            import typing

            parameters = inspect.signature(area).parameters
            assert list(parameters) == ["width", "height"]
            assert parameters["height"].default == 1.0
            assert typing.get_type_hints(area) == {"width": float, "height": float, "return": float}
            assert area.__doc__ and area.__defaults__ == (1.0,) and area.__name__ == "area"
            assert area(3) == 3 and area(width=2, height=4) == 8
        """),
        wrong=(
            "def area(width, height=1.0):\n    return width * height",
            'def area(width: int, height: int = 1) -> int:\n    """The area."""\n    return width * height',
        ),
        right="def area(width, height=1.0):\n    return width * height\narea.__doc__ = 'Width times height.'\narea.__annotations__ = {'width': float, 'height': float, 'return': float}",
    ),
    style(
        "the names that the code object uses",
        "code objects",
        answer(
            "def largest(values):\n    best = values[0]\n    for v in values:\n        best = v if v > best else best\n    return best"
        ),
        check("""
            assert largest([3, 9, 2]) == 9 and largest([-4]) == -4
            used = set(largest.__code__.co_names)
            assert not used & {"max", "sorted", "sort"}, "find it yourself"
            assert largest.__code__.co_argcount == 1
        """),
        wrong=(
            "def largest(values):\n    return max(values)",
            "def largest(values):\n    return sorted(values)[-1]",
        ),
        right="import functools\ndef largest(values):\n    return functools.reduce(lambda a, b: a if a > b else b, values)",
    ),
    style(
        "a dictionary of lambdas is the student's variable",
        "functions in containers",
        answer("ops = {'+': lambda a, b: a + b, '-': lambda a, b: a - b, 'max': max}"),
        check("""
            assert set(ops) == {"+", "-", "max"}
            assert ops["+"](2, 3) == 5 and ops["-"](2, 3) == -1 and ops["max"](2, 3) == 3
            assert all(callable(f) for f in ops.values())
            assert ops["max"] is max, "the builtin itself"
        """),
        wrong=(
            "ops = {'+': lambda a, b: a + b, '-': lambda a, b: b - a, 'max': max}",
            "ops = {'+': 5, '-': -1, 'max': 3}",
        ),
        right="import operator\nops = dict(zip(['+', '-', 'max'], [operator.add, operator.sub, max]))",
    ),
    style(
        "partial functions and the cache of lru_cache",
        "functions of functools",
        answer(
            "import functools\n\n@functools.lru_cache(maxsize=None)\ndef fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\n\nhalf = functools.partial(round, ndigits=1)"
        ),
        check("""
            import functools

            fact.cache_clear()
            assert fact(5) == 120
            assert fact.cache_info().misses == 5
            fact(5)
            assert fact.cache_info().hits >= 1
            assert isinstance(half, functools.partial) and half.func is round
            assert half(2.345) == 2.3 and half.keywords == {"ndigits": 1}
        """),
        wrong=(
            "import functools\ndef fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\nhalf = functools.partial(round, ndigits=1)",
            "import functools\n@functools.cache\ndef fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\ndef half(x):\n    return round(x, 1)",
        ),
        right="from functools import cache, partial\n@cache\ndef fact(n):\n    return n * fact(n - 1) if n > 1 else 1\nhalf = partial(round, **{'ndigits': 1})",
    ),
    style(
        "many cases in a loop, with a message for each",
        "plain values",
        answer(
            "def roman(n):\n    out = ''\n    for v, s in [(10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')]:\n        while n >= v:\n            out, n = out + s, n - v\n    return out"
        ),
        check("""
            cases = {1: "I", 4: "IV", 9: "IX", 14: "XIV", 27: "XXVII", 39: "XXXIX"}
            for n, expected in cases.items():
                got = roman(n)
                assert got == expected, f"roman({n}) is {got!r}, and should be {expected!r}"
        """),
        wrong=(
            "def roman(n):\n    return 'X' * (n // 10) + 'V' * (n % 10 // 5) + 'I' * (n % 5)",
            "def roman(n):\n    return 'I' * n",
        ),
        right="ONES = ['', *'I II III IV V VI VII VIII IX'.split()]\ndef roman(n):\n    return 'X' * (n // 10) + ONES[n % 10]",
    ),
    style(
        "the last expression is the mark",
        "partial credit",
        answer("def leap(y):\n    return y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)"),
        check("""
            years = {1900: False, 2000: True, 2023: False, 2024: True}
            right = sum(leap(y) is expected for y, expected in years.items())
            (right - 2) if right > 2 else 0
        """),
        wrong=(
            "def leap(y):\n    return y % 4 == 1",
            "def leap(y):\n    return 1 if y % 4 == 0 else 0",
            of("def leap(y):\n    return y % 4 == 0", t1=1),
        ),
        right="import calendar\nleap = calendar.isleap",
    ),
    style(
        "the mark is a number of NumPy",
        "partial credit",
        answer(
            "import numpy as np\ndef scaled(v):\n    v = np.asarray(v, dtype=float)\n    return v / v.max()"
        ),
        check("""
            import numpy as np

            trials = [np.array([1.0, 2.0]), np.array([3.0, 6.0, 12.0]), np.array([5.0])]
            good = [np.allclose(scaled(t), t / t.max()) for t in trials]
            np.float64(2) * np.mean(good) if good[0] else 0.0
        """),
        wrong=(
            "import numpy as np\ndef scaled(v):\n    return np.asarray(v) / 10",
            "def scaled(v):\n    return v",
        ),
        right="def scaled(v):\n    top = max(v)\n    return [x / top for x in v]",
    ),
    style(
        "a semicolon keeps the last value from being the mark",
        "partial credit",
        answer("def halves(v):\n    return [x / 2 for x in v]"),
        check("""
            got = halves([4, 3])
            assert got == [2, 1.5]
            got.count(99);  # nothing is shown
        """),
        wrong=(
            "def halves(v):\n    return [x // 2 for x in v]",
            "def halves(v):\n    return v[: len(v) // 2]",
        ),
        right="import numpy as np\ndef halves(v):\n    return np.divide(v, 2).tolist()",
    ),
    style(
        "the check gives points step by step",
        "partial credit",
        answer(
            "def parse(text):\n    key, _, value = text.partition('=')\n    return key.strip(), int(value)"
        ),
        check("""
            score = 0
            try:
                assert parse("a=1") == ("a", 1)
                score += 1
                assert parse(" b = 22 ") == ("b", 22)
                score += 1
            except Exception as error:
                print("stopped at", score, type(error).__name__)
            score
        """),
        wrong=(
            "def parse(text):\n    return text.split('=')",
            "def parse(text):\n    return text[0], text[2:]",
            of("def parse(text):\n    k, v = text.split('=')\n    return k, int(v)", t1=1),
        ),
        right="import re\ndef parse(text):\n    key, value = re.fullmatch(r'\\s*(\\w+)\\s*=\\s*(\\d+)\\s*', text).groups()\n    return key, int(value)",
    ),
    style(
        "the answer is compared by its hash",
        "a hash of the answer",
        answer("answer = 6 * 7\nwords = sorted({'pear', 'fig'})"),
        check("""
            import hashlib

            def md5(x):
                return hashlib.md5(str(x).encode()).hexdigest()

            assert md5(answer) == "a1d0c6e83f027327d8461063f4ac58a6", "the number is not right"
            assert hashlib.sha1(repr(words).encode()).hexdigest().startswith("816d7c76"), "the words are not"
        """),
        wrong=("answer = 6 * 7.0\nwords = ['fig', 'pear']", "answer = 42\nwords = ['pear', 'fig']"),
        right="answer = int('2a', 16)\nwords = 'fig pear'.split()",
    ),
    style(
        "hashes of type and value, as nbgrader's own generator of tests writes them",
        "a hash of the answer",
        answer("x = [1, 2, 3]\ny = sum(x) / 2"),
        check("""
            from hashlib import sha1

            salt = b"e5d0"

            def seal(text):
                return sha1(str(text).encode("utf-8") + salt).hexdigest()

            assert seal(type(x)) == seal("<class 'list'>"), "type of x is not list"
            assert seal(len(x)) == seal(3) and seal(sorted(map(str, x))) == seal(["1", "2", "3"])
            assert seal(type(y)) == seal("<class 'float'>") and seal(round(y, 2)) == seal("3.0")
        """),
        wrong=("x = (1, 2, 3)\ny = 3.0", "x = [1, 2, 3]\ny = sum(x) // 2"),
        right="x = [*range(1, 4)]\ny = 1.5 * len(x[1:])",
    ),
    style(
        "the exact type of the answers",
        "types",
        answer("n = 3\nratio = n / 2\nname = 'kite'\nseen = {n}\nnothing = None"),
        check("""
            assert type(n) == int and type(ratio) is float and type(name) == str
            assert isinstance(seen, set) and type(seen).__name__ == "set" and nothing is None
            assert (n, ratio, name, seen) == (3, 1.5, "kite", {3})
        """),
        wrong=(
            "n = 3.0\nratio = 1.5\nname = 'kite'\nseen = {3}\nnothing = None",
            "n = 3\nratio = 1.5\nname = 'kite'\nseen = [3]\nnothing = 0",
        ),
        right="nothing = print(end='')\nn, ratio, name = 3, 3 * .5, str('kite')\nseen = set([n])",
    ),
    style(
        "aliases, copies and changes in place",
        "identity",
        free("import copy"),
        answer(
            "def add_to(basket, item):\n    basket.append(item)\n    return basket\n\ndef with_item(basket, item):\n    return basket + [item]"
        ),
        check("""
            basket = ["tea"]
            assert add_to(basket, "milk") is basket and basket == ["tea", "milk"]
            other = with_item(basket, "jam")
            assert other is not basket and other == ["tea", "milk", "jam"]
            assert basket == ["tea", "milk"]
            nested = [[1], [2]]
            result = with_item(nested, [3])
            result[0].append(9)
            assert nested[0] == [1, 9], "a shallow copy is enough"
        """),
        wrong=(
            "def add_to(basket, item):\n    return basket + [item]\ndef with_item(basket, item):\n    return basket + [item]",
            "def add_to(basket, item):\n    basket.append(item)\n    return basket\ndef with_item(basket, item):\n    return add_to(basket, item)",
        ),
        right="def add_to(basket, *items):\n    basket += items\n    return basket\ndef with_item(basket, item):\n    return [*basket, item]",
    ),
    style(
        "Counter, defaultdict, deque and OrderedDict come back",
        "collections",
        answer("""
            from collections import Counter, OrderedDict, defaultdict, deque

            def count(words):
                return Counter(words)

            def by_letter(words):
                groups = defaultdict(list)
                for w in words:
                    groups[w[0]].append(w)
                return groups

            def last(n, values):
                return deque(values, maxlen=n)

            def ranking(scores):
                return OrderedDict(sorted(scores.items(), key=lambda kv: -kv[1]))
        """),
        check("""
            from collections import Counter, OrderedDict, defaultdict, deque

            c = count(["a", "b", "a"])
            assert isinstance(c, Counter) and c.most_common(1) == [("a", 2)] and c["z"] == 0
            g = by_letter(["kite", "kilt", "sun"])
            assert isinstance(g, defaultdict) and g["k"] == ["kite", "kilt"] and g["none"] == []
            d = last(2, [1, 2, 3])
            assert d == deque([2, 3]) and d.maxlen == 2
            r = ranking({"x": 1, "y": 5})
            assert isinstance(r, OrderedDict) and list(r) == ["y", "x"]
            r.move_to_end("y")
            assert list(r) == ["x", "y"]
        """),
        wrong=(
            "def count(words):\n    return {w: words.count(w) for w in words}\ndef by_letter(words):\n    return {w[0]: [w] for w in words}\ndef last(n, values):\n    return values[-n:]\ndef ranking(scores):\n    return scores",
            "from collections import Counter, OrderedDict, defaultdict, deque\ncount = Counter\ndef by_letter(words):\n    g = defaultdict(list)\n    for w in words:\n        g[w[0]].append(w)\n    return dict(g)\ndef last(n, values):\n    return deque(values[-n:])\nranking = OrderedDict",
        ),
        right="""
            import collections as kinds

            count = kinds.Counter
            def by_letter(words):
                return kinds.defaultdict(list, {w[0]: [v for v in words if v[0] == w[0]] for w in words})
            def last(n, values):
                d = kinds.deque((), n)
                d.extend(values)
                return d
            def ranking(scores):
                return kinds.OrderedDict(kinds.Counter(scores).most_common())
        """,
    ),
    style(
        "sets and frozensets in and out",
        "sets",
        answer("def shared(*groups):\n    return frozenset(set.intersection(*map(set, groups)))"),
        check("""
            got = shared({1, 2, 3}, frozenset({2, 3}), [3, 2, 2])
            assert got == {2, 3} and type(got) is frozenset
            assert {got: "pair"}[frozenset({3, 2})] == "pair"
            assert shared({1}, {2}) == set() and shared("abc", "cab") >= {"a", "b"}
        """),
        wrong=(
            "def shared(*groups):\n    return set.intersection(*map(set, groups))",
            "def shared(*groups):\n    return frozenset(set.union(*map(set, groups)))",
        ),
        right="def shared(first, *rest):\n    return frozenset(x for x in first if all(x in r for r in rest))",
    ),
    style(
        "fractions and decimals are exact",
        "numbers",
        answer(
            "from decimal import Decimal\nfrom fractions import Fraction\n\ndef third(x):\n    return Fraction(x) / 3\n\ndef vat(price):\n    return (Decimal(price) * Decimal('0.2')).quantize(Decimal('0.01'))"
        ),
        check("""
            from decimal import Decimal
            from fractions import Fraction

            assert third(2) == Fraction(2, 3) and isinstance(third(2), Fraction)
            assert third(Fraction(3, 4)) + Fraction(3, 4) == 1
            assert vat("9.99") == Decimal("2.00") and str(vat("1.23")) == "0.25"
            assert isinstance(vat("1"), Decimal)
        """),
        wrong=(
            "def third(x):\n    return x / 3\ndef vat(price):\n    return round(float(price) * 0.2, 2)",
            "from decimal import Decimal\nfrom fractions import Fraction\ndef third(x):\n    return Fraction(float(x) / 3)\ndef vat(price):\n    return Decimal(float(price) * 0.2)",
        ),
        right="import decimal, fractions\nthird = lambda x: fractions.Fraction(1, 3) * x\ndef vat(price):\n    return round(decimal.Decimal(price) / 5, 2)",
    ),
    style(
        "dates, times and differences are given back",
        "dates",
        answer(
            "import datetime as dt\n\ndef due(day, weeks):\n    return day + dt.timedelta(weeks=weeks)\n\ndef age(born, today):\n    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))\n\ndef parse(text):\n    return dt.datetime.strptime(text, '%d.%m.%Y %H:%M')"
        ),
        check("""
            from datetime import date, datetime, timedelta

            assert due(date(2024, 2, 22), 1) == date(2024, 2, 29)
            assert due(date(2024, 1, 1), 2) - date(2024, 1, 1) == timedelta(days=14)
            assert isinstance(due(date(2024, 1, 1), 0), date)
            assert age(date(2000, 5, 2), date(2024, 5, 1)) == 23
            assert parse("03.04.2025 17:30") == datetime(2025, 4, 3, 17, 30)
            assert parse("03.04.2025 17:30").isoformat() == "2025-04-03T17:30:00"
        """),
        wrong=(
            "def due(day, weeks):\n    return str(day)\ndef age(born, today):\n    return today.year - born.year\ndef parse(text):\n    return text",
            "import datetime as dt\ndef due(day, weeks):\n    return day + dt.timedelta(days=weeks)\ndef age(born, today):\n    return today.year - born.year\ndef parse(text):\n    return dt.datetime.strptime(text, '%m.%d.%Y %H:%M')",
        ),
        right="import datetime as clock\ndef due(day, weeks):\n    return clock.date.fromordinal(day.toordinal() + 7 * weeks)\ndef age(born, today):\n    try:\n        had = born.replace(year=today.year) <= today\n    except ValueError:\n        had = today.month > 2\n    return today.year - born.year - (not had)\ndef parse(text):\n    day, time = text.split()\n    d, m, y = map(int, day.split('.'))\n    return clock.datetime(y, m, d, *map(int, time.split(':')))",
    ),
    style(
        "a compiled pattern is the student's variable",
        "a regular expression",
        answer("import re\npostcode = re.compile(r'([A-Z]{1,2}\\d{1,2}) (\\d[A-Z]{2})')"),
        check("""
            import re

            assert isinstance(postcode, re.Pattern)
            assert postcode.fullmatch("CB2 1TN").groups() == ("CB2", "1TN")
            assert postcode.fullmatch("CB21TN") is None and not postcode.fullmatch("cb2 1tn")
            assert [m.group(1) for m in postcode.finditer("SW1 1AA, E16 2BB")] == ["SW1", "E16"]
        """),
        wrong=(
            "postcode = r'([A-Z]{1,2}\\d{1,2}) (\\d[A-Z]{2})'",
            "import re\npostcode = re.compile(r'(.+) (.+)')",
        ),
        right="import re\npostcode = re.compile('''([A-Z] [A-Z]? \\\\d \\\\d?)[ ](\\\\d [A-Z] [A-Z])''', re.VERBOSE)",
    ),
    style(
        "complex numbers, nan and infinity",
        "numbers",
        answer(
            "import cmath, math\ndef roots(a, b, c):\n    d = cmath.sqrt(b * b - 4 * a * c)\n    return (-b - d) / (2 * a), (-b + d) / (2 * a)\ndef safe_log(x):\n    return math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan)"
        ),
        check("""
            import math

            low, high = roots(1, 2, 5)
            assert low == -1 - 2j and high == low.conjugate() and isinstance(low, complex)
            assert math.isnan(safe_log(-1)) and safe_log(0) == float("-inf")
            assert math.isclose(safe_log(math.e), 1)
        """),
        wrong=(
            "def roots(a, b, c):\n    d = (b * b - 4 * a * c) ** 0.5\n    return (-b + d) / (2 * a), (-b - d) / (2 * a)\ndef safe_log(x):\n    return 0",
            "import math\ndef roots(a, b, c):\n    d = math.sqrt(abs(b * b - 4 * a * c))\n    return (-b - d) / (2 * a), (-b + d) / (2 * a)\ndef safe_log(x):\n    return math.log(x)",
        ),
        right="import numpy as np\ndef roots(a, b, c):\n    d = complex(0, (4 * a * c - b * b) ** 0.5)\n    return (-b - d) / (2 * a), (-b + d) / (2 * a)\ndef safe_log(x):\n    with np.errstate(all='ignore'):\n        return float(np.log(x))",
    ),
    style(
        "a thread-safe counter under the threads of the check",
        "threads",
        answer("""
            import threading

            class Counter:
                def __init__(self):
                    self.n, self.lock = 0, threading.Lock()
                def add(self):
                    with self.lock:
                        self.n += 1
        """),
        check("""
            import threading
            from concurrent.futures import ThreadPoolExecutor

            c = Counter()
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda _: c.add(), range(200)))
            assert c.n == 200
            worker = threading.Thread(target=c.add)
            worker.start()
            worker.join(5)
            assert c.n == 201
        """),
        wrong=(
            "class Counter:\n    def __init__(self):\n        self.n = 0\n    def add(self):\n        if self.n < 150:\n            self.n += 1",
            "class Counter:\n    n = 0\n    def add(self):\n        n = self.n\n        n += 1",
        ),
        right="import itertools\nclass Counter:\n    def __init__(self):\n        self._it, self.n = itertools.count(1), 0\n        import threading\n        self._lock = threading.RLock()\n    def add(self):\n        self._lock.acquire()\n        try:\n            self.n = next(self._it)\n        finally:\n            self._lock.release()",
    ),
    style(
        "random trials against a slow version of the check's",
        "plain values",
        answer(
            "def longest_run(v):\n    best = now = 0\n    for k, x in enumerate(v):\n        now = now + 1 if k and v[k - 1] == x else 1\n        best = max(best, now)\n    return best"
        ),
        check("""
            import random

            def slow(v):
                return max(
                    (b - a for a in range(len(v)) for b in range(a + 1, len(v) + 1) if len(set(v[a:b])) == 1),
                    default=0,
                )

            rng = random.Random(5)
            for trial in range(60):
                v = [rng.randint(0, 2) for _ in range(rng.randint(0, 8))]
                assert longest_run(list(v)) == slow(v), v
        """),
        wrong=(
            "def longest_run(v):\n    return max(map(v.count, v), default=0)",
            "def longest_run(v):\n    best = now = 1\n    for a, b in zip(v, v[1:]):\n        now = now + 1 if a == b else 1\n        best = max(best, now)\n    return best",
        ),
        right="import itertools\ndef longest_run(v):\n    return max((len(list(g)) for _, g in itertools.groupby(v)), default=0)",
    ),
    style(
        "keyword-only arguments and arguments without a number",
        "calls",
        answer(
            "def summary(*values, sep=', ', **extra):\n    head = sep.join(map(str, values))\n    return head + ''.join(f'; {k}={v}' for k, v in extra.items())"
        ),
        check("""
            assert summary() == ""
            assert summary(1, 2.5, "a") == "1, 2.5, a"
            assert summary(*range(3), sep="-") == "0-1-2"
            assert summary(1, **{"unit": "m", "n": 2}) == "1; unit=m; n=2"
        """),
        wrong=(
            "def summary(values, sep=', ', **extra):\n    return sep.join(map(str, values))",
            "def summary(*values, sep=',', **extra):\n    return sep.join(map(str, values))",
        ),
        right="def summary(*v, **k):\n    s = k.pop('sep', ', ')\n    return '; '.join(([s.join(f'{x}' for x in v)]) + [f'{a}={b}' for a, b in k.items()])",
    ),
]
