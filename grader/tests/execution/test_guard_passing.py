"""A check means the same with the guard between its values as without it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from fairmark.cells import is_check
from fairmark.execution.guard.passing import marked, parts, placed, rewritten
from fairmark.execution.names import plain_python

ROOT = Path(__file__).resolve().parents[3]
MARK, BOUND = "<mark of the test>", "<bound of the test>"
FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def checks_of_this_course():
    for path in sorted(ROOT.glob("source/*/*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            if is_check(cell):
                yield f"{path.stem}-{cell.metadata.nbgrader.grade_id}", cell.source


#: Syntax that checks may use, each a whole check.
ODD = {
    "walrus": "if (n := len([1, 2])) > 1:\n    print(n)\n[y := 3, y**2]",
    "comprehensions": "a = [x * y for x in range(3) for y in range(x) if x - y]\n"
    "b = {x: x + 1 for x in a}\nc = {x for x in b}\nd = list(x for x in c if x)\na, b, c, d",
    "nested comprehensions": "[[x + y for x in range(2)] for y in (lambda: [1, 2])()]",
    "lambdas": "f = lambda x, *a, y=len('ab'), **k: x + y\nsorted([3, 1], key=lambda v: -v), f(1)",
    "nested functions": "def outer(n):\n    total = 0\n    def inner(k):\n        nonlocal total\n"
    "        total += k\n        return total\n    return inner\ng = outer(3)\ng(1), g(2)",
    "default arguments": "def f(a, b=[len('x')], *, c={'k': abs(-1)}):\n    return a, b, c\nf(1), f(2, c=3)",
    "star arguments": "def f(*a, **k):\n    return a, k\nf(*[1, 2], *range(2), **{'x': 1}, **dict(y=2))",
    "star targets": "first, *rest = [1, 2, 3]\n(a, b), c = (1, 2), 3\n[*rest, *'ab'], {**{'a': 1}}, first, a, b, c",
    "f-strings": "x = 3.14159\nw = 8\nf'{x:.2f} {x!r:>{w}} {len(str(x))=} {x:{w}.{2}f} {{}}'",
    "nested f-strings": "f'{f\"{1 + 1}\"!s:>5}|{[n for n in (1, 2)]}'",
    "match": "def kind(v):\n    match v:\n        case 0 | 1:\n            return 'small'\n"
    "        case [x, *rest] if len(rest) > 1:\n            return x, rest\n"
    "        case {'k': value, **more}:\n            return value, more\n"
    "        case str() as text:\n            return text.upper()\n        case complex(real=r):\n"
    "            return r\n        case _:\n            return None\n"
    "[kind(v) for v in (0, [1, 2, 3], {'k': 1, 'l': 2}, 'ab', 2j, 5)]",
    "match values": "import enum\nclass C(enum.Enum):\n    A = 1\nmatch C(1):\n    case C.A:\n        print('A')",
    "decorators": "import functools\ndef twice(n):\n    def wrap(f):\n        @functools.wraps(f)\n"
    "        def inner(*a):\n            return [f(*a)] * n\n        return inner\n    return wrap\n"
    "@twice(len('ab'))\ndef g(x):\n    'doc'\n    return x\ng(1), g.__name__, g.__doc__",
    "super": "class A:\n    def m(self, x):\n        return x\nclass B(A):\n    def m(self, x):\n"
    "        return super().m(x) + 1\n    @property\n    def p(self):\n        return __class__.__name__\n"
    "    @staticmethod\n    def s():\n        return 1\n    @classmethod\n    def c(cls):\n"
    "        return super().__name__ if hasattr(super(), '__name__') else cls.__name__\nB().m(1), B().p, B.s(), B.c()",
    "classes": "class M(type):\n    def __new__(m, n, b, d, **k):\n        return super().__new__(m, n, b, d)\n"
    "class C(list, metaclass=M, flag=abs(-1)):\n    'doc'\n    x: int = len('ab')\n    y = [x for x in range(2)]\n"
    "C.x, C.__doc__, C.__annotations__, C.y",
    "annotations as text": "from __future__ import annotations\ndef f(a: missing.thing[1]) -> other: ...\n"
    "x: nowhere = len('a')\nf.__annotations__, x",
    "data classes": "from dataclasses import dataclass, field\n@dataclass(order=True)\nclass P:\n"
    "    x: int = 0\n    y: list = field(default_factory=list)\nsorted([P(2), P(1)]), P(1) == P(1)",
    "locals": "def f(a):\n    b = a + 1\n    return sorted(locals())\nf(1), 'f' in locals(), 'f' in globals(), 'f' in dir()",
    "global": "def f():\n    global made\n    made = len('abc')\nf()\nmade",
    "del": "x = [1, 2, 3]\ny = {'a': 1}\ndel x[0], y['a']\nz = 1\ndel z\nx, y, 'z' in globals()",
    "chained comparison": "a = [1]\n1 < len(a) + 1 <= 2 != 3 in [3], a is a is not None, not 1 > 2",
    "augmented assignment": "x = 1\nx += len('ab')\ny = [1, 2]\ny[x - 3] *= 5\nclass O: pass\no = O()\no.v = 1\n"
    "o.v -= 3\ny += [x]\ny, o.v",
    "slices": "x = list(range(9))\nx[1:len(x):2], x[::-1][0], x[-1:]\nimport numpy as np\n"
    "np.arange(6).reshape(2, 3)[1:, ::2].sum(), np.eye(2)[..., 0], x[slice(1, 3)]",
    "generators": "def g(n):\n    got = yield n\n    try:\n        yield from range(got)\n    finally:\n"
    "        yield 'end'\ni = g(3)\nnext(i), i.send(2), *i",
    "with": "import contextlib, io\n@contextlib.contextmanager\ndef c(v):\n    print('in')\n    yield v\n    print('out')\n"
    "with c(1) as a, c(2) as (b):\n    print(a, b)\nwith contextlib.suppress(ZeroDivisionError):\n    1 / 0\n"
    "with contextlib.redirect_stdout(io.StringIO()) as s:\n    print('x')\ns.getvalue()",
    "try": "def f(v):\n    try:\n        return 1 / v\n    except ZeroDivisionError as e:\n        return str(e)\n"
    "    except (TypeError, ValueError):\n        return 'type'\n    else:\n        pass\n    finally:\n        print('end')\n"
    "f(0), f('a'), f(2)\ntry:\n    raise KeyError(3)\nexcept KeyError as error:\n    kept = error\n'error' in globals(), kept.args",
    "exception groups": "try:\n    raise ExceptionGroup('g', [ValueError(1), KeyError(2)])\nexcept* ValueError as g:\n"
    "    print(len(g.exceptions))\nexcept* KeyError:\n    print('key')",
    "loops": "for i, (a, b) in enumerate(zip('ab', [1, 2])):\n    if i:\n        continue\n    print(i, a, b)\n"
    "else:\n    print('else')\nn = 3\nwhile n := n - 1:\n    if n == 1:\n        break\nfor n in []:\n    pass\n"
    "else:\n    print(n)\nd = {}\nfor d['k'] in range(2):\n    pass\nd",
    "async": "import asyncio\nasync def f(n):\n    await asyncio.sleep(0)\n    return n\n"
    "async def g():\n    for i in range(3):\n        yield i\n"
    "print(await f(1))\nx = [i async for i in g()]\nasync for i in g():\n    print(i)\nawait asyncio.gather(f(1), f(2)), x",
    "own loop": "import asyncio\nasync def f():\n    return 3\nloop = asyncio.new_event_loop()\n"
    "n = loop.run_until_complete(f())\nloop.close()\nn",
    "constants": "10**6, -1, 2 * 3 + 1, 'a' * 3, not True, 1_000.5j, b'x', ..., None, (1, (2, 3))",
    "conditions": "x = 3\n'a' if x > 2 else 'b', x and len('ab'), x or 1, [] or {} or None",
    "bit operations": "x = 6\nx & 3 | 8 ^ 1, ~x << 2 >> 1, x // 4 % 2, -x ** 2",
    "matrix product": "import numpy as np\na = np.eye(2)\na @= np.ones((2, 2))\n(a @ a).tolist(), a.T.shape",
    "strings that look like marks": "'<mark of the test>' + '<bound of the test>'",
    "source of what it defines": "import inspect\ndef f(x):\n    return x  # kept\ninspect.getsource(f)",
    "magics": "%matplotlib inline\nfiles = !echo a b\nfiles[0], len(files)",
    "a cell magic": "%%capture kept\nprint('inside')",
    "a call of the shell": "!echo from the shell",
    "no last value": "1;",
    "a last value of None": "None",
    "nothing": "",
    "only a comment": "# nothing",
    "printing of several": "print(1)\n2\n3",
    "display": "from IPython.display import display\ndisplay(3)\ndisplay({'text/plain': 'x'}, raw=True)\n4",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nlen(plt.gca().lines)",
    "unittest": "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n"
    "r = unittest.TextTestRunner(stream=open('/dev/null', 'w')).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))\n"
    "r.wasSuccessful(), r.testsRun",
    "warnings of the compiler": "x = 5\nx is 5\nassert (x, 'always')",
    # -- those that fail -----------------------------------------------------------
    "a failing assert": "x = 3\nassert x == 4, f'{x} is not 4'",
    "a failing assert below": "def check(v):\n    assert v > 3, 'too small'\nfor v in (5, 4,\n          1):\n    check(v)",
    "an error in an expression": "x = {'a': [1]}\ny = 1 + (x['a'][0] /\n         (len(x) - 1))",
    "a missing name": "lenght = 3\nlength + 1",
    "a missing attribute": "import math\nmath.sqr(2)",
    "a failing comparison of arrays": "import numpy as np\nnp.testing.assert_allclose([1.0, 2], [1.0, 3])",
    "an exception with a cause": "try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('b') from error",
    "no Python": "def f(:\n    pass",
    "no Python when it is compiled": "x = 1\nreturn x",
    "await in a function": "def f():\n    await g()",
    "an exit": "raise SystemExit(3)",
    "too deep": "def f(n):\n    return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError:\n    print('deep')",
    "a note": "error = ValueError('x')\nerror.add_note('look here')\nraise error",
}
TEXTS = ODD
CHECKS = dict(checks_of_this_course())

#: Runs each text in a shell as it is, and with the guard; writes outputs and names.
PROGRAM = """
import json, os, socket, sys, warnings
from fairmark.execution.shell import make_shell, redirect, take_raw
from fairmark.execution import student_side
from fairmark.execution.student_side import run_cell
from fairmark.execution.guard.private import compiled, load
from fairmark.execution.guard.tools import uses_of
from fairmark.execution.forkserver import _warm_shell
import numpy.testing, matplotlib.pyplot
texts = json.loads(sys.stdin.read())
answer = os.dup(1)
def told(texts, guarded):
    here, there = os.pipe()
    if os.fork() == 0:
        shell = make_shell()
        _warm_shell(shell)
        redirect(shell, '/tmp', 10**6)
        guard = None
        if guarded:
            mine, line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            line.setblocking(False)
            callers = frozenset(vars(student_side)[n].__code__ for n in ('_run_beside', '_await_beside'))
            guard = load(compiled()).guarding(shell, line.fileno(), b'k' * 32, ['numpy.testing.assert_allclose'], callers).send
            guard(None)
        found = []
        for text in texts:
            kept = set(shell.user_ns)
            uses = uses_of(text, {})
            hidden = list(uses.own_names)
            request = {'cell': text, 'count': 7, 'beside': {'nonce': 'n', 'tools': [],
                'names': list(uses.names), 'roots': {}, 'own': list(uses.own), 'hidden': hidden, 'untouched': list(uses.untouched),
                'bound': [n for n in uses.bound if n not in hidden],
                'kept': [n for n in uses.kept if n not in hidden]}}
            ok, raised = run_cell(shell, request, 10**6, guard)
            fresh = sorted(n for n in set(shell.user_ns) - kept if not n.startswith('_'))
            found.append([ok, raised, shell.sink.finished(), fresh])
            for name in fresh:
                del shell.user_ns[name]
            # A future statement holds for the cells below, as in a notebook.
            shell.compile.reset_compiler_flags()
        os.write(there, json.dumps(found).encode())
        os._exit(0)
    os.close(there)
    with open(here) as file:
        return file.read()
