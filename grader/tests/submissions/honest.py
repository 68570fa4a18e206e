"""Right answers in the many ways in which people write Python. They earn full marks."""

from __future__ import annotations

from .attempts import Attempt, answered, harmless

ATTEMPTS: dict[str, Attempt] = {
    # -- what is printed and shown --------------------------------------------------
    "warnings": answered(
        double="import warnings\ndef double(x):\n    warnings.warn('an honest warning')\n    return 2 * x",
        shows="an honest warning",
    ),
    "progress-bar": answered(
        count="import sys\ndef count(n):\n    for i in range(n):\n"
        "        print(f'\\r{i}/{n}', end='', file=sys.stderr)\n    return list(range(n))",
        shows="2/3",
    ),
    "prints-a-lot": answered(
        double="def double(x):\n    for i in range(2000):\n        print('step', i)\n    return 2 * x",
        shows="step 1999",
    ),
    "division-by-zero-in-numpy": harmless(
        "import numpy as np\nprint(np.ones(2) / 0)", shows=("[inf inf]", "RuntimeWarning")
    ),
    "logging": answered(
        scratch=("import logging\nlogging.basicConfig(level=logging.DEBUG, force=True)",),
        double="def double(x):\n    logging.info('doubling')\n    return 2 * x",
        shows="doubling",
    ),
    "output-kept-away": answered(
        double="import contextlib, io\ndef double(x):\n    with contextlib.redirect_stdout(io.StringIO()) as kept:\n"
        "        print('quiet')\n    return 2 * x",
    ),
    "stdout-not-put-back": harmless(
        "import io, sys\nprint('now')\nsys.stdout = io.StringIO()", shows="now"
    ),
    "rich-display": harmless(
        "from IPython.display import HTML, Markdown, Math, SVG, display\ndisplay(HTML('<b>bold</b>'), Markdown('# x'))\n"
        "Math('x^2')",
        shows=("<b>bold</b>", "x^2"),
    ),
    "figures-left-open": harmless(
        "import matplotlib.pyplot as plt\nfor n in range(3):\n    plt.figure()\n    plt.plot([0, n])\nplt.plot([1, 2])",
        "%matplotlib inline\nplt.imshow([[0, 1]])\nplt.show()\nprint('plotted')",
        shows="plotted",
    ),
    "interactive-figures": harmless(
        "%matplotlib notebook\nimport matplotlib.pyplot as plt\nplt.plot([1])\nprint('after')"
    ),
    # -- magics ---------------------------------------------------------------------
    "timing": harmless(
        "%timeit -n 1 -r 1 sum(range(10))\n%time y = sum(range(10))\nprint(y)",
        "%%time\nz = 3\nprint('timed', z)",
        shows=("per loop", "timed 3", "Wall time"),
    ),
    "shell-commands": harmless(
        "!ls\nfiles = !ls *.txt\nprint('files', list(files))\n%pwd",
        shows=("loft.ipynb", "files ['numbers.txt']"),
    ),
    "other-magics": harmless(
        "%load_ext autoreload\n%autoreload 2\n%config InlineBackend.figure_format = 'retina'\n%env ANSWER=42\n"
        "%who\nimport os\nprint('env', os.environ['ANSWER'])",
        "%%capture kept\nprint('captured')",
        "print('kept', kept.stdout)",
        "%%bash\necho from $((40 + 2)) bash",
        "%%html\n<i>slanted</i>",
        "%%writefile helper.py\ndef twice(x):\n    return 2 * x",
        "from helper import twice\nprint('twice', twice(4))",
        shows=("env 42", "kept captured", "from 42 bash", "<i>slanted</i>", "twice 8"),
    ),
    "no-such-magic": harmless(
        "%no_such_magic", "%%neither\nx = 1", "print('goes on')", shows="goes on"
    ),
    "help": harmless("len?", "?print", "print('read')", shows="read"),
    # -- forms of functions ------------------------------------------------------------
    "lambda": answered(double="double = lambda x: 2 * x"),
    "partial": answered(
        double="import functools, operator\ndouble = functools.partial(operator.mul, 2)"
    ),
    "callable-instance": answered(
        double="class Multiply:\n    def __init__(self, by): self.by = by\n    def __call__(self, x): return self.by * x\n"
        "double = Multiply(2)",
    ),
    "bound-method": answered(
        double="class Twice:\n    def of(self, x): return x + x\ndouble = Twice().of\n",
        count="class Numbers:\n    @staticmethod\n    def upto(n): return [*range(n)]\ncount = Numbers.upto",
        mean="class Mean:\n    @classmethod\n    def of(cls, values): return sum(values) / len(values)\nmean = Mean.of",
    ),
    "closure": answered(
        double="def times(k):\n    calls = 0\n    def inner(x):\n        nonlocal calls\n        calls += 1\n"
        "        return k * x\n    return inner\ndouble = times(2)",
    ),
    "decorated": answered(
        scratch=(
            "import functools\ndef traced(f):\n    @functools.wraps(f)\n    def inner(*args, **kwargs):\n"
            "        print('calls', f.__name__)\n        return f(*args, **kwargs)\n    return inner",
        ),
        double="@traced\ndef double(x):\n    return 2 * x",
        count="@functools.lru_cache(maxsize=None)\ndef count(n):\n    return tuple(range(n))",
        shows="calls double",
    ),
    "recursive": answered(
        count="def count(n):\n    return [] if n == 0 else count(n - 1) + [n - 1]"
    ),
    "generator": answered(count="def count(n):\n    for i in range(n):\n        yield i"),
    "range": answered(count="count = range"),
    "map": answered(count="def count(n):\n    return map(int, range(n))"),
    "deque": answered(
        count="import collections\ndef count(n):\n    return collections.deque(range(n))"
    ),
    "dictionary-keys": answered(count="def count(n):\n    return dict.fromkeys(range(n)).keys()"),
    "own-sequence": answered(
        count="class Upto:\n    def __init__(self, n): self.n = n\n    def __len__(self): return self.n\n"
        "    def __getitem__(self, i):\n        if i >= self.n: raise IndexError(i)\n        return i\n"
        "    def __iter__(self): return iter(range(self.n))\ncount = Upto",
    ),
    "array-of-integers": answered(count="import numpy as np\ncount = np.arange"),
    "library-functions": answered(
        double="import numpy\ndouble = numpy.add(0, 2).__mul__",
        mean="import numpy\nmean = numpy.mean",
    ),
    "more-arguments": answered(
        double="def double(x, factor=2, *more, power=1, **others):\n    return factor * x ** power",
        mean="def mean(values, /, *, start=0):\n    return sum(values, start) / len(values)",
    ),
    # -- forms of numbers ------------------------------------------------------------
    "numpy-scalars": answered(
        mean="import numpy as np\ndef mean(values):\n    return np.float32(np.mean(values))"
    ),
    "array-without-axes": answered(
        mean="import numpy as np\ndef mean(values):\n    return np.array(np.mean(values))"
    ),
    "array-of-one": answered(
        double="import numpy as np\ndef double(x):\n    return np.asarray(x).reshape(np.shape(x)) * 2",
    ),
    "single-precision": answered(
        double="import numpy as np\ndef double(x):\n    return np.float32(2) * np.asarray(x, 'f4')"
    ),
    "columns-first": answered(
        double="import numpy as np\ndef double(x):\n    return np.array(2 * x, order='F')"
    ),
    "read-only": answered(
        double="import numpy as np\ndef double(x):\n    y = np.array(2 * x)\n    y.flags.writeable = False\n    return y",
    ),
    "views": answered(
        double="import numpy as np\ndef double(x):\n    big = np.repeat(2 * np.atleast_1d(x), 2, axis=-1)\n"
        "    return big[..., ::2].reshape(np.shape(x))",
    ),
    "in-place": answered(double="def double(x):\n    x *= 2\n    return x"),
    "fractions-inside": answered(
        mean="from fractions import Fraction\ndef mean(values):\n    return float(sum(map(Fraction, values)) / len(values))",
    ),
    "sorted-copies": answered(
        double="import numpy as np\ndef double(x):\n    kept = np.empty_like(x)\n    np.multiply(x, 2, out=kept)\n    return kept",
    ),
    # -- state ---------------------------------------------------------------------
    "global-state": answered(
        scratch=("calls = 0\ncache = {}",),
        double="def double(x):\n    global calls\n    calls += 1\n    cache[calls] = x\n    return 2 * x",
    ),
    "chance": answered(
        scratch=(
            "import numpy as np, random\nnp.random.seed(3)\nrandom.seed(3)\nprint('drew', np.random.rand() < 1)",
        ),
        double="def double(x):\n    noise = np.random.rand()\n    return 2 * x + noise - noise",
        shows="drew True",
    ),
    "names-of-builtins": harmless(
        "sum = 0\nlist = [1]\nint = float = 3\nabs = 'x'\nprint('shadowed', sum, list)\ndel sum, list, int, float, abs",
        shows="shadowed 0 [1]",
    ),
    "names-of-builtins-kept": answered(
        scratch=("int = 5\nabs = 7\nright = 3\nx = 'mine'\nsecret = None\nprint('set', int)",),
        shows="set 5",
    ),
    "names-of-the-checks": harmless(
        "np = None\nassert_allclose = 3\nvalues = right = x = None\nprint('none')", shows="none"
    ),
    "star-import": harmless(
        "from numpy import *\nfrom math import *\nprint('stars', pi)", shows="stars 3.14"
    ),
    "defined-again-below": answered(
        scratch=("def double(x):\n    return 7\nprint('first', double(1))",), shows="first 7"
    ),
    "names-deleted": harmless(
        "a = 1\ndel a\ntry:\n    a\nexcept NameError:\n    print('gone')", shows="gone"
    ),
    "unicode-names": answered(
        double="def double(μ):\n    größe = 2 * μ  # naïve 数 🦆\n    return größe",
        scratch=("π = 3.14159\nprint('🦆', π)",),
        shows="🦆 3.14159",
    ),
    "windows-line-ends-and-tabs": answered(
        double="def double(x):\r\n\tif True:\r\n\t\treturn 2 * x\r\n"
    ),
    "numpy-raises": harmless(
        "import numpy as np\nnp.seterr(all='raise')\nnp.set_printoptions(precision=1)\nprint('set')",
        shows="set",
    ),
    "warnings-are-errors": harmless(
        "import warnings\nwarnings.simplefilter('error')\nprint('strict')", shows="strict"
    ),
    "recursion-limit": harmless(
        "import sys\nsys.setrecursionlimit(5000)\nprint('deeper')", shows="deeper"
    ),
    "other-locale-and-decimals": harmless(
        "import decimal, locale\ndecimal.getcontext().prec = 3\nlocale.setlocale(locale.LC_ALL, 'C')\n"
        "print(decimal.Decimal(1) / 3)",
        shows="0.333",
    ),
    # -- newer Python -------------------------------------------------------------------
    "new-syntax": answered(
        scratch=(
            "from __future__ import annotations\nfrom dataclasses import dataclass, field\nfrom typing import TypeVar\n"
            "T = TypeVar('T')\n@dataclass(frozen=True, slots=True)\nclass Point:\n    x: float\n    y: float = 0.0\n"
            "match Point(1.0):\n    case Point(x=1.0):\n        print('matched')\nprint(f'{(n := 3)=}')",
        ),
        double="def double(x: np.ndarray | float) -> np.ndarray | float:\n    return 2 * x",
        shows=("matched", "(n := 3)=3"),
    ),
    "async": harmless(
        "import asyncio\nasync def wait(n):\n    await asyncio.sleep(0.01)\n    return n\nprint('waited', await wait(3))",
        "found = await asyncio.gather(wait(1), wait(2))\nprint('gathered', found)",
        shows=("waited 3", "gathered [1, 2]"),
    ),
    "classes": harmless(
        "from abc import ABC, abstractmethod\nfrom enum import Enum\nfrom typing import NamedTuple\n"
        "class Shape(ABC):\n    @abstractmethod\n    def area(self): ...\nclass Square(Shape):\n    __slots__ = ('a',)\n"
        "    def __init__(self, a): self.a = a\n    @property\n    def area(self): return self.a ** 2\n"
        "class Colour(Enum):\n    RED = 1\nclass P(NamedTuple):\n    x: int\nprint(Square(3).area, Colour.RED, P(1))",
        shows="9 Colour.RED P(x=1)",
    ),
    # -- own mistakes that cost nothing ----------------------------------------------------
    "own-tests-that-fail": harmless(
        "assert 1 == 2, 'my own test'",
        "1 / 0",
        "undefined_name",
        "def broken(:",
        "    indented = 1\n  wrongly = 2",
        "raise RuntimeError('mine')",
        "print('still here')",
        shows=("my own test", "still here"),
    ),
    "exits": harmless(
        "import sys\nsys.exit(3)",
        "exit()",
        "quit",
        "raise SystemExit",
        "print('not gone')",
        shows="not gone",
    ),
    "interrupts": harmless("raise KeyboardInterrupt", "print('went on')", shows="went on"),
    "exceptions-caught": answered(
        double="def double(x):\n    try:\n        raise ValueError('inside')\n    except ValueError:\n        pass\n"
        "    finally:\n        y = 2 * x\n    return y",
    ),
    "main-guard": answered(
        double="def double(x):\n    return 2 * x\nif __name__ == '__main__':\n    print('main', double(4))",
        shows="main 8",
    ),
    "missing-library": harmless(
        "import no_such_library", "print('without it')", shows="without it"
    ),
    "empty-cells": harmless("", "# nothing but a comment", "'''a text'''", "pass", "...", "None"),
    # -- files, processes -------------------------------------------------------------------
    "own-files": harmless(
        "import json, pathlib, pickle, tempfile\nimport numpy as np\nnp.save('mine.npy', np.arange(3))\n"
        "np.savez('mine.npz', a=np.ones(2))\npathlib.Path('sub').mkdir()\n"
        "json.dump({'a': 1}, open('sub/a.json', 'w'))\npickle.dump([1], open('p.pkl', 'wb'))\n"
        "with tempfile.TemporaryDirectory() as folder:\n    print(np.load('mine.npy'), folder.startswith('/tmp'))",
        shows="[0 1 2] True",
    ),
    "given-file": answered(
        scratch=("import numpy as np\nprint('given', np.loadtxt('numbers.txt'))",),
        shows="given [1. 2. 3.]",
    ),
    "other-folder": harmless(
        "import os\nos.makedirs('deep/er')\nos.chdir('deep/er')\nprint('in', os.getcwd())",
        "%cd /tmp",
        shows="deep/er\n",
    ),
    "file-of-its-own-beside": Attempt(
        scratch=("from my_tools import triple\nprint('triple', triple(2))",),
        files={"my_tools.py": b"def triple(x):\n    return 3 * x\n", "notes.md": "größer".encode()},
        shows=("triple 6",),
    ),
    "processes-of-its-own": harmless(
        "import multiprocessing, os\ndef square(x):\n    return x * x\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n    print('pool', pool.map(square, range(4)))",
        "import subprocess, sys\nprint('child', subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True).stdout)",
        shows=("pool [0, 1, 4, 9]", "child 42"),
    ),
    "threads-of-its-own": answered(
        scratch=(
            "import threading, time\nfrom concurrent.futures import ThreadPoolExecutor\n"
            "with ThreadPoolExecutor(4) as pool:\n    print('threads', list(pool.map(abs, [-1, 2])))\n"
            "def talk():\n    while True:\n        time.sleep(0.01)\n        print('.', end='')\n"
            "threading.Thread(target=talk, daemon=True).start()",
        ),
        shows="threads [1, 2]",
    ),
    "forked-and-forgotten": harmless(
        "import os, time\npid = os.fork()\nprint('parent' if pid else 'child')",
        "time.sleep(0.2)\nprint('next')",
        shows="next",
    ),
    "large-arrays": answered(
        double="import numpy as np\ndef double(x):\n    big = np.ones((2000, 2000))\n    return 2 * x * big[0, 0]",
    ),
    "slow-but-in-time": answered(
        double="import time\ndef double(x):\n    time.sleep(0.2)\n    return 2 * x",
    ),
    "memory-taken-and-given-back": harmless(
        "import numpy as np\nfor _ in range(8):\n    x = np.ones(2**24)\nprint('held', x.sum())\ndel x",
        shows="held 16777216",
    ),
}
