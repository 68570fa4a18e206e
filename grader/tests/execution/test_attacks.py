"""The sandbox attacked from inside: what the attacker sees, and a good student after it."""

from __future__ import annotations

import os
import socket
import textwrap
from pathlib import Path

import psutil
import pytest
from grader_support.notebooks import check, printed, run

from fairmark.execution.executor import SandboxedExecutor
from fairmark.model import Status

SECRET = "assert f(3) == 9, 'hidden-canary-77aa'"


def good():
    return run("def f(x):\n    return x * x", check("f", SECRET, points=3)).points == {"f": 3.0}


def attacked(text, *more, executor=None, files=None, **limits):
    """Run an attack between two checks; the first was earned before it."""
    options = {"executor": executor} if executor else {}
    limits = {"cell_seconds": 10, **limits}
    found = run(
        "def f(x):\n    return x * x",
        check("before", SECRET),
        textwrap.dedent(text),
        *more,
        check("after", SECRET),
        files=files,
        **options,
        **limits,
    )
    assert good(), "a good submission graded afterwards has lost its marks"
    assert found.points["before"] == 1.0
    return found, printed(found, 2)


def test_files_of_the_machine_are_not_there(tmp_path):
    book = tmp_path / "gradebook.db"
    book.write_text("marks")
    root = Path(__file__).resolve().parents[3]
    places = [book, root / "source", root / "tests", root / "nbgrader_config.py", os.path.expanduser("~root/.bashrc"), os.path.expanduser("~root/.ssh"),
              Path.home() / ".profile", "/etc/shadow", "/var", "/sys", "/dev/sda", "/dev/vda", "/dev/mem", "/run", "/mnt"]  # fmt: skip
    found, said = attacked(
        f"""
        import os
        for place in {[str(p) for p in places]!r}:
            print(place, os.path.exists(place))
        tried = 0
        for folder, inner, names in os.walk('/'):
            inner[:] = [n for n in inner if n not in ('proc', 'usr', 'lib')]
            for name in names:
                if name == 'gradebook.db' or 'hidden' in name and name.endswith('.ipynb'):
                    print('FOUND', folder, name)
        print(sorted(os.environ))
        """
    )
    lines = said.splitlines()
    assert len(lines) == len(places) + 1
    assert all(line.endswith("False") for line in lines[:-1]), said
    assert not any(word in lines[-1] for word in ("SSH", "TOKEN", "VIRTUAL_ENV", "PWD"))
    assert found.points["after"] == 1.0


def test_hidden_tests_and_the_parent_are_out_of_reach(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "env-canary-1234")
    found, said = attacked(
        """
        import os, re
        needle = re.compile(b'hidden-canary-77a[a]|env-canary-123[4]')
        pids = [p for p in os.listdir('/proc') if p.isdigit()]
        print('pids', sorted(map(int, pids)), os.getpid(), os.getppid())
        hits = 0
        for line in open('/proc/self/maps'):
            span, rights = line.split()[:2]
            if 'r' not in rights or 'vsyscall' in line or 'vvar' in line:
                continue
            a, b = (int(v, 16) for v in span.split('-'))
            with open('/proc/self/mem', 'rb', 0) as mem:
                try:
                    mem.seek(a)
                    data = mem.read(min(b - a, 2**26))
                except (OSError, ValueError, OverflowError):
                    continue
                hits += sum(1 for _ in needle.finditer(data))
        print('hits', hits)
        print('env', b'canary' in open('/proc/self/environ', 'rb').read())
        def seen(name):
            try:
                return bool(open(name, 'rb').read(10))
            except OSError as error:
                return type(error).__name__
        print('other', seen('/proc/2/mem'), os.path.exists('/proc/1/../2/root'))
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        print('ptrace', libc.ptrace(16, 1, 0, 0), libc.unshare(0x10000000), libc.mount(b'x', b'/tmp', b'tmpfs', 0, None), libc.setns(0, 0))
        print('uid', os.getuid(), [n for n in os.listdir('/proc/self/fd')])
        """
    )
    lines = dict(line.split(" ", 1) for line in said.splitlines())
    assert lines["pids"] == "[1] 1 0"
    assert lines["hits"] == "0" and lines["env"] == "False"
    assert lines["other"] == "FileNotFoundError False"
    assert lines["ptrace"] == "-1 -1 -1 -1"
    assert lines["uid"].startswith("1000")
    assert found.points["after"] == 1.0


