"""Submissions that want points without answers. All their answers are wrong."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from .attempts import Attempt, Status, forged

#: Sends what it likes on each connection that the process has.
SENDER = """
import os, socket, struct
from fairmark.execution.wire import Writer, pack
def connections():
    for number in map(int, os.listdir('/proc/self/fd')):
        try:
            yield socket.socket(fileno=os.dup(number))
        except OSError:
            pass
def send(data):
    for one in connections():
        try:
            one.settimeout(2)
            one.sendall(struct.pack('<Q', len(data)) + data)
        except OSError:
            pass
def message(kind, body, released=(), changed=(), printed=(), more=()):
    head = pack((kind, list(released), list(changed), list(printed), list(more)))
    return len(head).to_bytes(4, 'little') + head + body
def outlined(*items):
    return b'x' + struct.pack('<I', len(items)) + b''.join(map(pack, items))
def answer(value, **more):
    send(message('=', b't' + struct.pack('<I', 2) + value + pack([]), **more))
"""


def speaking(*lines: str, words: str = "no proper answer") -> Attempt:
    """Speak out of turn while a check calls, then give a wrong answer.

    That the connection is given up shows that something was said. All answers are wrong
    and must be found to be so, also when the right ones are whispered in between.
    """
    text = textwrap.indent("\n".join(lines), "    ")
    answers = {"count": f"{SENDER}\ndef count(n):\n{text}\n    return [n]"}
    return forged(answers=answers, status=Status.PARTLY, words=words)


def equal(body: str) -> Attempt:
    """Functions that return an object which claims to be whatever is wanted."""
    answers = {
        "double": "def double(x):\n    return Any()",
        "count": "def count(n):\n    return Any()",
        "mean": "def mean(values):\n    return Any()",
    }
    return forged(
        f"{body}\nprint('made', type(Any()) is not None)", answers=answers, shows="made True"
    )


def raising(text: str, scratch: str = "", **more) -> Attempt:
    """Functions that raise something odd."""
    names = {"double": "x", "count": "n", "mean": "values"}
    answers = {name: f"def {name}({arg}):\n    {text}" for name, arg in names.items()}
    return forged(*([scratch] if scratch else []), answers=answers, **more)


ATTEMPTS: dict[str, Attempt] = {
    "nothing-but-wrong": forged(),
    # -- the tools of the checks, replaced in the student's own process -------------------
    "numpy-testing": forged(
        "import numpy as np, numpy.testing\nfor module in (np, np.testing):\n    for name in dir(module):\n"
        "        if 'assert' in name or name in ('allclose', 'isclose', 'array_equal', 'loadtxt'):\n"
        "            setattr(module, name, lambda *a, **k: True)\nassert_allclose = np.allclose\n"
        "print('patched', np.allclose(1, 2))",
        shows="patched True",
    ),
    "builtins": forged(
        "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = builtins.any = lambda *a: True\n"
        "builtins.AssertionError = type('A', (Exception,), {})\nbuiltins.sum = lambda x: 2.0\n"
        "print('patched', abs(-5))",
        shows="patched 0",
    ),
    "all-builtins": forged(
        "import builtins\nbuiltins.isinstance = builtins.float = builtins.int = lambda *a: 2.0\n"
        "builtins.list = lambda x: [0, 1, 2]",
        status=Status.PARTLY,
        words="ended the Python process",
    ),
    "modules": forged(
        "import sys, types\nfrom unittest.mock import MagicMock\nkept = sys.modules['numpy']\n"
        "sys.modules['numpy'] = sys.modules['numpy.testing'] = np = assert_allclose = MagicMock()\n"
        "print('mocked', type(__import__('numpy')).__name__)",
        shows="mocked MagicMock",
    ),
    "trace": forged(
        "import sys, threading\ndef tracer(frame, event, argument):\n    for name in ('right', 'x', 'expected'):\n"
        "        if name in frame.f_locals:\n            frame.f_locals[name] = 2\n    return tracer\n"
        "sys.settrace(tracer)\nthreading.settrace(tracer)\nsys.setprofile(lambda *a: None)\nprint('traced')",
        shows="traced",
    ),
    "hooks": forged(
        "import sys, builtins\nsys.excepthook = sys.unraisablehook = lambda *a: None\nsys.displayhook = lambda value: None\n"
        "real = builtins.__import__\ndef fake(name, *a, **k):\n    module = real(name, *a, **k)\n    return module\n"
        "builtins.__import__ = fake\nsys.meta_path.insert(0, type('F', (), {'find_spec': lambda *a: None})())\nprint('hooked')",
        shows="hooked",
    ),
    "shell": forged(
        "import types\nshell = get_ipython()\nresult = shell.run_cell('1')\ntype(shell).run_cell = lambda *a, **k: result\n"
        "type(shell).run = lambda *a, **k: True\nshell.showtraceback = lambda *a, **k: None\n"
        "shell.displayhook = lambda *a: None\nshell.set_custom_exc((Exception,), lambda *a, **k: None)\nprint('replaced')",
        shows="replaced",
    ),
    "transformers": forged(
        "import ast\nclass NoAsserts(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "shell = get_ipython()\nshell.ast_transformers.append(NoAsserts())\n"
        "shell.input_transformers_cleanup.append(lambda lines: [l for l in lines if 'assert' not in l])\n"
        "shell.input_transformers_post.append(lambda lines: lines)\n"
        "shell.events.register('pre_run_cell', lambda info: print('seen'))",
        "assert False, 'this one is gone'\nprint('transformed')",
        shows="transformed",
        never=("this one is gone",),
    ),
    "checks-of-the-package": forged(
        "import chainrule.backprop.checks, chainrule.gradcheck, sys\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if name.startswith(('chainrule.backprop', 'chainrule.checks', 'chainrule.gradcheck')):\n"
        "        for inner, value in list(vars(module).items()):\n"
        "            if callable(value) and not isinstance(value, type):\n"
        "                setattr(module, inner, lambda *a, **k: None)\nprint('checks gone')",
        shows="checks gone",
    ),
    "executor-of-the-package": forged(
        "from fairmark.execution import operations, peer, wire as channel, student_side, shell\n"
        "operations._call = lambda p, number, args, kwargs: [0, 1, 2] if args == (3,) else list(range(6))\n"
        "student_side.run_cell = lambda *a: (True, '')\npeer.described = lambda e: (['x'], 'y', [])\n"
        "print('inside')",
        answers={"count": "def count(n):\n    return [n]"},
        shows="inside",
    ),
    # -- names that the checks take from a locked cell -------------------------------------
    "given-name-assigned": forged(
        "assert_allclose = lambda *a, **k: None\nprint('assigned')", shows="assigned"
    ),
    "given-name-defined": forged(
        "def assert_allclose(*a, **k):\n    pass\nclass np:\n    allclose = staticmethod(lambda *a, **k: True)\n"
        "    full = loadtxt = array = arange = staticmethod(lambda *a, **k: 2.0)\nprint('defined')",
        shows="defined",
    ),
    "given-name-imported": forged(
        "from typing import cast as assert_allclose\nfrom functools import partial as np\nprint('imported')",
        shows="imported",
    ),
    "given-name-deleted": forged("del np, assert_allclose\nprint('deleted')", shows="deleted"),
    "name-of-a-builtin": forged(
        "def abs(x):\n    return 0\ndef float(x):\n    return 2.0\ndef int(x):\n    return 1\ndef list(x):\n    return [0, 1, 2]\nprint('named')",
        shows="named",
    ),
    # -- objects ----------------------------------------------------------------------------
    "equals-everything": replace(
        equal(
            "class Any:\n    def __eq__(self, o): return True\n    def __ne__(self, o): return False\n    __hash__ = None\n"
            "    def __sub__(self, o): return self\n    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __sub__\n"
            "    def __abs__(self): return 0\n    def __lt__(self, o): return True\n    __le__ = __gt__ = __ge__ = __lt__\n"
            "    def __bool__(self): return True\n    def __float__(self): return 0.0\n    __int__ = __index__ = lambda self: 0"
        ),
        # It would pass in one process, where nobody can tell: a person looks.
        status=Status.REVIEW,
        words="and passes in the notebook's",
    ),
    "any-array": equal(
        "import numpy as np\nclass Any:\n    shape, dtype, ndim = (2, 3), np.dtype('f8'), 2\n    __array_priority__ = 1e9\n"
        "    def __array__(self, *a, **k): return np.zeros((2, 3))\n    def __array_ufunc__(self, *a, **k): return 0.0\n"
        "    def __array_function__(self, *a, **k): return True\n    def __len__(self): return 0\n    def __iter__(self): return iter(())"
    ),
    "subclass-of-array": equal(
        "import numpy as np\ndef Any():\n    return np.zeros(()).view(Sly)\nclass Sly(np.ndarray):\n"
        "    def __eq__(self, o): return np.ones(1, bool)\n    def __array_ufunc__(self, *a, **k): return 0.0\n"
        "    def __array_function__(self, *a, **k): return True"
    ),
    "subclass-of-float": equal(
        "class Any(float):\n    def __eq__(self, o): return True\n    __hash__ = float.__hash__\n"
        "    def __sub__(self, o): return 0.0\n    __rsub__ = __sub__\n    def __abs__(self): return 0.0\n"
        "    def __iter__(self): return iter([0, 1, 2])"
    ),
    "subclass-of-list": equal(
        "class Any(list):\n    def __iter__(self): return iter([0, 1, 2])\n    def __eq__(self, o): return True\n"
        "    def __len__(self): return 3\n    def __getitem__(self, i): return i\n    __hash__ = None"
    ),
    "says-it-is-a-number": equal(
        "class Any:\n    @property\n    def __class__(self): return float\n    real, imag = 0.0, 0.0\n"
        "    def __float__(self): return 0.0\n    def __array__(self, *a, **k): return 0.0"
    ),
    "mock": equal("from unittest.mock import ANY, MagicMock\nAny = MagicMock\nprint(ANY == 3)"),
    "not-a-number": equal("Any = lambda: float('nan')"),
    "infinity": equal("Any = lambda: float('inf')"),
    "endless-attributes": equal(
        "class Any:\n    def __getattr__(self, name):\n        return lambda *a, **k: True\n    def __call__(self, *a, **k): return self"
    ),
    # -- modules beside the notebook ---------------------------------------------------------
    "modules-beside": forged(
        "import os\nprint('beside', sorted(n for n in os.listdir('.') if n.endswith('.py'))[:2])",
        files={
            **dict.fromkeys(
                (
                    "numpy.py",
                    "chainrule.py",
                    "math.py",
                    "sitecustomize.py",
                    "usercustomize.py",
                    "conftest.py",
                    "encodings.py",
                ),
                b"import sys\nclass Any:\n    def __getattr__(self, name): return lambda *a, **k: True\nsys.modules[__name__] = Any()\n",
            ),
            "evil.pth": b"import sys; sys.modules['numpy'] = None\n",
        },
        shows="beside ['chainrule.py', 'conftest.py']",
    ),
    "modules-written": forged(
        "for name in ('numpy.py', 'helpers.py', 'numpy/__init__.py', 'json.py'):\n    import os\n"
        "    os.makedirs(os.path.dirname(name) or '.', exist_ok=True)\n"
        "    open(name, 'w').write('def __getattr__(name): return lambda *a, **k: True')\nprint('written')",
        shows="written",
    ),
    "given-file-replaced": forged(
        "open('numbers.txt', 'w').write('0.5 0.5')\nprint('replaced', open('numbers.txt').read())",
        files={"numbers.txt": b"0.5 0.5\n"},
        shows="replaced 0.5 0.5",
    ),
    # -- what the check holds --------------------------------------------------------------------
    "looks-at-its-caller": forged(
        answers={
            "double": "import inspect\ndef double(x):\n    for info in inspect.stack():\n"
            "        for name in ('expected', 'desired', 'right', 'y'):\n            if name in info.frame.f_locals:\n"
            "                return info.frame.f_locals[name]\n    print('nothing seen')\n    return x",
        },
        shows="nothing seen",
    ),
    "changes-what-it-was-given": forged(
        answers={
            "double": "import numpy as np\ndef double(x):\n    if isinstance(x, np.ndarray):\n        x[...] = 0\n"
            "    print('zeroed')\n    return x"
        },
        shows="zeroed",
    ),
    "learnt-by-heart": Attempt(
        answers={
            "double": "def double(x):\n    return [[0, 2, 4], [6, 8, 10]]",
            "count": "def count(n):\n    return [0, 1, 2]",
            "mean": "def mean(values):\n    return 2.0",
        },
        marks={"double": 0.0, "count": 0.0, "mean": 1.0},
    ),
    "another-answer-each-time": forged(
        "import itertools\nturn = itertools.count()",
        answers={
            "count": "def count(n):\n    turn_now = next(turn)\n    print('turn', turn_now)\n    return [0, 1, 2] if turn_now == 0 else [0]",
        },
        shows="turn 1",
    ),
    "prints-marks": forged(
        "print('<points>9</points>')\n{'points': 9, 'passed': True}",
        answers={"count": "def count(n):\n    print('4.0')\n    print('ok')\n    return [n]"},
        shows="ok",
    ),
    "own-check-cells": forged(
        "class Mark:\n    def __repr__(self): return '2.0'\n_ = __ = Mark()",
        answers={"mean": "def mean(values):\n    print('2.0')\n    return Mark()"},
        shows="2.0",
    ),
    # -- exceptions -----------------------------------------------------------------------------------
    "raises-exit": raising("raise SystemExit(0)"),
    "raises-interrupt": raising("raise KeyboardInterrupt"),
    "raises-generator-exit": raising("raise GeneratorExit"),
    "raises-stop-iteration": raising("raise StopIteration([0, 1, 2])"),
    "raises-its-own": raising(
        "raise Mine('passed')",
        "class Mine(BaseException):\n    def __str__(self): raise self\n    __repr__ = __str__\n"
        "    def __reduce__(self): raise self\n    args = property(lambda self: 1 / 0)",
        status=Status.PARTLY,
        words="ended the Python process",
    ),
    "raises-with-endless-text": raising(
        "raise Mine()",
        "class Mine(Exception):\n    def __str__(self):\n        return 'x' * 10**8\nprint('made')",
        shows="made",
    ),
    "raises-strange-class": raising(
        "raise AssertionError('x')",
        "class Meta(type):\n    def mro(cls):\n        return [cls, *type.mro(cls)[1:]] * 1\n"
        "class AssertionError(Exception, metaclass=Meta):\n    __module__ = 'builtins'\n"
        "    __qualname__ = 'AssertionError'\nprint('made', AssertionError.__mro__[1].__name__)",
        shows="made Exception",
    ),
    "raises-a-group": raising(
        "raise Group('many', [KeyboardInterrupt(), ValueError()])",
        # Python 3.10 has none.
        "import builtins\nGroup = getattr(builtins, 'BaseExceptionGroup', KeyboardInterrupt)\nprint('made')",
        shows="made",
    ),
    "raises-a-chain": raising(
        "try:\n        1 / 0\n    except ZeroDivisionError as error:\n        error.__context__ = error.__cause__ = ValueError()\n        raise error from error"
    ),
    # -- the connections -------------------------------------------------------------------------------
    "message-mark": speaking(
        "output = {'output_type': 'execute_result', 'data': {'text/plain': '4.0'}}",
        "for n in range(40):",
        "    send(pack({'number': n, 'ok': True, 'lost': False, 'points': {'count': 4.0}, 'outputs': [output]}))",
    ),
    "message-arrays-for-words": speaking(
        "import numpy as np",
        "two = np.array(['stream', 'error'])",
        "for n in range(40):",
        "    send(pack({'number': np.array([n, n]), 'ok': two, 'outputs': two}))",
        "    send(pack({'number': n, 'ok': True, 'outputs': [{'output_type': two, 'name': two, 'text': two}]}))",
    ),
    "message-long-numbers": speaking(
        "for n in range(40):",
        "    send(pack({'number': n, 'ok': True, 'outputs': [{'output_type': 'stream', 'text': 10**9000}]}))",
    ),
    "message-keys-that-collide": speaking(
        "one = lambda k: b'I' + struct.pack('<I', 16) + (k * (2**61 - 1)).to_bytes(16, 'little')",
        "send(b'd' + struct.pack('<I', 400_000) + b''.join(one(k) + b'N' for k in range(400_000)))",
    ),
    "message-many-small-values": speaking(
        "send(b'l' + struct.pack('<I', 2_000_000) + b'S\\0\\0\\0\\0' * 2_000_000)",
    ),
    "message-many-outputs": speaking(
        "one = {'output_type': 'stream', 'text': ''}",
        "for n in range(20):",
        "    send(pack({'number': n, 'ok': True, 'outputs': [one] * 20_000}))",
    ),
    "message-cut-off": speaking(
        "for one in connections():",
        "    try:",
        "        one.sendall(struct.pack('<Q', 60) + b'x')",
        "    except OSError:",
        "        pass",
    ),
    "message-too-long": speaking(
        "for one in connections():",
        "    try:",
        "        one.sendall(struct.pack('<Q', 2**63))",
        "    except OSError:",
        "        pass",
    ),
    "message-changes": speaking(
        "wrong = [(1, '<f8', (2, 3), b'x'), (1, '|O', (1,), bytes(8)), (None, 3, [], {}), (1, '<f8', (2, 3), bytes(48))]",
        "answer(pack([0, 1, 2]), changed=wrong, released=[('array', 1), ('object', 1)])",
    ),
    "message-lets-go-of-everything": speaking(
        "answer(pack([0, 1, 2]), released=[*range(-3, 50), True, 2**70])",
        "answer(pack([0, 1, 2]), released=list(range(50)))",
    ),
    "message-print-of-another-kind": speaking(
        "import numpy as np",
        "answer(pack([0, 1, 2]), printed=[3, (np.arange(3), 'x'), ('stdout', 5), ('stderr', 'y' * 10**4)])",
    ),
    "message-right-answers-to-come": speaking(
        "for _ in range(20):", "    answer(pack([0, 1, 2]))", "    answer(pack((2.0,)))"
    ),
    "message-short-forms": speaking(
        "for sign in (b'=', b'+', b'*', b'?', b'x'):",
        "    send(b'\\xff' * 4 + sign + b'\\xff\\xff\\xff\\xff\\x01f' + bytes(8))",
    ),
    "message-exception": speaking(
        "for name in ('builtins.KeyboardInterrupt', 'fairmark.model.GradingError', 'os.system'):",
        "    send(message('!', pack(([name, 7, None], 'passed', [1, [2]])), more=['Cell In[1], line 1', 3]))",
    ),
    "message-calls": speaking(
        "for operation in ('call', 'each', 'getattr', 'setattr', 'name', 'iter', 'eval'):",
        "    send(message('?', pack((operation, (1, 'x', {})))))",
        "    send(message('?', pack((operation, (0,)))))",
    ),
    "message-objects": speaking(
        "for items in (('global', 'os', 'system'), ('own', 1), ('object', 1, 'function', 'float'),"
        " ('view', 1, '<f8', (99,), (8,), 0), ('same', 1), ('array', 2, 'C', '<f8', (2**40,), b'')):",
        "    answer(outlined(*items))",
    ),
    "message-file-numbers": speaking(
        "for one in connections():",
        "    try:",
        "        socket.send_fds(one, [struct.pack('<Q', 1) + b'x'], [0, 1, 2])",
        "    except OSError:",
        "        pass",
    ),
    "message-noise": speaking("for _ in range(20):", "    send(os.urandom(200))"),
    "connections-closed": speaking(
        "for one in connections():",
        "    try:",
        "        one.shutdown(socket.SHUT_RDWR)",
        "    except OSError:",
        "        pass",
        words="ended the Python process",
    ),
}
