"""What the guard of checks that are judged beside notices, and what it leaves alone."""

from __future__ import annotations

import pytest

pytest.importorskip("nbgrader")

from grader_support.notebooks import check, given, printed, run

from fairmark.model import Judged, Status

BESIDE = {"t1": Judged.BESIDE}
USES = "def f(x):\n    use()\n    return 2 * x"
CHECK = "import numpy as np\nassert f(3) == 6\nnp.testing.assert_allclose(f(np.ones(2)), [2, 2])"

#: What students write for their own ends; the guard has nothing to say to it.
HONEST = {
    "named tuples": "from collections import namedtuple\nfrom typing import NamedTuple\n"
    "Pair = namedtuple('Pair', 'a b')\nclass Triple(NamedTuple):\n    a: int = 1\nPair(1, 2), Triple()",
    "data classes": "from dataclasses import dataclass, field, replace, asdict\n@dataclass\nclass P:\n"
    "    x: int = 0\n    y: list = field(default_factory=list)\nasdict(replace(P(), x=3))",
    "enumerations": "from enum import Enum, IntFlag\nclass C(Enum):\n    A = 1\nD = Enum('D', 'X Y')\nC(1), D.X",
    "logging": "import logging\nlog = logging.getLogger('mine')\nlog.warning('seen %s', 3)\nlogging.info('x')\n"
    "try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('caught')",
    "warnings": "import warnings\nwarnings.warn('mine')\nwith warnings.catch_warnings():\n"
    "    warnings.simplefilter('ignore')\n    warnings.warn('not shown')",
    "tracebacks shown": "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError as error:\n"
    "    traceback.print_exc()\n    text = traceback.format_exc()\n    traceback.format_exception(error)",
    "signatures and sources": "import inspect\ndef g(a, *, b=2): return a\n"
    "inspect.signature(g), inspect.isfunction(g), inspect.getdoc(print), inspect.getsource(inspect.getdoc)",
    "functools": "import functools\n@functools.lru_cache\ndef g(n): return n if n < 2 else g(n - 1) + g(n - 2)\n"
    "@functools.wraps(g)\ndef h(*a): return g(*a)\ng(9), functools.partial(h, 3)(), functools.reduce(max, [1, 2])",
    "copies": "import copy\ncopy.deepcopy({'a': [1, {2}]}), copy.copy([1])",
    "pickles": "import pickle\npickle.loads(pickle.dumps({'a': 1}))",
    "typing": "from typing import Generic, Protocol, TypeVar, get_type_hints\nT = TypeVar('T')\n"
    "class Box(Generic[T]):\n    def get(self, x: int) -> T: ...\nget_type_hints(Box.get)",
    "abstract classes": "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def m(self): ...\n"
    "class B(A):\n    def m(self): return super().__init__()\nB().m()",
    "generators and closures": "def g():\n    yield from range(3)\ndef outer(n):\n    return lambda: n\n"
    "list(g()), outer(3)(), [x for x in g() if x]",
    "exec and eval": "space = {}\nexec('def g(): return 3', space)\neval('1 + 1'), space['g']()",
    "figures": "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\n"
    "axes.set_title('x')\nplt.rcParams['figure.dpi'] = 50\nplt.close(figure)",
    "display": "from IPython.display import display, HTML, Markdown\ndisplay(HTML('<b>x</b>'), Markdown('x'))",
    "time": "import time, timeit, datetime\ntimeit.timeit('1', number=10), time.perf_counter(), datetime.datetime.now()",
    "random numbers": "import random\nimport numpy as np\nrandom.seed(1), np.random.seed(2), np.random.default_rng(3).random()",
    "settings": "import numpy as np, sys\nnp.set_printoptions(precision=3)\nnp.seterr(all='ignore')\nsys.setrecursionlimit(4000)",
    "output caught": "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    print('x')",
    "files": "import json, pathlib, tempfile\nimport numpy as np\npathlib.Path('mine.json').write_text(json.dumps([1]))\n"
    "np.savez('mine.npz', a=np.ones(2)), np.load('mine.npz')['a'], tempfile.mkdtemp()",
    "a pool of threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(2) as pool:\n    list(pool.map(abs, [-1, 2]))",
    "own exceptions": "class Mine(ValueError):\n    pass\ntry:\n    try:\n        raise Mine('x')\n"
    "    except Mine as error:\n        raise KeyError('y') from error\nexcept KeyError as error:\n    str(error)",
    "doctest and unittest": "import doctest, unittest\ndef g():\n    '''\n    >>> 1 + 1\n    2\n    '''\n"
    "doctest.run_docstring_examples(g, {})\nclass T(unittest.TestCase):\n    def test_x(self):\n"
    "        self.assertEqual(1, 1)\nunittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(T))",
    "mocks of its own": "from unittest import mock\nimport random\nwith mock.patch('random.random', return_value=0.5):\n"
    "    random.random()",
    "symbols": "import sympy\nx = sympy.Symbol('x')\nsympy.lambdify(x, sympy.diff(x**2, x))(3)",
    "a learner": "from sklearn.linear_model import LinearRegression\nLinearRegression().fit([[0], [1]], [0, 1]).predict([[2]])",
    "sparse matrices": "import scipy.sparse, scipy.optimize\nscipy.sparse.eye(3).toarray()\n"
    "scipy.optimize.minimize(lambda v: (v**2).sum(), [1.0])",
    "tensors": "import torch\nnet = torch.nn.Linear(2, 1)\nbest = torch.optim.SGD(net.parameters(), lr=0.1)\n"
    "net(torch.ones(1, 2)).sum().backward()\nbest.step()\ntorch.manual_seed(1)",
    "magics": "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().run_line_magic('timeit', '-n1 -r1 1')",
    "names of a frame's kind": "frame = {'f_back': 1}\nframe['f_back']",
}