def test_no_network():
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    _, said = attacked(
        f"""
        import socket
        for address in (('127.0.0.1', {port}), ('1.1.1.1', 53), ('example.org', 80)):
            try:
                socket.create_connection(address, timeout=2)
                print('connected')
            except OSError as error:
                print('refused')
        for family in (40, 17, 16, 38):
            try:
                socket.socket(family, socket.SOCK_DGRAM)
                print('opened', family)
            except OSError as error:
                print('refused')
        """
    )
    server.close()
    assert said.split() == ["refused"] * 7


def test_nothing_is_written_outside(tmp_path):
    target = tmp_path / "marks"
    target.write_text("mine")
    _, said = attacked(
        f"""
        import os, sys, numpy, IPython
        def attempt(path):
            try:
                open(path, 'a').write('x')
                return 'written'
            except OSError as error:
                return 'refused'
        for path in ({str(target)!r}, numpy.__file__, IPython.__file__, sys.executable, '/usr/lib/x', '/etc/passwd', '/x', '/box/x'):
            print(attempt(path))
        os.symlink({str(target)!r}, 'link')
        print(attempt('link'))
        os.symlink('/etc/shadow', 'shadow')
        os.mkfifo('pipe')
        os.makedirs(os.path.expanduser('~/.ipython/profile_default/startup'))
        open(os.path.expanduser('~/.ipython/profile_default/startup/a.py'), 'w').write('1/0')
        open('/tmp/left', 'w').write('x')
        """
    )
    assert said.split() == ["refused"] * 9
    assert target.read_text() == "mine"
    assert not Path("/tmp/left").exists()
    looks = run(
        "import os\nprint(os.path.exists('/tmp/left'), os.listdir(os.path.expanduser('~')))"
    )
    assert printed(looks, 0) == "False []\n"


def test_links_are_not_followed_to_the_checks(tmp_path):
    found, _ = attacked(
        "import os\nos.symlink('/proc/self/environ', 'stolen.txt')\nos.mkfifo('pipe.txt')",
        check(
            "stolen",
            "import os\nassert not os.path.lexists('stolen.txt') and not os.path.exists('pipe.txt')",
        ),
    )
    assert found.points["stolen"] == 1.0 and found.points["after"] == 1.0


def test_other_processes_are_safe_and_none_is_left():
    before = {p.pid for p in psutil.process_iter()}
    _, said = attacked(
        f"""
        import os, signal, subprocess, sys
        killed = []
        for pid in [*range(2, 300), os.getppid(), {os.getpid()}, -1]:
            if pid == 0:
                continue
            try:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            except (ProcessLookupError, PermissionError):
                pass
        print(killed)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp('sleep', ['chainrule-left-behind', '1000'])
            os._exit(0)
        """
    )
    assert said.strip() in ("[]", "[-1]")
    left = [p for p in psutil.process_iter(["cmdline"]) if p.pid not in before]
    assert not any("left-behind" in " ".join(p.info["cmdline"] or []) for p in left)


def test_a_fork_bomb_ends():
    found, said = attacked(
        """
        import os, time
        made = 0
        try:
            for _ in range(5000):
                if os.fork() == 0:
                    time.sleep(1000)
                made += 1
        except OSError as error:
            print('stopped', made)
        """
    )
    assert said.startswith("stopped") and int(said.split()[1]) < 100
    assert found.points["after"] == 1.0


def test_a_memory_bomb_costs_only_itself():
    small = SandboxedExecutor(memory_mb=300, disk_mb=32)
    found, said = attacked(
        """
        try:
            x = bytearray(2**30)
        except MemoryError:
            print('no memory')
        import os
        def child():
            y = bytearray(200 * 2**20)
            import time
            time.sleep(1000)
        """,
        "for _ in range(8):\n    if os.fork() == 0:\n        child()\nimport time\ntime.sleep(8)",
        executor=small,
    )
    assert said.strip() == "no memory"
    assert "300 MB" in execution_reason(found)
    assert found.points["after"] == 1.0


def execution_reason(found):
    """Return the reason of a run whose checks were all decided: it is told, nobody has to look."""
    assert found.status is Status.GRADED and found.undecided == []
    return found.reason


def test_disk_shared_memory_and_output_have_limits():
    small = SandboxedExecutor(disk_mb=32)
    found, said = attacked(
        """
        import ctypes, os
        total = 0
        for name in ('a', '/tmp/b', '/dev/shm/c', os.path.expanduser('~/d')):
            try:
                with open(name, 'wb', 0) as file:
                    for _ in range(100):
                        total += file.write(bytes(2**20))
            except OSError as error:
                pass
        print(total <= 33 * 2**20)
        try:
            os.memfd_create('x')
            print('made')
        except OSError:
            print('refused')
        for name in ('a', '/tmp/b', '/dev/shm/c'):
            if os.path.exists(name):
                os.remove(name)
        """,
        "print('x' * 200_000_000)\nprint('more')",
        "import sys\nfor _ in range(200):\n    os.write(1, b'y' * 10**6)",
        executor=small,
        output_bytes=50_000,
    )
    assert said.split() == ["True", "refused"]
    for index in (3, 4):
        assert sum(len(str(out)) for out in found.notebook.cells[index].outputs) < 70_000
    assert "cut off" in printed(found, 3)
    assert found.points["after"] == 1.0


