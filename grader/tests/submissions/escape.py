"""Submissions that try to read, change or reach what is not theirs. All answers are right."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from .attempts import Attempt, Status, answered, harmless, without

#: What is tried, with its name; a refusal is an exception of the system's.
TRY = """
def attempt(name, action):
    try:
        found = action()
    except (OSError, ImportError, KeyError, ValueError, subprocess.SubprocessError) as error:
        print(name, 'refused', type(error).__name__)
    else:
        print(name, 'WORKED', repr(found)[:200])
"""


def tries(*lines: str, before: str = "", shows: str | tuple = (), **more) -> Attempt:
    """Try each expression; all of them must be refused."""
    names = [f"try-{number}" for number in range(len(lines))]
    calls = [f"attempt({n!r}, lambda: {text})" for n, text in zip(names, lines, strict=True)]
    shown = (shows,) if isinstance(shows, str) else shows
    return harmless(
        f"import os, socket, signal, subprocess, sys, pathlib\n{before}\n{TRY}\n"
        + "\n".join(calls),
        shows=(*[f"{name} refused" for name in names], *shown),
        never=("WORKED",),
        **more,
    )


#: Looks for the hidden test's mark in texts, and for one of its own to show that it can.
SEARCH = """
import re
def search(texts):
    texts = [text for text in texts if type(text) is str]
    for name, pattern in (('own', 'mark-471[1]'), ('hidden', 'canary-55667788[9]9aabb01')):
        print(name, any(re.search(pattern, text) for text in texts))
"""
SEARCHED = ("own True", "hidden False")
#: A mark that stands in the cell.
MARKED = SEARCH + "# mark-4711\n"

MEMORY = """
import re
needle = re.compile(b'canary-55667788' + b'[9]9aabb01')
control = re.compile(b'control-of-the-[s]earch')
kept = 'control-of-the-' + 'search'
hits = controls = 0
for line in open('/proc/self/maps'):
    span, rights = line.split()[:2]
    if 'r' not in rights or '[v' in line:
        continue
    begin, end = (int(part, 16) for part in span.split('-'))
    with open('/proc/self/mem', 'rb', 0) as memory:
        while begin < end:
            memory.seek(begin)
            try:
                data = memory.read(min(end - begin, 2**24))
            except OSError:
                break
            hits += len(needle.findall(data))
            controls += len(control.findall(data))
            begin += max(len(data), 1)