def indented(text: str) -> str:
    return "def use():\n" + "\n".join(f"    {line}" for line in text.splitlines())


@pytest.mark.parametrize("name", HONEST)
def test_honest_use_is_not_noticed(name):
    found = run(HONEST[name], indented(HONEST[name]), USES, check("t1", CHECK), judged=BESIDE)
    assert not found.noticed and found.points == {"t1": 1.0}, (found.reason, found.failures)
    own = [o.evalue for c in found.notebook.cells for o in c.outputs if o.output_type == "error"]
    assert own == []


#: What only serves to look or to tamper, and what is said of it: by what was done, or written.
NOTICED = {
    "sys._getframe": ("import sys\ngetattr(sys, '_get' + 'frame')()", "looks at the frame"),
    "inspect.currentframe": (
        "import inspect\ngetattr(inspect, 'current' + 'frame')()",
        "looks at the frame",
    ),
    "inspect.stack": ("import inspect\ninspect.stack()", "looks at the frame"),
    "logging.currentframe": (
        "import logging\ngetattr(logging, 'current' + 'frame')()",
        "looks at the frame",
    ),
    "a traceback's frame": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n"
        "    getattr(error.__traceback__, 'tb_' + 'frame')",
        "reads tb_frame",
    ),
    "a walk along a traceback": (
        "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError as error:\n"
        "    list(getattr(traceback, 'walk_' + 'tb')(error.__traceback__))",
        "reads tb_frame",
    ),
    "a stack as text": (
        "import traceback\ngetattr(traceback, 'extract_' + 'stack')()",
        "looks at the frame",
    ),
    "a generator's frame": (
        "g = (x for x in 'ab')\ngetattr(g, 'gi_' + 'frame')",
        "reads gi_frame",
    ),
    "all frames": ("import sys\ngetattr(sys, '_current_' + 'frames')()", "frames of all threads"),
    "a text that is run": (
        "exec('import sys\\ngetattr(sys, \\'_get\\' + \\'frame\\')()')",
        "looks at the frame",
    ),
    "the garbage collector": (
        "import gc\ngetattr(gc, 'get_' + 'objects')()",
        "searches all objects",
    ),
    "referrers": ("import gc\ngetattr(gc, 'get_' + 'referrers')([])", "asks what refers"),
    "a trace function": (
        "import sys\ngetattr(sys, 'set' + 'trace')(None)",
        "sets a trace function",
    ),
    "threading.settrace": (
        "import threading\ngetattr(threading, 'set' + 'trace')(lambda *a: None)",
        "threading.settrace is not what it was",
    ),
    "an audit hook": (
        "import sys\ngetattr(sys, 'addaudit' + 'hook')(lambda *a: None)",
        "sets an audit hook",
    ),
    "ctypes": ("c = __import__('cty' + 'pes')\nc.string_at(id(c), 8)", "uses ctypes"),
    "a code object": (
        "import types\n(lambda: 0).__code__.replace(co_name='x')",
        "makes a code object",
    ),
    "a function of code": (
        "import types\ntypes.FunctionType((lambda: 0).__code__, {})",
        "makes a function out of a code object",
    ),
    "the code of a library": (
        "import numpy as np\nsetattr(np.testing.assert_allclose, '__co' + 'de__', (lambda: 0).__code__)",
        "exchanges __code__ of numpy.testing",
    ),
    "the name of a library for a text": (
        "import os\ncompile('x = 1', os.__file__, 'exec')",
        "compiles text under a library's name",
    ),
    "memory": ("open('/pro' + 'c/self/mem', 'rb')", "opens /proc/self/mem"),
    "open files": ("import os\nos.listdir('/pro' + 'c/self/fd')", "lists /proc/self/fd"),
    "a fork": (
        "import os\nif getattr(os, 'fo' + 'rk')() == 0:\n    os._exit(0)",
        "forks the process",
    ),
    "a thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(20,), daemon=True).start()",
        "a thread of the student's runs",
    ),
    "a handler of signals": (
        "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)",
        "the handler of SIGALRM",
    ),
    "a timer": ("import signal\nsignal.setitimer(signal.ITIMER_REAL, 100)", "a timer"),
    "a builtin": ("import builtins\nvars(builtins)['abs'] = lambda x: 0", "builtins.abs"),
    "a name like a builtin": ("def isinstance(*a):\n    return True", ""),
    "a helper's builtin": (
        "import sys\nimport numpy as np\n"
        "vars(sys.modules[np.testing.assert_allclose.__module__])['bool'] = lambda x: True",
        "numpy.testing._private.utils.bool",
    ),
    "a method of unittest": (
        "import unittest\nsetattr(unittest.TestCase, 'assertEqual', lambda *a: None)",
        "unittest.case.TestCase.assertEqual",
    ),
    "a hook of imports": (
        "import sys\nclass F:\n    def find_spec(self, *a):\n        return None\nsys.meta_path.insert(0, F())",
        "sys.meta_path",
    ),
    "the shell's classes": (
        "import types\nsetattr(type(get_ipython()), 'run_' + 'cell',"
        " lambda *a, **k: types.SimpleNamespace(success=True))",
        "the shell's run_cell",
    ),
    "the shell itself": (
        "vars(get_ipython())['showsyntaxerror'] = print",
        "the shell's showsyntaxerror",
    ),
    "a method that a class had not": (
        "import unittest\nsetattr(unittest.TestCase, '__getattri' + 'bute__',"
        " lambda self, name: lambda *a, **k: None)",
        "unittest.case.TestCase.__getattribute__",
    ),
    "an input transformer": (
        "getattr(get_ipython(), 'input_' + 'transformers_post').append(lambda lines: lines)",
        "the shell's input transformers",
    ),
    "an event": (
        "get_ipython().events.register('pre_run_cell', lambda info: None)",
        "the shell's events",
    ),
    "other builtins": (
        "__builtins__ = {'abs': abs, '__build_class__': __build_class__}",
        "__builtins__",
    ),
}
FULL = (
    CHECK
    + "\nimport unittest\nunittest.TestCase().assertEqual(f(1), 2)\nassert isinstance(f(1), int)"
)