ENDS = {
    "sys.exit": ("import sys\nsys.exit(0)", True),
    "os._exit": ("import os\nos._exit(0)", False),
    "SIGKILL": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", True),
    "abort": ("import os\nos.abort()", False),
    "segfault": ("import ctypes\nctypes.string_at(0)", False),
    "recursion": (
        "import sys\nsys.setrecursionlimit(10**6)\ndef g(n):\n    return g(n + 1)\ng(0)",
        None,
    ),
    "closed": ("import os\nos.closerange(0, 100)", False),
}


@pytest.mark.parametrize("name", ENDS)
def test_an_end_costs_nothing_else(name):
    text, survives = ENDS[name]
    found, _ = attacked(text)
    assert found.points["after"] == 1.0
    assert found.status is Status.GRADED
    if survives is not None:
        assert (found.reason == "") == survives


def test_a_function_that_ends_the_process_costs_its_check():
    found, _ = attacked(
        "import os\ndef g(x):\n    os._exit(0)\ndef loop(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException:\n            pass",
        check("g", "try:\n    g(1)\nexcept BaseException:\n    pass"),
        check("loop", "try:\n    loop(1)\nexcept Exception:\n    pass"),
        check("easy", "import time\ndef wait(x):\n    return x\nassert f(2) == 4"),
        cell_seconds=1.5,
    )
    assert {k: v for k, v in found.points.items() if not v} == {"g": 0.0, "loop": 0.0}
    assert set(found.undecided) == {"g", "loop"}
    assert "g ended the Python process" in found.reason and "loop did not end" in found.reason


FORGERIES = {
    "patched numpy": "import numpy\nfor n in ('allclose', 'array_equal', 'isclose'):\n    setattr(numpy, n, lambda *a, **k: True)\nnumpy.testing.assert_allclose = numpy.testing.assert_equal = lambda *a, **k: None\ndef h(x):\n    return 0.0",
    "patched builtins": "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = lambda x: True\nbuiltins.isinstance = lambda *a: True\ndef h(x):\n    return 0.0",
    "equals everything": "class Any:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    def __sub__(self, other): return self\n    def __rsub__(self, other): return self\n    def __abs__(self): return 0\n    def __float__(self): return 0.0\n    def __array__(self, *a, **k):\n        raise TypeError\ndef h(x):\n    return Any()",
    "float that equals": "class Any(float):\n    def __eq__(self, other): return True\n    __hash__ = None\n    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n    def __abs__(self): return 0.0\ndef h(x):\n    return Any(0)",
    "array that equals": "import numpy as np\nclass Any(np.ndarray):\n    def __eq__(self, other): return np.ones(1, bool)\n    def __array_function__(self, *a, **k): return True\n    def __array_ufunc__(self, *a, **k): return 0.0\ndef h(x):\n    return np.zeros(()).view(Any)",
    "replaced shell": "shell = get_ipython()\ntype(shell).run_cell = lambda *a, **k: None\nimport sys\nsys.displayhook = lambda x: None\nshell.showtraceback = lambda *a, **k: None\ndef h(x):\n    return 0.0",
    "mock": "from unittest.mock import ANY, MagicMock\nANY2 = ANY\nfrom unittest.mock import MagicMock as h",
    "frames": "import sys\ndef h(x):\n    f = sys._getframe()\n    while f:\n        f.f_globals['expected'] = 0.0\n        f = f.f_back\n    return 0.0",
    "no errors": "import builtins\nclass E(Exception): pass\nbuiltins.AssertionError = E\ndef h(x):\n    raise E('x')",
    "lies about itself": "def h(x):\n    return 0.0\nh.__class__ = h.__class__\nh.__source__ = 'def h(x):\\n    return 6.0'\nclass Liar:\n    @property\n    def __class__(self): return float\n    def __call__(self, x): return 0.0\nh = Liar()",
}
JUDGE = """
import numpy as np
expected = 6.0
got = h(2.0)
assert np.isclose(float(got), expected) and np.allclose(got, expected), 'wrong'
np.testing.assert_allclose(got, expected)
assert abs(got - expected) < 1e-6 and got == expected and all([got == expected])
assert isinstance(got, float)
"""


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_earn_nothing(name):
    found, _ = attacked(FORGERIES[name], check("h", JUDGE))
    assert found.points["h"] == 0.0
    assert found.points["after"] == 1.0


