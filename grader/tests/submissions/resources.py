"""Submissions that take too much, never end, or take their own process down."""

from __future__ import annotations

from .attempts import Attempt, Status, answered, breaking, harmless, without

ENDED = "ended the Python process"
SLOW = "did not end within"
STUBBORN = "could not be interrupted"

ATTEMPTS: dict[str, Attempt] = {
    # -- time ------------------------------------------------------------------
    "endless-loop": breaking("while True:\n    pass", SLOW),
    "endless-loop-that-catches": breaking(
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass",
        STUBBORN,
    ),
    "endless-loop-without-interrupts": breaking(
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "while True:\n    time.sleep(0.1)",
        STUBBORN,
    ),
    "endless-cell": harmless(
        "import time\nprint('begins')\nwhile True:\n    time.sleep(0.1)",
        shows="begins",
        words=SLOW,
    ),
    "endless-generator": breaking("while True:\n    yield n", SLOW),
    "endless-in-C": breaking("import re\nre.match('(a+)+$', 'a' * 40 + 'b')", SLOW),
    "deadlock": breaking("import threading\nl = threading.Lock()\nl.acquire()\nl.acquire()", SLOW),
    "waits-for-a-thread": breaking(
        "import threading, time\n"
        "t = threading.Thread(target=time.sleep, args=(1000,))\nt.start()\nt.join()",
        SLOW,
    ),
    "endless-length": Attempt(
        scratch=(
            "class Long:\n    def __len__(self): return 3\n"
            "    def __iter__(self):\n        while True:\n            yield 0",
        ),
        answers={"count": "def count(n):\n    return Long()"},
        marks=without("count"),
        status=Status.PARTLY,
        words=SLOW,
    ),
    "slow-at-exit": harmless(
        "import atexit, signal, threading, time\natexit.register(time.sleep, 1000)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "threading.Thread(target=time.sleep, args=(1000,)).start()\nprint('in wait')",
        shows="in wait",
        seconds=10,
    ),
    "alarm-later": harmless(
        "import signal, time\ndef ring(*_): raise RuntimeError('ring')\n"
        "signal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, 0.2)\n"
        "try:\n    time.sleep(1)\nexcept RuntimeError:\n    print('rang')",
        shows="rang",
    ),
    # -- memory ----------------------------------------------------------------
    "memory-list": harmless(
        "kept = []\ntry:\n    while True:\n        kept.append(bytearray(2**22))\n"
        "except MemoryError:\n    n = len(kept)\n    del kept\n    print('full', 50 < n < 250)",
        shows="full True",
    ),
    "memory-numpy": Attempt(
        scratch=("import numpy",),
        answers={"count": "def count(n):\n    return numpy.ones(2**30)"},
        marks=without("count"),
    ),
    "memory-of-children": harmless(
        "import os, time\nprint('eats', flush=True)\nfor _ in range(8):\n"
        "    if os.fork() == 0:\n        x = bytearray(2**28)\n        time.sleep(1000)\n"
        "time.sleep(30)",
        words="512 MB of memory",
    ),
    "memory-that-is-shared": harmless(
        "import mmap, os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        m = mmap.mmap(-1, 2**28)\n        m.write(bytes(2**28 - 1))\n"
        "        time.sleep(1000)\ntime.sleep(30)",
        words="512 MB of memory",
    ),
    "giant-return-value": Attempt(
        answers={"count": "def count(n):\n    return bytes(400 * 2**20)"},
        marks=without("count"),
    ),
    "giant-text-in-error": Attempt(
        answers={"count": "def count(n):\n    raise ValueError('x' * 10**8)"},
        marks=without("count"),
    ),
    # -- processes -------------------------------------------------------------
    "fork-bomb": harmless(
        "import os, time\nmade = 0\ntry:\n    for _ in range(5000):\n"
        "        if os.fork() == 0:\n            time.sleep(1000)\n        made += 1\n"
        "except OSError:\n    print('stopped', 10 < made < 60)",
        shows="stopped True",
    ),
    "fork-bomb-in-all-directions": harmless(
        "import os, time\nme = os.getpid()\nend = time.monotonic() + 1\n"
        "while time.monotonic() < end:\n    try:\n        os.fork()\n"
        "    except OSError:\n        pass\n"
        "if os.getpid() != me:\n    while True:\n        pass\nprint('bombed')",
        shows="bombed",
    ),
    "threads": harmless(
        "import threading, time\nmade = 0\ntry:\n    for _ in range(5000):\n"
        "        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
        "        made += 1\nexcept RuntimeError:\n    print('stopped', 10 < made < 60)",
        shows="stopped True",
    ),
    "daemon-left-behind": harmless(
        "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.execvp('sleep', ['@LEFT@', '1000'])\n    os._exit(0)\nprint('left')",
        shows="left",
    ),
    "nohup-left-behind": harmless(
        "!(exec -a @LEFT@ sleep 1000 >/dev/null 2>&1 &)\nprint('left')",
        shows="left",
    ),
    # -- disk, output, files -----------------------------------------------------
    "disk-full": harmless(
        "import os\ntotal = 0\nfor name in ('a', '/tmp/b', '/dev/shm/c', os.path.expanduser('~/d')):\n"
        "    try:\n        with open(name, 'wb', 0) as file:\n            while total < 2**30:\n"
        "                total += file.write(bytes(2**20))\n    except OSError:\n        pass\n"
        "print('filled', 2**24 < total <= 64 * 2**20)",
        shows="filled True",
    ),
    "too-many-files": harmless(
        "import os\ntry:\n    for n in range(10**6):\n        open(f'file-{n}', 'w').close()\n"
        "except OSError:\n    print('stopped', n < 25_000)",
        shows="stopped True",
    ),
    "file-with-a-hole": harmless(
        "import os\nfd = os.open('hole.bin', os.O_CREAT | os.O_RDWR)\n"
        "try:\n    os.ftruncate(fd, 2**50)\nexcept OSError:\n    print('refused')",
        shows="refused",
    ),
    "one-huge-line": harmless("print('begins', 'x' * 200_000_000)", shows=("begins", "cut off")),
    "very-many-lines": harmless(
        "for n in range(60_000):\n    print('line', n)", shows=("line 17\n", "cut off")
    ),
    "many-outputs": harmless(
        "import sys\nfor n in range(100_000):\n    print('o')\n    print('e', file=sys.stderr)",
        shows="o",
    ),
    "output-past-python": harmless(
        "import os\nfor _ in range(100):\n    try:\n        os.write(1, b'raw ' * 2**18)\n"
        "    except OSError:\n        break",
        shows="raw",
    ),
    "huge-figure": harmless(
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(600, 600), dpi=100)\nprint('drawn')",
        shows="drawn",
    ),
    "huge-display": harmless(
        "from IPython.display import HTML, display\ndisplay(HTML('<p>' * 10_000_000))",
        shows="cut off",
    ),
    "out-of-file-numbers": harmless(
        "import os\nkept = []\ntry:\n    while True:\n        kept.append(os.dup(0))\n"
        "except OSError:\n    print('stopped', len(kept) < 300)",
        shows="stopped True",
    ),
    # -- its own end -----------------------------------------------------------------
    "exit-at-once": breaking("import os\nos._exit(0)", ENDED),
    "segmentation-fault": breaking("import ctypes\nctypes.string_at(0)", ENDED),
    "becomes-another-program": breaking("import os\nos.execvp('true', ['true'])", ENDED),
    "closes-its-files": harmless("import os\nos.closerange(0, 256)", words=ENDED),
    "abort-in-a-cell": harmless("import os\nos.abort()", words=ENDED),
    "kills-all-around": harmless(
        "import os, signal\nfor number in (os.getppid(), os.getpid(), -1):\n"
        "    for what in (signal.SIGSTOP, signal.SIGKILL):\n        try:\n"
        "            os.kill(number, what)\n        except OSError:\n            pass\nprint('alive')",
        shows="alive",
    ),
    "endless-recursion": Attempt(
        answers={"count": "def count(n):\n    return count(n + 1)"}, marks=without("count")
    ),
    "nested-too-deeply": Attempt(
        answers={
            "count": "def count(n):\n    found = []\n    for _ in range(10_000):\n"
            "        found = [found]\n    return found"
        },
        marks=without("count"),
    ),
    "list-that-holds-itself": Attempt(
        answers={
            "count": "def count(n):\n    found = []\n    found.append(found)\n    return found"
        },
        marks=without("count"),
    ),
    # -- asking a person who is not there -----------------------------------------------
    "asks-a-question": harmless(
        "try:\n    name = input('Your name? ')\nexcept Exception as error:\n"
        "    print('nobody answers:', type(error).__name__)",
        shows="nobody answers",
    ),
    "asks-in-a-function": Attempt(
        answers={"count": "def count(n):\n    return [int(input())]"}, marks=without("count")
    ),
    "reads-stdin": harmless("import sys\nprint(repr(sys.stdin.read()))", shows="''"),
    "debugger": harmless("x = 1\nbreakpoint()\nprint('after')"),
    "dies-in-each-function": Attempt(
        answers={
            task: f"def {task}(x):\n    import os\n    os._exit(1)" for task in ("double", "count")
        },
        marks=without("double", "count"),
        status=Status.PARTLY,
        words=ENDED,
    ),
    "works-after-a-crash": answered(
        scratch=("n_runs = 0", "n_runs += 1\nprint('ran', n_runs)"), shows="ran 1"
    ),
}
