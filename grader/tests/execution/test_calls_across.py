"""Calls of the student's functions keep Python's meaning in a check."""

from __future__ import annotations

import numpy as np
import pytest
from grader_support.notebooks import check, execute, given, printed, run
from nbformat.v4 import new_code_cell

from fairmark.model import Status

STUDENT = '''
import numpy as np

def doubles(x):
    """Twice x."""
    return helper(x) * 2

def helper(x):
    return x

def in_place(x):
    x += 1

def same(x):
    return x

def view(x):
    return x.reshape(-1)[1:]

def whole(x):
    return {"type": type(x).__name__, "dtype": x.dtype.str, "order": bool(x.flags.f_contiguous)}

class Model:
    scale = 2.0
    def __init__(self, n=3):
        self.W = np.ones(n)
        self.inner = [Model.Part()]
    class Part:
        pass
    def parameters(self):
        return {"W": self.W}
    def forward(self, x):
        return x @ self.W, (x, self)
    def backward(self, grad, cache):
        assert cache[1] is self
        return grad * cache[0]

class SGD:
    def __init__(self, parameters, rate):
        self.parameters, self.rate = parameters, rate
    def step(self, grads):
        for name, value in self.parameters.items():
            value -= self.rate * grads[name]

class Odd(Exception):
    pass

class Near(ValueError):
    pass

def raises(kind):
    if kind == "odd":
        raise Odd("so odd")
    if kind == "near":
        raise Near("so near")
    if kind == "key":
        return {}["W1"]
    if kind == "exit":
        raise SystemExit(3)
    if kind == "unicode":
        return b"\\xff".decode()
    raise {"value": ValueError, "todo": NotImplementedError, "type": TypeError}[kind](f"no {kind}")

def speaks():
    import sys
    print("heard")
    print("also", file=sys.stderr)

def appends(items, table, names):
    items.append(items[0])
    table["new"] = np.zeros(2)
    names.add("x")
    return items

def calls(f, x):
    return f(x) + 1

def logs(logger):
    logger.log(1, np.arange(2.0))
    logger.log(2, np.arange(2.0))

def makes_type(dtype):
    return np.zeros(2, dtype)

def numbers():
    yield 1
    yield 2

value, name, table = 3, "three", {"a": (1, [2])}
'''

