"""Names that go from a check to the student's cells and back, seeds, and what is patched."""

from __future__ import annotations

from .style import answer, check, free, given, of, style

STYLES = [
    style(
        "a solution reads a global which a check defines",
        "a global of the check",
        answer("def price(n):\n    return n * RATE"),
        check("""
            RATE = 3
            assert price(2) == 6
            ### BEGIN HIDDEN TESTS
            RATE = 5
            assert price(2) == 10
            ### END HIDDEN TESTS
        """),
        wrong=(
            "RATE = 1\ndef price(n):\n    return n + RATE",
            "def price(n, rate=3):\n    return n * rate",
        ),
        right="price = lambda n: sum(globals()['RATE'] for _ in range(n))",
    ),
    style(
        "a later answer uses the data which a check has made",
        "a name of the check in a later cell",
        answer("def clean(words):\n    return [w.strip().lower() for w in words]"),
        check("""
            cleaned = clean([" Kite", "KITE ", "sun"])
            assert cleaned == ["kite", "kite", "sun"]
        """),
        answer("counts = {w: cleaned.count(w) for w in cleaned}", "second"),
        check(
            """
            assert counts == {"kite": 2, "sun": 1}
            assert sum(counts.values()) == len(cleaned)
            """,
            "t2",
        ),
        wrong=(
            of("def clean(words):\n    return [w.strip() for w in words]"),
            of("counts = {w: 1 for w in cleaned}", "second", t1=2),
            of("counts = len(set(cleaned))", "second", t1=2),
        ),
        right=of(
            "import collections\ncounts = dict(collections.Counter(cleaned))",
            "second",
        ),
    ),
    style(
        "a later answer calls a helper which a check defines",
        "a function of the check in a later cell",
        answer("def area(w, h):\n    return w * h"),
        check("""
            def report(shape, value):
                return f"{shape}: {value:.1f}"

            assert report("square", area(2, 2)) == "square: 4.0"
        """),
        answer("line = report('door', area(2, 0.9))", "second"),
        check("assert line == 'door: 1.8'", "t2"),
        wrong=(
            of("def area(w, h):\n    return w + h + 1"),
            of("line = report('door', area(2, 9))", "second", t1=2),
            of("line = 'door 1.8'", "second", t1=2),
        ),
        right=of("line = 'door: 1.8'", "second"),
    ),
    style(
        "a check sets a constant of the notebook anew",
        "a global that is replaced",
        given("LIMIT = 10"),
        answer("""
            def clip(values):
                ### BEGIN SOLUTION
                return [min(v, LIMIT) for v in values]
                ### END SOLUTION
        """),
        check("""
            assert clip([5, 15]) == [5, 10]
            LIMIT = 3
            assert clip([5, 15]) == [3, 3], "use LIMIT, not 10"
        """),
        wrong=(
            "def clip(values):\n    return [min(v, 10) for v in values]",
            "def clip(values, limit=LIMIT):\n    return [min(v, limit) for v in values]",
        ),
        right="import numpy as np\ndef clip(values):\n    return np.minimum(values, LIMIT).tolist()",
    ),
    style(
        "a name is looked for in dir and in globals",
        "the notebook's namespace",
        answer("mean = sum([2, 4, 9]) / 3"),
        check("""
            assert "mean" in dir(), "there is no variable called mean"
            assert "mean" in globals()
            assert isinstance(globals()["mean"], float)
            assert globals().get("mean") == 5
        """),
        wrong=("average = 5.0", "mean = 5"),
        right="import statistics\nmean = statistics.fmean([2, 4, 9])",
    ),
    style(
        "a check hides a builtin that must not be used",
        "a builtin that is hidden",
        answer("""
            def total(values):
                ### BEGIN SOLUTION
                result = 0
                for v in values:
                    result += v
                return result
                ### END SOLUTION
        """),
        check("""
            def sum(*_):
                raise AssertionError("write the loop yourself, without sum")

            try:
                assert total([1, 2, 3]) == 6
                assert total([]) == 0
            finally:
                del sum
        """),
        wrong=(
            "def total(values):\n    return sum(values)",
            "def total(values):\n    result = 0\n    for v in values:\n        result = v\n    return result",
        ),
        right="import functools, operator\ndef total(values):\n    return functools.reduce(operator.add, values, 0)",
    ),
    style(
        "a check counts the recursive calls through the global name",
        "a function that is replaced",
        answer("""
            memory = {}

            def ways(n):
                if n < 2:
                    return 1
                if n not in memory:
                    memory[n] = ways(n - 1) + ways(n - 2)
                return memory[n]
        """),
        check("""
            calls, original = [], ways

            def ways(n):
                calls.append(n)
                return original(n)

            assert ways(20) == 10946
            assert 20 <= len(calls) <= 60, f"{len(calls)} calls: remember what you have computed"
            ways = original
        """),
        wrong=(
            "def ways(n):\n    return 1 if n < 2 else ways(n - 1) + ways(n - 2)",
            "def ways(n):\n    a = b = 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a",
        ),
        right="known = [1, 1]\ndef ways(n):\n    if n >= len(known):\n        known.append(ways(n - 1) + known[n - 2])\n    return known[n]",
    ),
    style(
        "a check evaluates text in the notebook's namespace",
        "eval of names",
        answer("def double(x):\n    return 2 * x"),
        check("""
            for text, expected in {"double(4)": 8, "double('ab')": "abab", "double([1])": [1, 1]}.items():
                assert eval(text) == expected, text
        """),
        wrong=("def double(x):\n    return x ** 2", "def double(x):\n    return float(x) * 2"),
        right="def double(x):\n    return x.__mul__(2)",
    ),
    style(
        "a check reads the text of the student's cell in In",
        "the notebook's history",
        answer("""
            # with a comprehension
            squares = [n * n for n in range(6)]
        """),
        check("""
            written = next(text for text in reversed(In[:-1]) if "squares" in text)
            assert squares == [0, 1, 4, 9, 16, 25]
            assert "append" not in written, "use a comprehension"
        """),
        wrong=(
            "squares = []\nfor n in range(6):\n    squares.append(n * n)",
            "squares = [n + n for n in range(6)]",
        ),
        right="squares = list(map(lambda n: n ** 2, range(6)))",
    ),
    style(
        "tests in a function that runs where the notebook is the main program",
        "the main program",
        answer(
            "class Stack:\n    def __init__(self):\n        self.items = []\n    def push(self, x):\n        self.items.append(x)\n    def pop(self):\n        return self.items.pop()"
        ),
        check("""
            def test_unit_stack():
                stack = Stack()
                stack.push(1)
                stack.push("b")
                assert stack.items == [1, "b"]
                assert stack.pop() == "b"
                assert stack.pop() == 1
                print("stack: ok")

            if __name__ == "__main__":
                test_unit_stack()
        """),
        wrong=(
            "class Stack:\n    def __init__(self):\n        self.items = []\n    def push(self, x):\n        self.items.append(x)\n    def pop(self):\n        return self.items[-1]",
            "class Stack:\n    items = []\n    def push(self, x):\n        self.items.insert(0, x)\n    def pop(self):\n        return self.items.pop(0)",
        ),
        right="class Stack:\n    def __init__(self):\n        self.items = []\n        self.push, self.pop = self.items.append, self.items.pop",
    ),
    style(
        "NumPy's global generator is seeded by the check",
        "a seed",
        answer("import numpy as np\ndef throw(n):\n    return np.random.randint(1, 7, size=n)"),
        check("""
            import numpy as np

            np.random.seed(42)
            expected = np.random.randint(1, 7, size=5)
            np.random.seed(42)
            assert (throw(5) == expected).all()
            ### BEGIN HIDDEN TESTS
            np.random.seed(1)
            first = np.random.rand()
            second = throw(3)
            np.random.seed(1)
            assert np.random.rand() == first
            assert list(second) == list(np.random.randint(1, 7, size=3)), "draw once only"
            ### END HIDDEN TESTS
        """),
        wrong=(
            "import numpy as np\ndef throw(n):\n    return np.random.randint(0, 6, size=n)",
            "import numpy as np\ndef throw(n):\n    np.random.seed(0)\n    return np.random.randint(1, 7, size=n)",
        ),
        right="from numpy import random\ndef throw(n):\n    return 1 + random.randint(0, 6, n)",
    ),
    style(
        "the module random is seeded by the check",
        "a seed",
        answer(
            "import random\ndef shuffled(items):\n    copy = list(items)\n    random.shuffle(copy)\n    return copy"
        ),
        check("""
            import random

            for seed in (0, 7):
                random.seed(seed)
                expected = [1, 2, 3, 4, 5, 6, 7]
                random.shuffle(expected)
                random.seed(seed)
                items = [1, 2, 3, 4, 5, 6, 7]
                assert shuffled(items) == expected
                assert items == [1, 2, 3, 4, 5, 6, 7], "the list of the caller was changed"
        """),
        wrong=(
            "import random\ndef shuffled(items):\n    return sorted(items, key=lambda _: random.random())",
            "import random\ndef shuffled(items):\n    random.shuffle(items)\n    return items",
        ),
        right="from random import shuffle\ndef shuffled(items):\n    items = items[:]\n    shuffle(items)\n    return items",
    ),
    style(
        "PyTorch is seeded by the check",
        "a seed",
        answer("import torch\ndef noise(x, scale):\n    return x + scale * torch.randn_like(x)"),
        check("""
            import torch

            x = torch.arange(6.0).reshape(2, 3)
            torch.manual_seed(5)
            expected = x + 0.1 * torch.randn(2, 3)
            torch.manual_seed(5)
            assert torch.equal(noise(x, 0.1), expected)
        """),
        wrong=(
            "import torch\ndef noise(x, scale):\n    return x + scale * torch.rand_like(x)",
            "import torch\ndef noise(x, scale):\n    return x + scale * torch.randn(1)",
        ),
        right="from torch import randn\ndef noise(x, scale):\n    return x + scale * randn(*x.shape)",
        needs="torch",
    ),
    style(
        "check and student draw in turn from one seed",
        "a seed",
        given("import numpy as np"),
        answer("def step(position):\n    return position + (1 if np.random.rand() < 0.5 else -1)"),
        check("""
            np.random.seed(11)
            draws = np.random.rand(9)
            np.random.seed(11)
            position = 0
            for k in range(0, 8, 2):
                before = position
                position = step(position)
                assert position - before == (1 if draws[k] < 0.5 else -1)
                assert np.random.rand() == draws[k + 1], "one draw a step"
        """),
        wrong=(
            "def step(position):\n    np.random.rand()\n    return position + (1 if np.random.rand() < 0.5 else -1)",
            "def step(position):\n    return position + 1",
        ),
        right="def step(position):\n    draw = np.random.random_sample()\n    return position + [-1, 1][draw < 0.5]",
    ),
    style(
        "a generator of random numbers is handed over",
        "a generator of NumPy",
        answer("def sample(rng, n):\n    return rng.normal(size=n)"),
        check("""
            import numpy as np

            got = sample(np.random.default_rng(3), 4)
            assert np.allclose(got, np.random.default_rng(3).normal(size=4))
            rng, other = np.random.default_rng(8), np.random.default_rng(8)
            sample(rng, 2)
            other.normal(size=2)
            assert rng.random() == other.random(), "draw from the generator that is given"
        """),
        wrong=(
            "import numpy as np\ndef sample(rng, n):\n    return np.random.normal(size=n)",
            "import numpy as np\ndef sample(rng, n):\n    return np.random.default_rng(3).normal(size=n)",
        ),
        right="def sample(rng, n):\n    return rng.standard_normal(n)",
    ),
    style(
        "a Random of the standard library is handed over",
        "a generator of random",
        answer("def deal(rng, cards):\n    return rng.sample(cards, 2)"),
        check("""
            import random

            rng = random.Random(4)
            hands = [deal(rng, list(range(52))) for _ in range(3)]
            again = random.Random(4)
            assert hands == [again.sample(range(52), 2) for _ in range(3)]
        """),
        wrong=(
            "import random\ndef deal(rng, cards):\n    return random.sample(cards, 2)",
            "def deal(rng, cards):\n    rng.shuffle(cards)\n    return cards[-2:]",
        ),
        right="def deal(rng, cards):\n    first, second = rng.sample(tuple(cards), k=2)\n    return [first, second]",
    ),
    style(
        "input is patched with unittest.mock",
        "a patched input",
        answer("def ask():\n    return int(input('How many? ')) + 1"),
        check("""
            from unittest.mock import patch

            with patch("builtins.input", side_effect=["4", "10"]) as asked:
                assert ask() == 5
                assert ask() == 11
            assert asked.call_count == 2
        """),
        wrong=(
            "def ask():\n    return input('How many? ') + '1'",
            "def ask():\n    input()\n    return int(input()) + 1",
        ),
        right="import builtins\ndef ask():\n    text = builtins.input()\n    return float(text).__int__() + 1",
    ),
    style(
        "a check defines an input of its own",
        "a patched input",
        answer("""
            def menu():
                ### BEGIN SOLUTION
                choices = []
                while (line := input("> ")) != "quit":
                    choices.append(line)
                return choices
                ### END SOLUTION
        """),
        check("""
            lines = iter(["tea", "cake", "quit"])
            input = lambda prompt="": next(lines)
            try:
                assert menu() == ["tea", "cake"]
            finally:
                del input
        """),
        wrong=(
            "def menu():\n    return [input() for _ in range(3)]",
            "def menu():\n    choices = []\n    while input() != 'quit':\n        choices.append(input())\n    return choices",
        ),
        right="def menu():\n    return list(iter(lambda: input('?'), 'quit'))",
    ),
    style(
        "builtins are set by hand and put back",
        "a patched input",
        answer("def greet():\n    print('Hello, ' + input('Name: ') + '!')"),
        check("""
            import builtins

            said, old = [], (builtins.input, builtins.print)
            builtins.input = lambda *prompt: "Ada"
            builtins.print = lambda *words, **_: said.append(" ".join(map(str, words)))
            try:
                greet()
            finally:
                builtins.input, builtins.print = old
            assert said == ["Hello, Ada!"], said
        """),
        wrong=(
            "def greet():\n    print('Hello,', input('Name: '), '!')",
            "def greet():\n    return 'Hello, ' + input('Name: ') + '!'",
        ),
        right="def greet():\n    name = input()\n    print(*[f'Hello, {name}!'])",
    ),
    style(
        "print is patched and its calls are looked at",
        "a patched print",
        answer(
            "def countdown(n):\n    for k in range(n, 0, -1):\n        print(k)\n    print('go')"
        ),
        check("""
            from unittest import mock

            with mock.patch("builtins.print") as printed:
                countdown(2)
            assert printed.call_args_list == [mock.call(2), mock.call(1), mock.call("go")]
            printed.assert_called_with("go")
        """),
        wrong=(
            "def countdown(n):\n    for k in range(n, -1, -1):\n        print(k)\n    print('go')",
            "def countdown(n):\n    for k in range(n):\n        print(k)\n    print('go')",
        ),
        right="def countdown(n):\n    while n:\n        print(n)\n        n -= 1\n    print('go')",
    ),
    style(
        "a helper of the notebook is patched",
        "a patched helper",
        given("""
            def fetch(city):
                raise OSError("no network in the examination")
        """),
        answer("def warmer(a, b):\n    return a if fetch(a) > fetch(b) else b"),
        check("""
            from unittest.mock import patch

            with patch("__main__.fetch", side_effect={"Rome": 30, "Oslo": 12}.get) as fetched:
                assert warmer("Rome", "Oslo") == "Rome"
                assert warmer("Oslo", "Rome") == "Rome"
            assert {call.args[0] for call in fetched.call_args_list} == {"Rome", "Oslo"}
        """),
        wrong=(
            "def warmer(a, b):\n    return min(a, b, key=fetch)",
            "def warmer(a, b):\n    return 'Rome'",
        ),
        right="def warmer(*cities):\n    return sorted(cities, key=lambda city: fetch(city))[-1]",
    ),
    style(
        "a function of a library is patched",
        "a patched library",
        answer(
            "import random\ndef roll_two():\n    return random.randint(1, 6) + random.randint(1, 6)"
        ),
        check("""
            from unittest.mock import patch

            with patch("random.randint", side_effect=[2, 5]) as randint:
                assert roll_two() == 7
            randint.assert_called_with(1, 6)
        """),
        wrong=(
            "import random\ndef roll_two():\n    return random.randint(2, 12)",
            "import random\ndef roll_two():\n    return 2 * random.randint(1, 6)",
        ),
        right="import random\ndef roll_two():\n    return sum(random.randint(1, 6) for _ in 'ab')",
    ),
    style(
        "a waiting function is patched so that nothing waits",
        "a patched library",
        answer("""
            import time

            def retry(action, times):
                for k in range(times):
                    try:
                        return action()
                    except OSError:
                        time.sleep(2 ** k)
                return None
        """),
        check("""
            import time
            from unittest.mock import Mock, call, patch

            action = Mock(side_effect=[OSError("busy"), OSError("busy"), "done"])
            with patch.object(time, "sleep") as sleep:
                assert retry(action, 5) == "done"
            assert sleep.call_args_list == [call(1), call(2)]
            assert action.call_count == 3
        """),
        wrong=(
            "import time\ndef retry(action, times):\n    for k in range(times):\n        try:\n            return action()\n        except OSError:\n            time.sleep(1)",
            "def retry(action, times):\n    return action()",
        ),
        right="import time\ndef retry(action, times, wait=1):\n    if not times:\n        return None\n    try:\n        return action()\n    except OSError:\n        time.sleep(wait)\n        return retry(action, times - 1, 2 * wait)",
    ),
    style(
        "the environment and the arguments of the program are patched",
        "a patched library",
        answer(
            "import os, sys\ndef settings():\n    return os.environ.get('MODE', 'slow'), sys.argv[1:]"
        ),
        check("""
            from unittest.mock import patch

            with patch.dict("os.environ", {"MODE": "fast"}), patch("sys.argv", ["prog", "-v"]):
                assert settings() == ("fast", ["-v"])
            with patch.dict("os.environ", clear=True), patch("sys.argv", ["prog"]):
                assert settings() == ("slow", [])
        """),
        wrong=(
            "import os, sys\ndef settings():\n    return os.environ['MODE'], sys.argv[1:]",
            "import os, sys\ndef settings():\n    return os.environ.get('MODE', 'slow'), sys.argv",
        ),
        right="import os, sys\ndef settings():\n    program, *rest = sys.argv\n    return (os.getenv('MODE') or 'slow'), rest",
    ),
    style(
        "what the student prints is caught with redirect_stdout",
        "standard output",
        answer("def table(n):\n    for k in range(1, n + 1):\n        print(f'{k:>2} {k * k:>4}')"),
        check("""
            import contextlib
            import io

            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                table(3)
            assert out.getvalue() == " 1    1\\n 2    4\\n 3    9\\n"
        """),
        wrong=(
            "def table(n):\n    for k in range(1, n + 1):\n        print(k, k * k)",
            "def table(n):\n    return '\\n'.join(f'{k:>2} {k * k:>4}' for k in range(1, n + 1))",
        ),
        right="import sys\ndef table(n):\n    sys.stdout.write(''.join(f'{k:2d} {k ** 2:4d}\\n' for k in range(1, n + 1)))",
    ),
    style(
        "standard output is replaced by hand",
        "standard output",
        answer("def pyramid(n):\n    for k in range(1, n + 1):\n        print('*' * k)"),
        check("""
            import io
            import sys

            old, sys.stdout = sys.stdout, io.StringIO()
            try:
                pyramid(3)
                lines = sys.stdout.getvalue().splitlines()
            finally:
                sys.stdout = old
            assert lines == ["*", "**", "***"], lines
        """),
        wrong=(
            "def pyramid(n):\n    for k in range(n):\n        print('*' * k)",
            "def pyramid(n):\n    print('*' * n)",
        ),
        right="def pyramid(n):\n    print(*('*' * k for k in range(1, n + 1)), sep='\\n')",
    ),
    style(
        "a cell magic catches the output for the next check",
        "a cell magic",
        answer("def hello(name):\n    print('Hello', name)"),
        check("%%capture caught\nhello('Ada')\nhello('Alan')", "t1", 0),
        check("assert caught.stdout == 'Hello Ada\\nHello Alan\\n'", "t2", 2),
        wrong=(
            "def hello(name):\n    print('Hello' + name)",
            "def hello(name):\n    return 'Hello ' + name",
        ),
        right="import sys\ndef hello(name):\n    print('Hello', end=' ')\n    print(name, file=sys.stdout)",
    ),
    style(
        "output is caught with IPython's own tool",
        "standard output",
        answer("import sys\ndef warn(text):\n    print('warning:', text, file=sys.stderr)"),
        check("""
            from IPython.utils.capture import capture_output

            with capture_output() as caught:
                warn("low tide")
            assert caught.stderr == "warning: low tide\\n"
            assert caught.stdout == ""
        """),
        wrong=(
            "def warn(text):\n    print('warning:', text)",
            "import sys\ndef warn(text):\n    print(text, file=sys.stderr)",
        ),
        right="import sys\ndef warn(text):\n    sys.stderr.write(f'warning: {text}\\n')",
    ),
    style(
        "a line magic measures in the check",
        "a line magic",
        free("import math"),
        answer(
            "def is_prime(n):\n    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))"
        ),
        check("""
            timing = %timeit -o -q -n 1 -r 1 is_prime(7)
            assert timing.best < 5
            assert [n for n in range(12) if is_prime(n)] == [2, 3, 5, 7, 11]
        """),
        wrong=(
            "def is_prime(n):\n    return all(n % d for d in range(2, math.isqrt(n) + 1))",
            "def is_prime(n):\n    return n % 2 == 1",
        ),
        right="def is_prime(n):\n    return n > 1 and math.gcd(n, math.factorial(n - 1)) == 1",
    ),
]