print('controls', controls > 0, 'hits', hits)
"""


def wheel() -> bytes:
    """A package that would run at each start of Python."""
    buffer = io.BytesIO()
    info = "corpus_evil-1.0.dist-info"
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("corpus_evil.pth", "import corpus_evil\n")
        archive.writestr("corpus_evil.py", "import numpy\nnumpy.allclose = lambda *a, **k: True\n")
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: corpus-evil\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


ATTEMPTS: dict[str, Attempt] = {
    # -- files -------------------------------------------------------------------
    "system-files": tries(
        "open('/etc/shadow').read()",
        "open('/etc/hostname').read()",
        f"open({str(Path.home() / '.profile')!r}).read()",
        "os.listdir('/var')",
        "os.listdir('/run')",
        "os.listdir('/sys')",
        "os.listdir('/boot')",
        "open('/dev/mem', 'rb').read(1)",
        "open('/dev/sda', 'rb').read(1)",
        "os.open('/dev/tty', os.O_RDWR)",
    ),
    "home": harmless(
        "import os, pathlib\nprint('at home', os.listdir(pathlib.Path.home()), pathlib.Path.home())",
        shows="at home [] /box/home",
    ),
    "environment": harmless(
        "import os\nprint('names', sorted(os.environ))\n"
        "print('kept', b'secret-of' in open('/proc/self/environ', 'rb').read())\n"
        "print('secret', [v for v in os.environ.values() if 'secret-of' in v])",
        shows=("names [", "kept False", "secret []"),
        never=("CORPUS_SECRET", "VIRTUAL_ENV", "PYTEST", "PASSWORD", "TOKEN", "SSH"),
    ),
    "gradebook": tries(
        "open('@ROOT@/gradebook.db', 'r+b').read(10)",
        "__import__('sqlite3').connect('file:@ROOT@/gradebook.db?mode=rw', uri=True).execute('select 1') if os.path.exists('@ROOT@/gradebook.db') else os.stat('@ROOT@/gradebook.db')",
        "os.listdir('@ROOT@')",
        "os.listdir('@ROOT@/.fairmark')",
    ),
    "source-and-classmates": tries(
        "os.listdir('@ROOT@/source')",
        "open('@ROOT@/source/loft/loft.ipynb').read()",
        "os.listdir('@ROOT@/submitted')",
        "open('@ROOT@/submitted/s-first-good/loft/loft.ipynb').read()",
        "open('@ROOT@/autograded/s-first-good/loft/loft.ipynb').read()",
        "open('@ROOT@/nbgrader_config.py').read()",
    ),
    "walks-through-everything": harmless(
        "import os\nfound, seen = [], 0\nfor folder, inner, names in os.walk('/'):\n"
        "    inner[:] = [n for n in inner if n not in ('proc', 'usr', 'lib', 'lib64', 'pkgs')]\n"
        "    seen += len(names)\n    found += [n for n in names if n in ('gradebook.db', 'nbgrader_config.py')]\n"
        "    found += [n for n in names if n.endswith('.ipynb') and folder != os.getcwd()]\n"
        "print('walked', seen > 100, found)",
        shows="walked True []",
    ),
    "writes-into-the-system": tries(
        "open(os.path.join(os.path.dirname(os.__file__), 'corpus.py'), 'w')",
        "open(os.path.join(os.path.dirname(numpy.__file__), '__init__.py'), 'a')",
        "os.remove(numpy.__file__)",
        "os.rename('/usr/bin', '/usr/nib')",
        "open('/usr/bin/python3', 'r+b')",
        "open('/etc/passwd', 'a')",
        "os.mkdir('/new')",
        "os.chmod(numpy.__file__, 0o777)",
        "os.utime(numpy.__file__)",
        "os.setxattr(numpy.__file__, 'user.x', b'1')",
        before="import numpy",
    ),
    "starts-with-ipython": harmless(
        "import pathlib\nplace = pathlib.Path.home() / '.ipython/profile_default/startup'\n"
        "place.mkdir(parents=True)\n(place / 'a.py').write_text('import numpy; numpy.allclose = None')\n"
        "(pathlib.Path.home() / '.pythonrc').write_text('1/0')\n"
        "(pathlib.Path.home() / '.config').mkdir()\nprint('laid down', place)",
        shows="laid down /box/home",
    ),
    "installs-a-package": harmless(
        "import subprocess, sys\ndone = subprocess.run([sys.executable, '-m', 'pip', 'install', '--no-index',"
        " '--no-deps', '--disable-pip-version-check', './corpus_evil-1.0-py3-none-any.whl'],"
        " capture_output=True, text=True)\nprint('pip ended with', done.returncode, done.stderr[-300:])\n"
        "import importlib.util\nprint('installed', importlib.util.find_spec('corpus_evil'))",
        shows=("pip ended with", "installed None"),
        files={"corpus_evil-1.0-py3-none-any.whl": wheel()},
    ),
    "links-out": harmless(
        "import os\nfor number, target in enumerate(('/etc/shadow', '/proc/1/environ', '@ROOT@/gradebook.db',"
        " '/', '../../..', '/proc/self/mem')):\n    os.symlink(target, f'link-{number}.txt')\n"
        "os.remove('numbers.txt')\nos.symlink('/proc/self/environ', 'numbers.txt')\n"
        "os.mkfifo('pipe.txt')\nprint('linked')",
        shows="linked",
    ),
    "hard-links": tries(
        "os.link('/usr/bin/env', 'env')",
        "os.link(os.__file__, 'os.py')",
        "os.link('/proc/self/environ', 'environ')",
    ),
    "replaces-its-folder": harmless(
        "import os\nwork = os.getcwd()\nos.chdir('/')\nfor name in os.listdir(work):\n"
        "    os.remove(f'{work}/{name}')\ntry:\n    os.rmdir(work)\n"
        "    os.symlink('/', work)\nexcept OSError as error:\n    print('kept', error.errno)\n"
        "print('done')",
        shows="done",
    ),
    "leaves-files": harmless(
        "for place in ('/tmp/corpus-left', '/dev/shm/corpus-left', '/box/tmp/x'):\n"
        "    open(place, 'w').write('from the one before')\nprint('written')",
        shows="written",
    ),
    "looks-for-files-left": harmless(
        # The project itself may lie below the machine's /tmp; it is shown, and read-only.
        "import os, sys\nown = [*sys.path, sys.prefix]\n"
        "shown = {p.split('/')[2] for p in own if p.startswith('/tmp/')}\n"
        "print('found', [n for p in ('/tmp', '/dev/shm', '/box/home') for n in os.listdir(p)"
        " if n not in shown])",
        shows="found []",
    ),
    # -- the machine -----------------------------------------------------------------
    "processes": harmless(
        "import os, signal\nprint('seen', [n for n in os.listdir('/proc') if n.isdigit()])\n"
        "killed = []\nfor pid in [*range(2, 500), @PID@]:\n    try:\n"
        "        os.kill(pid, signal.SIGKILL)\n        killed.append(pid)\n"
        "    except OSError:\n        pass\nprint('killed', killed)",
        shows=("seen ['1']", "killed []"),
    ),
    "memory-of-others": tries(
        "open('/proc/@PID@/mem', 'rb').read(1)",
        "open('/proc/@PID@/environ').read()",
        "os.listdir('/proc/2/root')",
        "open('/proc/kcore', 'rb').read(1)",
        "open('/proc/kmsg').read(1)",
        "open('/proc/sysrq-trigger', 'w').write('b')",
        "open('/proc/sys/kernel/core_pattern', 'w').write('|/bin/sh')",
        "open('/proc/sys/kernel/hostname', 'w').write('mine')",
        "open('/proc/self/uid_map', 'wb', 0).write(b'0 0 1')",
        "open('/proc/self/oom_score_adj', 'wb', 0).write(b'-1000')",
    ),
    "system-calls": harmless(
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "calls = dict(mount=libc.mount(b'x', b'/tmp', b'tmpfs', 0, None), umount=libc.umount2(b'/proc', 2),\n"
        "  user=libc.unshare(0x10000000), net=libc.unshare(0x40000000), setns=libc.setns(0, 0),\n"
        "  ptrace=libc.ptrace(16, 1, 0, 0), chroot=libc.chroot(b'/tmp'), keyctl=libc.syscall(250, 0, -3, 0),\n"
        "  bpf=libc.syscall(321, 0, 0, 0), perf=libc.syscall(298, 0, 0, 0, 0, 0), uring=libc.syscall(425, 1, 0),\n"
        "  fault=libc.syscall(323, 0), memfd=libc.syscall(319, b'x', 0), pidfd=libc.syscall(438, 3, 0, 0),\n"
        "  readv=libc.syscall(310, 1, 0, 0, 0, 0, 0), shm=libc.shmget(0, 4096, 0o1600), swap=libc.swapon(b'/', 0),\n"
        "  handle=libc.syscall(304, 3, 0, 0), module=libc.syscall(313, 0, b'', 0), reboot=libc.reboot(0))\n"
        "print('allowed', [name for name, result in calls.items() if result != -1], len(calls))",
        shows="allowed [] 20",
    ),
    "becomes-root": tries(
        "os.setuid(0)",
        "os.setgid(0)",
        "os.setgroups([0])",
        "os.nice(-5)",
        "os.mknod('device', 0o60600, 0x0800)",
        "os.chown('numbers.txt', 0, 0)",
        "subprocess.run(['su', '-c', 'id'], check=True, capture_output=True, stdin=-3).check_returncode()"
        " if os.path.exists('/usr/bin/su') else os.stat('/usr/bin/su')",
        before="print([l for l in open('/proc/self/status') if l.startswith(('CapEff', 'NoNewPrivs'))])",
        shows="['CapEff:\\t0000000000000000\\n', 'NoNewPrivs:\\t1\\n']",
    ),
    "set-user-id": harmless(
        "import os, shutil, subprocess\nshutil.copy('/usr/bin/id', 'id')\nos.chmod('id', 0o6755)\n"
        "print('as', subprocess.run(['./id', '-u'], capture_output=True, text=True).stdout)",
        shows="as 1000",
    ),
    "raises-its-limits": tries(
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
        "resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6))",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))",
        "resource.prlimit(1, resource.RLIMIT_NOFILE, (10**5, 10**5))",
        before="import resource",
    ),
    # -- the network -------------------------------------------------------------------
    "network": tries(
        "socket.create_connection(('127.0.0.1', @PORT@), 2)",
        "socket.create_connection(('::1', @PORT@), 2)",
        "socket.create_connection(('1.1.1.1', 53), 2)",
        "socket.getaddrinfo('example.org', 80)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53))",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1:@PORT@/', timeout=2)",
        "subprocess.run(['bash', '-c', 'echo > /dev/tcp/127.0.0.1/@PORT@'], check=True)",
    ),
    "local-sockets": tries(
        "socket.socket(socket.AF_UNIX).connect('@ROOT@/local.socket')",
        "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
        "socket.socket(socket.AF_UNIX).connect('/run/systemd/private')",
        "socket.socket(socket.AF_UNIX).connect('\\0corpus-abstract')",
        "socket.socket(16, socket.SOCK_RAW, 0)",
        "socket.socket(17, socket.SOCK_RAW, 0)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "socket.socket(40, socket.SOCK_STREAM)",
        "socket.socket(38, socket.SOCK_SEQPACKET)",
    ),
    "files-that-are-open": harmless(
        "import os\nprint('open', [os.readlink(f'/proc/self/fd/{n}').split(':')[0] for n in os.listdir('/proc/self/fd')"
        " if os.path.lexists(f'/proc/self/fd/{n}')])",
        shows="open [",
        never=("@ROOT@", "gradebook", "ipynb"),
    ),
    # -- the hidden tests --------------------------------------------------------------
    "notebook-beside": harmless(
        MARKED
        + "import os\ntexts = [open(n).read() for n in os.listdir('.') if n.endswith('.ipynb')]\n"
        "search(texts)\nprint('answer found', any('def double' in t for t in texts))",
        shows=(*SEARCHED, "answer found True"),
    ),
    "history": harmless(
        MARKED + "shell = get_ipython()\nhistory = shell.history_manager\n"
        "texts = [*map(str, globals().values()), *map(str, vars(shell).values())]\n"
        "texts += [str(vars(history)), *map(str, In), *map(str, _ih)]\n"
        "texts += [line for line in __import__('linecache').cache.values() for line in line[2]]\n"
        "search(texts)",
        shows=SEARCHED,
    ),
    "garbage-collector": harmless(
        SEARCH
        + "import gc\nkept = ['mark-' + str(4711)]\ntexts = []\nfor thing in gc.get_objects():\n    try:\n"
        "        for inner in gc.get_referents(thing):\n            if type(inner) is str:\n"
        "                texts.append(inner)\n    except Exception:\n        pass\n"
        "search(texts)",
        shows=SEARCHED,
    ),
    "whole-memory": harmless(MEMORY, shows="controls True hits 0"),
    "whole-memory-in-a-check": Attempt(
        answers={
            "double": f"def double(x):\n    if isinstance(x, float):\n        exec({MEMORY!r}, {{}})\n    return 2 * x"
        },
        shows=("controls True hits 0",),
        never=("hits 1", "hits 2"),
    ),
    "frames-and-tracebacks": Attempt(
        answers={
            "double": "import sys, traceback, gc\ndef double(x):\n"
            "    frame, seen = sys._getframe(), []\n    while frame is not None:\n"
            "        seen += [repr(frame.f_locals), repr(frame.f_code.co_consts), repr(list(frame.f_globals))]\n"
            "        frame = frame.f_back\n    seen += traceback.format_stack()\n"
            "    text = '\\n'.join(seen)\n"
            "    print('frames', len(seen) > 10, [w for w in ('gsm_rre', 'terces', 'x eciwt', 'evitagen') if w[::-1] in text])\n"
            "    return 2 * x",
        },
        shows=("frames True []",),
    ),
    "asks-the-checks": Attempt(
        answers={
            "double": "def double(x):\n    import sys\n    peer = next((v for f in frames() for v in f.f_locals.values()"
            " if type(v).__name__ == 'Peer'), None)\n    for what in (('name', ('secret',)), ('getattr', (1, '__globals__')),"
            " ('name', ('x',))):\n        try:\n            print('heard', peer.ask(*what))\n"
            "        except BaseException as error:\n            print('not told', type(error).__name__)\n"
            "    return 2 * x\ndef frames():\n    import sys\n    frame = sys._getframe()\n"
            "    while frame is not None:\n        yield frame\n        frame = frame.f_back",
        },
        # Such questions break the rules of the channel.
        marks=without("double"),
        status=Status.PARTLY,
        words="got no proper answer",
        shows=("not told",),
        never=("heard",),
    ),
    "searches-the-package": harmless(
        SEARCH
        + "import pathlib, fairmark\nmine = pathlib.Path('mine.txt')\nmine.write_text('mark-' + str(4711))\n"
        "places = [mine, *pathlib.Path(fairmark.__file__).parent.rglob('*')]\n"
        "search([p.read_text(errors='replace') for p in places if p.is_file()])",
        shows=SEARCHED,
    ),
    "changes-the-package": tries(
        "open(fairmark.__file__, 'a')",
        "open(str(pathlib.Path(fairmark.__file__).parent / 'execution' / 'evil.py'), 'w')",
        before="import fairmark",
    ),
    "becomes-another-python": Attempt(
        scratch=(
            "import os, sys\nprint('leaves')\nos.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(60)'])",
        ),
        words="ended the Python process",
        seconds=5,
    ),
    "scripts-in-outputs": harmless(
        "from IPython.display import display\n"
        "evil = '<script>steal()</script><img src=x onerror=steal()><a href=\"javascript:steal()\">x</a>'\n"
        "for kind in ('text/html', 'image/svg+xml', 'text/markdown', 'image/png', 'image/jpeg', 'application/json',"
        " 'application/javascript', 'application/vnd.jupyter.widget-view+json', 'text/latex', 'no kind', ''):\n"
        "    display({kind: evil, 'text/plain': evil}, raw=True)\nprint('shown', evil)\nraise RuntimeError(evil)",
        shows="shown <script>",
    ),
    "own-answers-still-count": answered(
        scratch=("import os\nprint('uid', os.getuid())",), shows="uid 1000"
    ),
}