CHECKS = {
    "data": "assert (value, name, table) == (3, 'three', {'a': (1, [2])})",
    "call": "assert doubles(4) == 8 and doubles(x=1.5) == 3.0",
    "in-place": "x = np.zeros(3)\nassert in_place(x) is None\nassert (x == 1).all()\nin_place(x)\nassert (x == 2).all()",
    "slice": "x = np.zeros((2, 3))\nin_place(x[1])\nassert x.sum() == 3 and (x[1] == 1).all()",
    "same": "x = np.zeros(3)\nassert same(x) is x\nv = view(x)\nv += 5\nassert x.tolist() == [0, 5, 5]",
    "kept": "x = np.zeros(3)\ny = doubles(x)\nx += 1\nassert (y == 0).all()",
    "order": "assert whole(np.zeros((2, 3), 'f4', order='F')) == {'type': 'ndarray', 'dtype': '<f4', 'order': True}",
    "readonly": "x = np.zeros(3)\nx.flags.writeable = False\ntry:\n    in_place(x)\nexcept ValueError:\n    pass\nelse:\n    assert False",
    "live": (
        "m = Model(2)\np = m.parameters()\ns = SGD(m.parameters(), 0.5)\ns.step({'W': np.ones(2)})\n"
        "assert (p['W'] == 0.5).all(), p\nassert m.forward(np.ones((1, 2)))[0] == [1.0]\n"
        "p['W'] *= 4\nassert m.forward(np.ones((1, 2)))[0] == [4.0]\nassert m.parameters()['W'] is p['W']"
    ),
    "opaque": (
        "m = Model(2)\nx = np.ones((1, 2))\nout, cache = m.forward(x)\nassert (m.backward(3.0, cache) == 3).all()\n"
        "assert cache[0] is x and cache[1] is m and type(m).__name__ == 'Model'\nassert m.scale == 2.0\nm.scale = 3.0\n"
        "assert m.scale == 3.0 and Model.scale == 2.0\nassert m != 1 and not (m == 1) and m.inner[0] is not None"
    ),
    "errors": (
        "for kind, e in dict(value=ValueError, todo=NotImplementedError, type=TypeError, key=KeyError, near=ValueError, odd=Exception, exit=Exception, unicode=ValueError).items():\n"
        "    try:\n        raises(kind)\n    except e as error:\n        found = error\n"
        "    assert type(found).__name__ == dict(near='Near', odd='Odd', exit='SystemExit', unicode='UnicodeDecodeError').get(kind, e.__name__), type(found)\n"
        "    assert isinstance(found, Exception)\n    if kind in ('value', 'todo', 'type'): assert str(found) == f'no {kind}'\n"
        "    if kind == 'key': assert found.args == ('W1',)\n"
    ),
    "prints": "speaks()",
    "containers": (
        "items, table, names = [[1]], {}, set()\nback = appends(items, table, names)\nassert back is items and len(items) == 2 and items[0] is items[1]\n"
        "assert names == {'x'} and table['new'].shape == (2,)"
    ),
    "callback": (
        "calls_of = []\ndef f(x):\n    calls_of.append(x)\n    return x * 10\nassert calls(f, 2) == 21 and calls_of == [2]\nassert calls(np.sin, 0.0) == 1.0\n"
        "def g(x): raise KeyError('mine')\ntry:\n    calls(g, 1)\nexcept KeyError as e:\n    assert e.args == ('mine',)\nelse:\n    assert False"
    ),
    "object": (
        "class Logger:\n    def __init__(self): self.seen = []\n    def log(self, k, x): self.seen.append((k, x.sum()))\n"
        "l = Logger()\nlogs(l)\nassert l.seen == [(1, 1.0), (2, 1.0)]"
    ),
    "types": "assert makes_type(np.float32).dtype == np.float32 and makes_type(int).dtype == int and makes_type(np.dtype('i2')).dtype == 'i2'",
    "iterate": "assert list(numbers()) == [1, 2]\nassert callable(doubles)",
    "source": (
        "import inspect\nfrom chainrule.checks.inspect_source import source_of, source_with_helpers, input_names\n"
        "assert 'Twice x' in source_of(doubles) and 'def helper' in source_with_helpers(doubles)\nassert input_names(doubles) == ['x']\n"
        "assert str(inspect.signature(doubles)) == '(x)' and doubles.__name__ == 'doubles'\nassert 'assert cache[1] is self' in source_of(Model(1).backward)\nassert 'x @ self.W' in source_of(Model.forward)"
    ),
    "many": "for i in range(200):\n    x = np.full(3, float(i))\n    assert (doubles(x) == 2 * i).all()",
}


@pytest.fixture(scope="module")
def calls():
    cells = [check(name, f"import numpy as np\n{text}") for name, text in CHECKS.items()]
    return run(STUDENT, *cells)


@pytest.mark.parametrize("name", CHECKS)
def test_meaning_of_calls(calls, name):
    assert calls.points[name] == 1.0, calls.failures.get(name)


def test_what_is_printed_in_a_call_appears_under_the_check(calls):
    outputs = calls.notebook.cells[1 + list(CHECKS).index("prints")].outputs
    assert [(out.name, out.text) for out in outputs] == [
        ("stdout", "heard\n"),
        ("stderr", "also\n"),
    ]


def test_tensors_cross_too():
    pytest.importorskip("torch")
    student = "import torch\nnet = torch.nn.Linear(2, 1)\ndef f(t):\n    t += 1\n    return t * 2\ndef weights():\n    return net.weight"
    test = (
        "import torch\nt = torch.zeros(2)\nout = f(t)\nassert isinstance(out, torch.Tensor) and out.tolist() == [2, 2]\nassert t.tolist() == [1, 1]\n"
        "w = weights()\nw.zero_()\nassert weights().abs().sum() == 0 and weights() is w"
    )
    found = run(student, check("tensors", test))
    assert found.failures == {}


def test_names():
    """Imports of the notebook are made on the checks' side; what a check binds stays its own."""
    found = run(
        given("import numpy as np\nfrom numpy.testing import assert_allclose\nLIMIT = 3"),
        "import numpy\nassert_allclose = lambda *a, **k: None\nnumpy.testing.assert_allclose = lambda *a, **k: None\nnp.allclose = lambda *a: True\nlen = lambda x: 3\ndef f(x):\n    return x",
        check("given", "assert_allclose(f(np.ones(2)), np.zeros(2))"),
        check("patched", "assert np.allclose(f(1.0), 2.0)"),
        check("builtin", "assert len([f(1)]) == 1"),
        check("binds", "import math\nexpected = 5\nassert f(5) == expected and LIMIT == 3"),
        "expected = 6\nroot = math.sqrt(4)",
        check("kept", "assert f(5) == expected\nassert root == 2"),
        "def f(x):\n    return 7",
        check("newer", "assert f(5) == 7"),
        check("missing", "assert not_there(1)"),
    )
    wrong = {"given", "patched", "missing"}
    assert {name for name, points in found.points.items() if not points} == wrong
    assert "not_there" in found.failures["missing"]


