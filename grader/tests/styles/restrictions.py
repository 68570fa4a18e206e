"""Checks that forbid something: a solution that keeps to it passes wherever it is judged."""

from __future__ import annotations

from .style import answer, check, given, style

STYLES = [
    style(
        "a function of a library is forbidden by a patch",
        "a patched library",
        answer("import numpy as np\ndef solve(A, b):\n    return np.linalg.solve(A, b)"),
        check("""
            from unittest.mock import patch

            import numpy as np

            A, b = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([3.0, 5.0])
            with patch("numpy.linalg.inv", side_effect=AssertionError("do not invert")):
                x = solve(A, b)
            assert np.allclose(A @ x, b)
        """),
        wrong=(
            "import numpy as np\ndef solve(A, b):\n    return np.linalg.inv(A) @ b",
            "import numpy as np\ndef solve(A, b):\n    return b / A.diagonal()",
        ),
        right="import numpy as np\ndef solve(A, b):\n    return np.linalg.lstsq(A, b, rcond=None)[0]",
    ),
    style(
        "a function of a library is taken away and put back",
        "a patched library",
        given("import math"),
        answer("def root(x):\n    return x ** 0.5"),
        check("""
            kept = math.sqrt
            del math.sqrt
            try:
                assert root(9) == 3
            finally:
                math.sqrt = kept
        """),
        wrong=("def root(x):\n    return math.sqrt(x)", "def root(x):\n    return x / 3 + 1"),
        right="def root(x):\n    guess = x\n    for _ in range(60):\n        guess = (guess + x / guess) / 2\n    return guess",
    ),
    style(
        "warnings are errors within the check",
        "warnings",
        answer(
            "import numpy as np\ndef sigmoid(x):\n    e = np.exp(-np.abs(x))\n    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))"
        ),
        check("""
            import warnings

            import numpy as np

            with warnings.catch_warnings():
                warnings.simplefilter("error")
                got = sigmoid(np.array([-1000.0, 0.0, 1000.0]))
            assert np.allclose(got, [0, 0.5, 1])
        """),
        wrong=(
            "import numpy as np\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))",
            "import numpy as np\ndef sigmoid(x):\n    return np.clip(0.5 + x / 4, 0.1, 1)",
        ),
        right="from scipy.special import expit as sigmoid",
        needs="scipy",
    ),
    style(
        "NumPy's floating-point errors are raised within the check",
        "settings of NumPy",
        answer(
            "import numpy as np\ndef normalise(v):\n    n = np.linalg.norm(v)\n    return v / n if n > 0 else v"
        ),
        check("""
            import numpy as np

            with np.errstate(all="raise"):
                assert np.allclose(normalise(np.array([3.0, 4.0])), [0.6, 0.8])
                normalise(np.zeros(2))
        """),
        wrong=(
            "import numpy as np\ndef normalise(v):\n    return v / np.linalg.norm(v)",
            "import numpy as np\ndef normalise(v):\n    return v / np.abs(v).max()",
        ),
        right="import numpy as np\ndef normalise(v):\n    return np.divide(v, max(np.sqrt(v @ v), 1e-12))",
    ),
    style(
        "the recursion limit is low within the check",
        "settings of Python",
        answer(
            "def total(v):\n    result = 0\n    for x in v:\n        result += x\n    return result"
        ),
        check("""
            import inspect
            import sys

            usual = sys.getrecursionlimit()
            sys.setrecursionlimit(len(inspect.stack()) + 60)
            try:
                assert total([1] * 200) == 200
            except RecursionError:
                raise AssertionError("write a loop") from None
            finally:
                sys.setrecursionlimit(usual)
        """),
        wrong=(
            "def total(v):\n    return v[0] + total(v[1:]) if v else 0",
            "def total(v):\n    return v[0]",
        ),
        right="def total(v):\n    return sum(v)",
    ),
    style(
        "calls are counted with a profile function of the check's",
        "settings of Python",
        answer("""
            def fib(n, known={0: 0, 1: 1}):
                if n not in known:
                    known[n] = fib(n - 1) + fib(n - 2)
                return known[n]
        """),
        check("""
            import sys

            calls = []

            def watch(frame, event, argument):
                if event == "call" and frame.f_code.co_name == "fib":
                    calls.append(1)

            sys.setprofile(watch)
            try:
                got = fib(15)
            finally:
                sys.setprofile(None)
            assert got == 610
            assert len(calls) < 100, f"{len(calls)} calls"
        """),
        wrong=(
            "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)",
            "def fib(n):\n    return 987",
        ),
        right="def fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a",
    ),
    style(
        "nothing may be written to the folder",
        "a file that is written",
        answer("def words(text):\n    return len(text.split())"),
        check("""
            import os

            before = set(os.listdir("."))
            assert words("a few words") == 3
            assert set(os.listdir(".")) == before, "leave no files behind"
        """),
        wrong=(
            "def words(text):\n    open('words.tmp', 'w').write(text)\n    return len(open('words.tmp').read().split())",
            "def words(text):\n    return len(text)",
        ),
        right="import io\ndef words(text):\n    return sum(len(line.split()) for line in io.StringIO(text))",
    ),
    style(
        "a global of the notebook must stay as it was",
        "a global that is changed",
        given("PRICES = [3, 1, 2]"),
        answer("def cheapest(n):\n    return sorted(PRICES)[:n]"),
        check("""
            assert cheapest(2) == [1, 2]
            assert PRICES == [3, 1, 2], "do not change PRICES"
        """),
        wrong=(
            "def cheapest(n):\n    PRICES.sort()\n    return PRICES[:n]",
            "def cheapest(n):\n    return PRICES[:n]",
        ),
        right="import heapq\ndef cheapest(n):\n    return heapq.nsmallest(n, PRICES)",
    ),
    style(
        "the rows of a grid must not be one and the same list",
        "identity",
        answer("def grid(rows, columns):\n    return [[0] * columns for _ in range(rows)]"),
        check("""
            g = grid(2, 3)
            assert g == [[0, 0, 0], [0, 0, 0]]
            g[0][1] = 5
            assert g == [[0, 5, 0], [0, 0, 0]], "the rows are one list"
        """),
        wrong=(
            "def grid(rows, columns):\n    return [[0] * columns] * rows",
            "def grid(rows, columns):\n    return [[0] * rows for _ in range(columns)]",
        ),
        right="import numpy as np\ndef grid(*shape):\n    return np.zeros(shape, int).tolist()",
    ),
    style(
        "the list that comes back must be another one",
        "identity",
        answer("def doubled(v):\n    return [2 * x for x in v]\n\ndef copied(v):\n    return v[:]"),
        check("""
            v = [1, 2]
            assert doubled(v) == [2, 4] and v == [1, 2]
            c = copied(v)
            assert c == v and c is not v, "a copy is another list"
            c.append(3)
            assert v == [1, 2]
        """),
        wrong=(
            "def doubled(v):\n    return [2 * x for x in v]\ndef copied(v):\n    return v",
            "def doubled(v):\n    for k in range(len(v)):\n        v[k] *= 2\n    return v\ndef copied(v):\n    return v[:]",
        ),
        right="import copy\ndef doubled(v):\n    return list(map((2).__mul__, v))\ncopied = copy.copy",
    ),
    style(
        "the result must share no memory with the input",
        "arrays",
        answer("import numpy as np\ndef every_other(x):\n    return x[::2].copy()"),
        check("""
            import numpy as np

            x = np.arange(6.0)
            y = every_other(x)
            assert y.tolist() == [0.0, 2.0, 4.0]
            assert not np.shares_memory(x, y) and y.base is None
            y[0] = 9
            assert x[0] == 0
        """),
        wrong=(
            "def every_other(x):\n    return x[::2]",
            "def every_other(x):\n    return x[1::2].copy()",
        ),
        right="import numpy as np\ndef every_other(x):\n    return x[np.arange(len(x)) % 2 == 0]",
    ),
    style(
        "a number of Python is asked for, not one of NumPy",
        "types",
        answer(
            "import numpy as np\ndef mean(v):\n    return float(np.mean(v))\ndef count(v):\n    return len(v)"
        ),
        check("""
            assert type(mean([1, 2])) is float and mean([1, 2]) == 1.5
            assert type(count([1, 2])) is int and count([]) == 0
        """),
        wrong=(
            "import numpy as np\ndef mean(v):\n    return np.mean(v)\ndef count(v):\n    return len(v)",
            "def mean(v):\n    return sum(v) / len(v)\ndef count(v):\n    return sum(1.0 for _ in v)",
        ),
        right="import statistics\nmean = statistics.fmean\ncount = list.__len__",
    ),
    style(
        "an attribute that must not be reached, and a method that must not be there",
        "attributes",
        answer("""
            class Safe:
                __slots__ = ("_code",)
                def __init__(self, code):
                    self._code = code
                def open(self, code):
                    return code == self._code
        """),
        check("""
            safe = Safe(7)
            assert safe.open(7) and not safe.open(8)
            assert not hasattr(safe, "code") and not hasattr(safe, "__dict__"), "use __slots__"
            try:
                safe.code = 9
            except AttributeError:
                pass
            else:
                raise AssertionError("nobody should add attributes")
        """),
        wrong=(
            "class Safe:\n    def __init__(self, code):\n        self._code = code\n    def open(self, code):\n        return code == self._code",
            "class Safe:\n    __slots__ = ('code',)\n    def __init__(self, code):\n        self.code = code\n    def open(self, code):\n        return code == self.code",
        ),
        right="class Safe(tuple):\n    __slots__ = ()\n    def __new__(cls, code):\n        return super().__new__(cls, (code,))\n    def open(self, code):\n        return code in self",
    ),
    style(
        "standard input must not be read and nothing may be printed",
        "standard output",
        answer("def area(r):\n    return round(3.14159 * r * r, 2)"),
        check("""
            import contextlib
            import io
            from unittest.mock import patch

            out = io.StringIO()
            with contextlib.redirect_stdout(out), patch("builtins.input", side_effect=AssertionError("do not ask")):
                assert area(2) == 12.57
            assert out.getvalue() == "", "return the area, print nothing"
        """),
        wrong=(
            "def area(r):\n    print('area:')\n    return round(3.14159 * r * r, 2)",
            "def area(r):\n    return round(3 * r * r, 2)",
            "def area(r):\n    try:\n        r = r or input('r')\n        r = float(input('r? '))\n    except EOFError:\n        pass\n    return round(3.14159 * r * r, 2)",
        ),
        right="import math\narea = lambda r: float(f'{math.pi * r ** 2:.2f}')",
    ),
]