def test_modules_in_the_submission_are_not_taken_for_libraries():
    fake = b"import sys\nclass Any:\n    def __getattr__(self, name): return lambda *a, **k: True\nsys.modules[__name__] = Any()"
    files = {
        "numpy.py": fake,
        "chainrule.py": fake,
        "sitecustomize.py": fake,
        "math.py": fake,
        "nose.py": fake,
    }
    found, _ = attacked("def h(x):\n    return 0.0", check("h", JUDGE), files=files)
    assert found.points["h"] == 0.0


FORGED_REPLIES = """
import os, socket, struct
from fairmark.execution.wire import pack, Writer
def sockets():
    for number in map(int, os.listdir('/proc/self/fd')):
        try:
            yield socket.socket(fileno=os.dup(number))
        except OSError:
            pass
def send(data):
    for s in sockets():
        try:
            s.setblocking(False)
            s.sendall(struct.pack('<Q', len(data)) + data)
        except OSError:
            pass
"""
MESSAGES = {
    "a mark": "send(pack({'number': 1, 'ok': True, 'outputs': [{'output_type': 'execute_result', 'data': {'text/plain': '100'}}], 'points': {'h': 100}, 'lost': False}))",
    "every number": "for n in range(50):\n    send(pack({'number': n, 'ok': True, 'outputs': []}))",
    "a reply": "head = pack(('=', [], [], [], []))\nbody = pack((6.0, []))\nsend(len(head).to_bytes(4, 'little') + head + body)",
    "a callback": "head = pack(('?', [], [], [], []))\nbody = pack(('call', (1, ('import os',), {})))\nsend(len(head).to_bytes(4, 'little') + head + body)",
    "an operation": "head = pack(('?', [], [], [], []))\nbody = pack(('setattr', (1, 'x', 1)))\nsend(len(head).to_bytes(4, 'little') + head + body)",
    "huge": "for s in sockets():\n    try:\n        s.sendall(struct.pack('<Q', 2**62) + b'x' * 1000)\n    except OSError:\n        pass",
    "rubbish": "send(os.urandom(1000))",
    "pickle": "import pickle\nsend(pickle.dumps(print))",
    "a name": "head = pack(('=', [], [], [], []))\nbody = b'x' + (3).to_bytes(4, 'little') + pack('global') + pack('os') + pack('system')\nsend(len(head).to_bytes(4, 'little') + head + b't' + (2).to_bytes(4, 'little') + body + pack([]))",
    "deep": "send(b'l\\x01\\x00\\x00\\x00' * 10**6)",
    "file numbers": "import array\nfor s in sockets():\n    try:\n        socket.send_fds(s, [struct.pack('<Q', 1)], [0, 1])\n    except OSError:\n        pass",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_forged_messages_earn_nothing(name):
    sends = textwrap.indent(MESSAGES[name], "    ")
    # The check of g must fail even though the forger speaks while it runs.
    text = f"{FORGED_REPLIES}\ndef g(x):\n{sends}\n    return 0.0\ndef h(x):\n    return 0.0"
    found, _ = attacked(
        text,
        check("g", "expected = 6.25\ng(1)\nassert g(2) == expected"),
        check("h", JUDGE.replace("6.0", "6.5")),
        cell_seconds=4,
    )
    assert found.points["g"] == 0.0 and found.points["h"] == 0.0
    assert found.points["after"] == 1.0


def test_objects_of_a_check_stay_closed():
    student = """
def probe(f, thing):
    seen = []
    for target in (f, thing):
        for name in ('__globals__', '__class__', '__code__', '__dict__', '_private', '__init__', 'np', 'kind', '__self__', '__func__', '__builtins__', '__reduce__'):
            try:
                seen.append((name, str(getattr(target, name))))
            except Exception as error:
                pass
    try:
        thing.open = 3
        seen.append('set')
    except Exception:
        pass
    try:
        thing.keep.__self__
        seen.append('self')
    except Exception:
        pass
    return [s for s in seen if 'hidden' in str(s) or s in ('set', 'self') or s[0] in ('np', 'kind', '_private')], thing.keep(2)
"""
    test = """
import numpy
hidden = 'hidden-value'
def keep_it(x): return x
class Thing:
    np = numpy
    kind = dict
    _private = hidden
    open = 1
    def keep(self, x): return x + 1
thing = Thing()
seen, kept = probe(keep_it, thing)
assert kept == 3 and seen == [], seen
assert thing.open == 1
"""
    found, _ = attacked(student, check("closed", test))
    assert found.failures == {}