def test_marks_by_a_number_and_remarks():
    found = run(
        "def f():\n    print('4')\n    return 4\nclass M:\n    def __repr__(self):\n        return '2.0'",
        check("half", "print('9')\nf()\n0.5 * 2", points=2),
        check("forged", "f()\nassert False", points=2),
        check("object", "M()", points=2),
    )
    assert found.points == {"half": 1.0, "forged": 0.0, "object": 2.0}


def test_time_of_a_check():
    found = run(
        "import time\ndef f(s):\n    time.sleep(s)\n    return 1",
        check("long", "assert f(1.5)", fairmark={"seconds": 10}),
        check("short", "assert f(1.5)"),
        check("after", "assert f(0)"),
        cell_seconds=1,
    )
    assert found.points == {"long": 1.0, "short": 0.0, "after": 1.0}
    assert found.undecided == ["short"] and found.status is Status.PARTLY


def test_files_and_notebooks_beside():
    from grader_support.notebooks import EXECUTOR, Limits, book

    layers = book(
        "def relu(x):\n    return max(x, 0)",
        check("relu", "secret_text = 1\nassert relu(-1) == 0"),
        name="layers",
    )
    main = book(
        "from chainrule.handin.student_code import load_definitions\nlayers = load_definitions('layers.ipynb')\n"
        "seen = open('layers.ipynb').read() + open('main.ipynb').read()\nopen('made.txt', 'w').write('by me')",
        check("uses", "assert layers.relu(-2) == 0\nassert open('data/a.txt').read() == 'hello'"),
        check(
            "clean",
            "assert 'def relu' in seen and 'secret_text' not in seen and 'assert' not in seen",
        ),
        check("made", "assert open('made.txt').read() == 'by me'"),
        name="main",
    )
    files = {
        "data/a.txt": b"hello",
        "../evil.txt": b"x",
        "numpy.py": b"raise SystemExit",
        "math.py": b"def sqrt(x): return 0",
    }
    found = EXECUTOR([layers, main], files, Limits())
    assert [n.failures for n in found.notebooks] == [{}, {}]


def test_without_a_sandbox_checks_are_still_apart():
    from fairmark.execution.executor import SandboxedExecutor

    found = run(
        "import numpy as np\ndef f(x):\n    x += 1\n    return x\nnp.testing.assert_allclose = lambda *a: None",
        check("good", "import numpy as np\nassert f(1) == 2"),
        check("patched", "import numpy as np\nnp.testing.assert_allclose(f(1), 5)"),
        executor=SandboxedExecutor(no_sandbox=True),
    )
    assert found.points == {"good": 1.0, "patched": 0.0}


def test_nothing_of_the_notebooks_given_is_changed():
    cell = new_code_cell("x = 1")
    execute(cell)
    assert cell.outputs == [] and cell.execution_count is None
    assert np.__name__ == "numpy" and printed(run("print(3)"), 0) == "3\n"