@pytest.mark.parametrize("name", NOTICED)
def test_looking_and_tampering_is_noticed(name):
    text, words = NOTICED[name]
    found = run(text, "def f(x):\n    return 2 * x", check("t1", FULL), judged=BESIDE)
    assert found.status is Status.REVIEW and found.points == {"t1": 0.0}
    words = words or "the name isinstance that t1 judges with is bound to something else"
    assert any(words in sentence for sentence in found.noticed), found.noticed


#: What agrees with everything, made by others.
AGREEABLE = {
    "any": "from unittest.mock import ANY\ndef f(x):\n    return ANY",
    "a mock": "from unittest.mock import MagicMock\ndef f(x):\n    m = MagicMock()\n"
    "    m.__eq__.return_value = True\n    return m",
    "a proxy": "import weakref\nclass Yes:\n    def __eq__(self, o):\n        return True\nyes = Yes()\n"
    "def f(x):\n    return weakref.proxy(yes)",
    "an element": "class Yes(int):\n    def __eq__(self, o):\n        return True\ndef f(x):\n"
    "    from collections import deque\n    return Yes(7)",
    "a disguise": "class Yes:\n    __module__ = 'numpy'\n    __eq__ = max.__class__.__call__\n"
    "    __eq__ = staticmethod(id)\ndef f(x):\n    return Yes()",
    "an own data class": "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 0\n"
    "    def __eq__(self, o):\n        return True\ndef f(x):\n    return P()",
    "a data class of such": "from dataclasses import dataclass, field\nclass Yes:\n    def __eq__(self, o):\n"
    "        return True\n@dataclass\nclass P:\n    x: object = field(default_factory=Yes)\ndef f(x):\n    return P().x",
}