os.write(answer, json.dumps([told(texts, False), told(texts, True)]).encode())
"""


@pytest.fixture(scope="module")
def ran():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        input=json.dumps(list(TEXTS.values())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    plain, guarded = map(json.loads, json.loads(done.stdout))
    return {name: (plain[n], guarded[n]) for n, name in enumerate(TEXTS)}


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_outputs_errors_and_names(ran, name):
    plain, guarded = ran[name]
    # A check that is no Python at its end is not begun.
    told = slice(3) if name == "no Python when it is compiled" else slice(None)
    assert guarded[told] == plain[told]


def test_what_should_fail_fails(ran):
    failing = [name for name, (plain, _) in ran.items() if not plain[0]]
    assert len(failing) == 12, failing


class _Undo(ast.NodeTransformer):
    """Takes out what `rewritten` has put in."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        return node.right if self._is_mark(node.left) else node

    def visit_Expr(self, node):
        if isinstance(node.value, ast.BinOp) and self._is_mark(node.value.left):
            inner = node.value.right
            plain = isinstance(inner, ast.Constant) and inner.value is None
            if plain or (isinstance(inner, ast.Tuple) and not hasattr(inner, "kept")):
                return None
        return self.generic_visit(node)

    def visit_comprehension(self, node):
        node.ifs = node.ifs[1:]
        return self.generic_visit(node)

    @staticmethod
    def _is_mark(node):
        return isinstance(node, ast.Constant) and node.value in (MARK, BOUND)


@pytest.mark.parametrize("name", CHECKS)
def test_checks_of_the_course_are_what_they_were_but_for_the_marks(name):
    text = plain_python(CHECKS[name])
    tree = rewritten(ast.parse(text), MARK, BOUND)
    codes, _ = parts(tree, "<cell>", FLAGS, interactive=False)
    assert codes and all(placed(code, {MARK: object()}) for code in codes)
    assert ast.dump(_Undo().visit(tree)) == ast.dump(ast.parse(text))


def test_marks_stand_where_the_value_stood():
    value = ast.parse("f(\n  x)", mode="eval").body
    passed = marked(value, MARK)
    assert (passed.lineno, passed.end_lineno) == (1, 2)
    assert passed.col_offset == value.col_offset