# -- many calls in one question --------------------------------------------------------
def test_many_calls_at_once_give_what_a_loop_gives():
    cells = [
        "import numpy as np\n"
        "log = []\n"
        "def f(x, y):\n    log.append(x)\n    return x * y\n"
        "def pair(x): return x, (x + 1.5, None)\n"
        "def mixed(x): return x if x < 2 else [x]\n"
        "kept = np.zeros(2)\n"
        "def reuse(a):\n    kept[:] = a\n    return kept\n"
        "def spoil(a):\n    a += 1\n    return a.sum()\n"
        "def stops(x):\n    log.append(-x)\n    return 1 / (3 - x)\n"
        "def seen(): return log\n"
        "def talk(x):\n    print('said', x)\n    return x\n"
        "class Thing:\n    def __init__(self, x): self.x = x\n    def get(self): return self.x",
        check("numbers", "from chainrule.runtime import call_each\n"
              "rows = [(float(i), 2.0) for i in range(2500)]\n"
              "assert call_each(f, rows) == [2.0 * i for i in range(2500)]\n"
              "assert len(seen()) == 2500"),
        check("tuples", "assert call_each(pair, [(1.0,), (2.0,)]) == [(1.0, (2.5, None)), (2.0, (3.5, None))]"),
        check("mixed", "assert call_each(mixed, [(1.0,), (3.0,)]) == [1.0, [3.0]]\nassert call_each(mixed, []) == []"),
        check("reuse", "import numpy as np\nfound = call_each(reuse, [(np.full(2, i),) for i in range(3)])\n"
              "assert [a.tolist() for a in found] == [[0, 0], [1, 1], [2, 2]]"),
        check("copies", "a = np.ones(3)\nassert call_each(spoil, [(a,), (a.copy(),)]) == [6.0, 6.0]\nassert a.sum() == 3"),
        check("error", "try:\n    call_each(stops, [(1.0,), (3.0,), (5.0,)])\n"
              "except ZeroDivisionError: pass\nelse: raise AssertionError('no error')\n"
              "assert seen()[-2:] == [-1.0, -3.0]"),
        check("printed", "assert call_each(talk, [(1.0,), (2.0,)]) == [1.0, 2.0]"),
        check("objects", "things = call_each(Thing, [(1,), (2,)])\nassert [t.get() for t in things] == [1, 2]"),
        check("alive", "w = np.ones(2)\nassert call_each(f, [(1.0, 3.0)] * 2) == [3.0, 3.0]\nassert w.sum() == 2"),
    ]  # fmt: skip
    done = run(*cells)
    assert done.failures == {}
    assert printed(done, 7) == "said 1.0\nsaid 2.0\n"


def test_an_error_in_the_middle_names_the_students_line():
    done = run(
        "def f(x):\n    return 1 / (2 - x)",
        check("e", "from chainrule.runtime import call_each\ncall_each(f, [(1.0,), (2.0,)])"),
    )
    assert "line 2 of its cell: return 1 / (2 - x)" in done.failures["e"]


def test_the_students_line_is_counted_as_the_cell_shows_it():
    done = run("\n\ndef f(x):\n    return 1 / x", check("e", "f(0)"))
    assert "line 4 of its cell: return 1 / x" in done.failures["e"]


def test_arrays_that_one_side_has_dropped_and_those_that_both_hold():
    done = run(
        "import numpy as np\n"
        "kept, views = [], []\n"
        "def fresh(): return np.ones(3)\n"
        "def add(x): x += 1\n"
        "def total(x): return x.sum()\n"
        "def keep(x):\n    kept.append(x)\n    return 0\n"
        "def kept_total(): return kept[-1].sum()\n"
        "def spoil_kept(): kept[-1][0] = 100\n"
        "def with_view():\n    b = np.ones(4)\n    views.append(b[1:])\n    return b\n"
        "def view_total(): return views[-1].sum()",
        check("twice", "a = fresh()\nadd(a)\nadd(a)\nassert a.tolist() == [3, 3, 3]"),
        check("later", "c = fresh()\n[fresh() for _ in range(5)]\nc[0] = 7\nassert total(c) == 9"),
        check(
            "stored",
            "import numpy as np\nb = np.zeros(2)\nkeep(b)\n[fresh() for _ in range(5)]\n"
            "b[:] = 5\nassert kept_total() == 10\nspoil_kept()\nassert b.tolist() == [100, 5]",
        ),
        check(
            "view",
            "v = with_view()\n[fresh() for _ in range(5)]\nv[:] = 2\nassert view_total() == 6",
        ),
        check("same", "d = fresh()\nassert keep(d) == 0\nd += 1\nassert kept_total() == 6"),
    )
    assert done.failures == {}


def test_exact_numbers_cross_as_numbers():
    done = run(
        "from decimal import Decimal\nfrom fractions import Fraction\n"
        "def third(): return Fraction(1, 3)\n"
        "def tenth(): return Decimal('0.1'), Decimal('NaN')\n"
        "def same(x): return x",
        check(
            "fraction",
            "from fractions import Fraction\nassert abs(third() - 1 / 3) < 1e-12\n"
            "assert same(Fraction(2, 4)) == Fraction(1, 2)\nassert float(third()) == 1 / 3",
        ),
        check("decimal", "assert float(tenth()[0]) == 0.1 and tenth()[1].is_nan()"),
    )
    assert done.failures == {}