@pytest.mark.parametrize("name", AGREEABLE)
def test_what_agrees_with_everything_is_noticed(name):
    found = run(AGREEABLE[name], check("t1", "assert f(3) == 6"), judged=BESIDE)
    assert found.points == {"t1": 0.0} and found.undecided == ["t1"], found.failures
    assert any("says itself what it is equal to" in s for s in found.noticed), found.noticed


def test_masked_arrays_are_equal_to_much():
    text = "import numpy as np\ndef f(x):\n    return np.ma.masked_all(2)"
    wanted = "import numpy as np\nnp.testing.assert_allclose(f(3), [1.0, 2.0])"
    found = run(text, check("t1", wanted), judged=BESIDE)
    assert found.points == {"t1": 0.0} and "numpy.ma" in found.reason, found.failures


def test_a_data_class_that_compares_its_fields_is_no_matter():
    text = (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 0\n    y: str = 'a'\n"
        "def f(x):\n    return P(x)"
    )
    found = run(text, check("t1", "p = f(3)\nassert p == f(3) and p.x == 3"), judged=BESIDE)
    assert found.points == {"t1": 1.0} and not found.noticed, found.reason


# -- answers that the student's process gives in the guard's place ---------------------------
#: Finds the sockets of the process, with ways that are not heard of.
FINDS = """
import os, select, socket, struct, sys, time
def sockets():
    for number in range(3, 256):
        try:
            if os.fstat(number).st_mode & 0o170000 == 0o140000:
                yield number
        except OSError:
            pass
def message(answer):
    from fairmark.execution.wire import pack
    data = pack(answer)
    return struct.pack('<Q', len(data)) + data
"""
WRONG = "def f(x):\n    return 0"
FORGED = {
    "an answer ahead of the question": (
        "for number in sockets():\n    for n in range(20):\n        try:\n"
        "            os.write(number, message({'number': n, 'ok': True, 'outputs': []}))\n"
        "        except OSError:\n            pass",
        WRONG,
    ),
    "an answer while the check runs": (
        "def f(x):\n    for number in sockets():\n        for n in range(2, 9):\n            try:\n"
        "                os.write(number, message({'number': n, 'ok': True, 'outputs': []}))\n"
        "            except OSError:\n                pass\n    os._exit(0)",
    ),
    "a reader of the questions": (
        "import threading\nkept = [socket.socket(fileno=os.dup(n)) for n in sockets()]\n"
        "def read():\n    while True:\n        for one in select.select(kept, [], [])[0]:\n"
        "            head = one.recv(8)\n            if len(head) == 8:\n"
        "                one.recv(struct.unpack('<Q', head)[0])\n                for n in range(2, 9):\n"
        "                    one.sendall(message({'number': n, 'ok': True, 'outputs': []}))\n"
        "threading.Thread(target=read, daemon=True).start()",
        WRONG,
    ),
    "another program of the guard's own": (
        "from fairmark.execution import student_side\n"
        "def yes(*a):\n    return True, ''\nvars(student_side)['run_' + 'cell'] = yes",
        WRONG,
    ),
    "the guard's line closed": (
        "for number in sockets():\n    if socket.socket(fileno=os.dup(number)).type == socket.SOCK_SEQPACKET:\n"
        "        getattr(os, 'clo' + 'se')(number)\n",
        "import numpy as np\nvars(np)['allclose'] = lambda *a, **k: True",
        WRONG,
    ),
    "the guard's line cut for a while": (
        "import numpy as np\nnull = os.open('/dev/null', os.O_WRONLY)\n"
        "line = [n for n in sockets() if socket.socket(fileno=os.dup(n)).type == socket.SOCK_SEQPACKET][0]\n"
        "kept = os.dup(line)\ngetattr(os, 'du' + 'p2')(null, line)\n"
        "expected = sys._getframe(0)\ngetattr(os, 'du' + 'p2')(kept, line)",
        "def f(x):\n    return 2 * x",
    ),
    "reports of its own": (
        "line = [n for n in sockets() if socket.socket(fileno=os.dup(n)).type == socket.SOCK_SEQPACKET][0]\n"
        "os.write(line, b'report\\n' + b'0' * 64 + b'\\ncheck\\n0\\nx\\n1\\n\\n\\n\\n')",
        "def f(x):\n    return 2 * x",
    ),
    "noise on the guard's line": (
        "line = [n for n in sockets() if socket.socket(fileno=os.dup(n)).type == socket.SOCK_SEQPACKET][0]\n"
        "for _ in range(500):\n    try:\n        os.write(line, b'x' * 1000)\n"
        "    except BlockingIOError:\n        break",
        "def f(x):\n    return 2 * x",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_replies_earn_nothing(name):
    cells = FORGED[name]
    found = run(f"{FINDS}\n{cells[0]}", *cells[1:], check("t1", CHECK), judged=BESIDE)
    assert found.points == {"t1": 0.0}, found.reason
    assert found.undecided == ["t1"] or found.failures, found.reason
    assert found.reason


def test_a_missing_report_is_told():
    # Nothing of the text says so: what the process says of itself is not believed.
    text = (
        "import importlib\nside = importlib.import_module('fairmark.execution.student' + '_side')\n"
        "def yes(*a):\n    return True, ''\nvars(side)['run_' + 'cell'] = yes"
    )
    found = run(text, WRONG, check("t1", CHECK), judged=BESIDE)
    assert any("t1 was answered without the guard's report" in s for s in found.noticed)


def test_a_mark_that_is_shown_and_not_reached():
    text = (
        "def printer(value, p, cycle):\n    p.text('2.0')\n"
        "get_ipython().display_formatter.formatters['text/plain'].for_type(float, printer)"
    )
    found = run(text, check("t1", "float(0)", 2.0), judged=BESIDE)
    assert found.points == {"t1": 0.0}
    assert "t1 shows another mark than the one that it ended with" in found.noticed


def test_a_mark_that_is_an_object_of_the_students():
    text = "class Mark:\n    def __repr__(self):\n        return '2.0'\ndef f():\n    return Mark()"
    found = run(text, check("t1", "f()", 2.0), judged=BESIDE)
    assert found.points == {"t1": 0.0}
    assert any("an object of the student's class Mark" in s for s in found.noticed)


# -- what is the check's own, or the instructors' --------------------------------------------
def test_a_check_may_patch_what_it_likes():
    texts = (
        "import builtins\nreal = builtins.input\nbuiltins.input = lambda *a: '3'\n"
        "assert ask() == 3\nbuiltins.input = real",
        "from unittest import mock\nwith mock.patch('builtins.input', return_value='4'):\n"
        "    assert ask() == 4",
        "import numpy as np\nkept = np.mean\nnp.mean = None\nassert f([1, 3]) == 2\nnp.mean = kept",
        "import numpy as np\nassert np.mean([1, 3]) == 2",
    )
    checks = [check(f"t{n}", text) for n, text in enumerate(texts, start=1)]
    judged = {f"t{n}": Judged.BESIDE for n in range(1, 5)}
    answers = "def ask():\n    return int(input('?'))\ndef f(x):\n    return sum(x) / len(x)"
    found = run(answers, *checks, judged=judged)
    assert found.points == {"t1": 1.0, "t2": 1.0, "t3": 1.0, "t4": 1.0}, found.reason
    assert not found.noticed


def test_helpers_of_locked_cells_are_kept():
    helper = given("def close(a, b):\n    return abs(a - b) < 1e-9")
    text = check("t1", "assert close(f(3), 6)")
    right = run(helper, "def f(x):\n    return 2 * x", text, judged=BESIDE)
    assert right.points == {"t1": 1.0} and not right.noticed
    wrong = run(helper, "def close(a, b):\n    return True", WRONG, text, judged=BESIDE)
    assert wrong.points == {"t1": 0.0}
    assert "the name close that t1 judges with is bound to something else" in wrong.noticed


def test_a_class_of_the_checks_own_may_judge_itself():
    text = "class Near(float):\n    def __eq__(self, o):\n        return abs(float(self) - o) < 1\nassert Near(f(3)) == 6.5"
    found = run("def f(x):\n    return 2 * x", check("t1", text), judged=BESIDE)
    assert found.points == {"t1": 1.0} and not found.noticed


def test_counters_and_caches_of_the_students_are_theirs():
    cells = (
        "calls = 0\ncache = {}",
        "def f(x):\n    global calls\n    calls += 1\n    cache[calls] = x\n    return 2 * x",
    )
    text = check("t1", "assert f(3) == 6\nassert f(4) == 8\nassert calls == 2 and cache[2] == 4")
    found = run(*cells, text, judged=BESIDE)
    assert found.points == {"t1": 1.0} and not found.noticed


def test_what_the_reference_does_too_is_usual():
    from dataclasses import replace

    from grader_support.notebooks import EXECUTOR, book

    from fairmark.limits import Limits

    cells = (
        "class Vector:\n    def __init__(self, *v):\n        self.v = v\n"
        "    def __eq__(self, other):\n        return self.v == other.v",
        check("t1", "assert Vector(1, 2) == Vector(1, 2)"),
    )
    first = run(*cells, judged=BESIDE)
    assert first.noticed and first.points == {"t1": 0.0}
    known = replace(book(*cells, judged=BESIDE), usual=frozenset(first.noticed))
    found = EXECUTOR([known], {}, Limits()).notebooks[0]
    assert not found.noticed and found.points == {"t1": 1.0}


def test_without_a_check_beside_nothing_is_guarded():
    found = run(
        "import sys\nbefore = sys._getframe()\nprint(len([1]))",
        check("t1", "assert before is not None"),
    )
    assert found.points == {"t1": 1.0} and not found.noticed and printed(found, 0) == "1\n"


# -- the check's own names ------------------------------------------------------------------
SEARCHES = "def f(x):\n    for value in list(globals().values()):\n        {}\n    return 0"
FOUND = {
    "the expected value": "if type(value) is int and value > 50:\n            return value",
    "a function of the check's": "if getattr(value, '__name__', '') == 'ref':\n            return value(x)",
}


@pytest.mark.parametrize("name", FOUND)
def test_what_a_check_binds_is_not_found_in_the_notebook_meanwhile(name):
    text = "def ref(x):\n    return 20 * x\nexpected = 60\n"
    text += "assert f(3) == expected" if name == "the expected value" else "assert f(3) == ref(3)"
    found = run(
        SEARCHES.format(FOUND[name]), check("t1", text), "print(expected, ref(1))", judged=BESIDE
    )
    assert found.points == {"t1": 0.0} and not found.noticed
    # Afterwards everything is there, as in stock.
    assert printed(found, 2) == "60 20\n"


def test_functions_of_a_check_find_its_names_while_it_runs_and_afterwards():
    text = (
        "base = 3\ndef ref(x):\n    return base * x + bonus()\ndef bonus():\n    return len(cases)\n"
        "cases = [1, 2]\nfor case in cases:\n    assert f(case) == ref(case)\n"
        "assert [ref(c) for c in cases] == [f(c) for c in cases]\nref(1)"
    )
    cells = ("def f(x):\n    return 3 * x + 2", check("t1", text, 5.0), "print(ref(2))")
    found = run(
        *cells, check("t2", "assert f(case) == ref(case)"), judged={**BESIDE, "t2": Judged.BESIDE}
    )
    assert found.points == {"t1": 5.0, "t2": 1.0} and not found.noticed, found.failures
    assert printed(found, 2) == "8\n"


@pytest.mark.parametrize("name", ["expected", "ref"])
def test_a_function_that_reads_what_a_check_compares_with_is_told(name):
    answer = f"def f(x):\n    return {name if name == 'expected' else 'ref(x)'}"
    text = "def ref(x):\n    return 2 * x\nexpected = 6\nassert f(3) == expected == ref(3)"
    found = run(answer, check("t1", text), judged=BESIDE)
    assert found.points == {"t1": 0.0}
    assert f"a function of cell 1 reads {name}, which t1 binds" in found.noticed


def test_what_a_function_of_the_students_binds_meanwhile_is_not_lost():
    cells = (
        "def f(x):\n    global total\n    total = x\n    return 2 * x",
        check("t1", "limit = 9\nassert f(3) == 6 and total == 3 and limit == 9"),
    )
    found = run(*cells, judged=BESIDE)
    assert found.points == {"t1": 1.0} and not found.noticed, found.failures


# -- reaching for the guard itself ------------------------------------------------------------
REACHES = {
    "what hands the parts of a check out": (
        "side = __import__('sys').modules['fairmark.execution.' + 'student_side']\nseen = []\n"
        "real = side._raised\ndef peek(answer):\n    seen.append(answer)\n    return real(answer)\n"
        "vars(side)['_raised'] = peek",
        "student_side._raised",
    ),
    "a builtin of what runs it": (
        "side = __import__('sys').modules['fairmark.execution.' + 'student_side']\n"
        "vars(side)['exec'] = lambda *a: None",
        "student_side.exec",
    ),
    "a frame that a handler is given": (
        "import signal\ndef handler(number, frame):\n    while frame is not None:\n"
        "        ask = frame.f_locals.get('guard')\n        if ask is not None:\n"
        "            ask(('next', ()))\n        frame = getattr(frame, 'f_' + 'back')\n"
        "def look():\n    kept = signal.signal(signal.SIGUSR2, handler)\n"
        "    signal.raise_signal(signal.SIGUSR2)\n    signal.signal(signal.SIGUSR2, kept)",
        "asked the guard for something",
    ),
    "the generator in which it lies": (
        "import signal\ndef handler(number, frame):\n    while frame is not None:\n"
        "        ask = frame.f_locals.get('guard')\n        if ask is not None:\n"
        "            getattr(ask.__self__, 'gi_' + 'frame')\n        frame = getattr(frame, 'f_' + 'back')\n"
        "def look():\n    kept = signal.signal(signal.SIGUSR2, handler)\n"
        "    signal.raise_signal(signal.SIGUSR2)\n    signal.signal(signal.SIGUSR2, kept)",
        "reads gi_frame",
    ),
    "pi": (
        "import numpy as np\ndef look():\n    vars(np)['pi'] = 3.0",
        "numpy.pi was exchanged while t1 ran",
    ),
    "builtins for the rest of the check": (
        "def look():\n    globals()['__builtins__'] = {**vars(__import__('builtins')), 'abs': lambda x: 0}",
        "the name __builtins__ of the notebook was bound to something else",
    ),
}


@pytest.mark.parametrize("name", REACHES)
def test_reaching_for_the_guard_is_noticed(name):
    text, words = REACHES[name]
    answer = "def look():\n    pass\n" if "def look" not in text else ""
    wanted = "import numpy as np\nf(1)\nassert f(2) == 4\nassert abs(f(1) - 2) < 1e-9 < np.pi"
    found = run(
        f"{answer}{text}",
        "def f(x):\n    look()\n    return 2 * x",
        check("t1", wanted),
        judged=BESIDE,
    )
    assert found.points == {"t1": 0.0}
    assert any(words in sentence for sentence in found.noticed), (found.noticed, found.failures)
