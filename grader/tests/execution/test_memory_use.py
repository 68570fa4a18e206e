"""Memory is counted over all processes of a submission, and what they share counts once."""

from __future__ import annotations

import mmap
import os
import signal
import time

import pytest
from grader_support.notebooks import check, printed, run

from fairmark.execution.memory_use import memory_mb, peak_mb

SIZE = 64


@pytest.fixture
def children():
    started = []

    def start(action, count):
        ready, told = os.pipe()
        first = os.fork()
        if first == 0:
            try:
                for _ in range(count):
                    if os.fork() == 0:
                        break
                kept = action()
                os.write(told, b"x")
                time.sleep(60)
                del kept
            finally:
                os._exit(0)
        started.append(first)
        for _ in range(count + 1):
            assert os.read(ready, 1)
        return first

    yield start
    for pid in started:
        for one in [pid, *below(pid)]:
            os.kill(one, signal.SIGKILL)
        os.waitpid(pid, 0)


def below(pid):
    return [int(n) for n in open(f"/proc/{pid}/task/{pid}/children").read().split()]


def shared():
    memory = mmap.mmap(-1, SIZE * 2**20)
    memory.write(b"x" * (SIZE * 2**20))
    return memory


def own():
    return bytearray(b"x") * (SIZE * 2**20)


def nothing():
    return None


@pytest.mark.parametrize("take", [own, shared])
def test_each_process_counts(children, take):
    before = memory_mb(children(nothing, 2))
    first = children(take, 2)
    assert 2.8 * SIZE < memory_mb(first) - before < 4.5 * SIZE
    assert peak_mb(first) > SIZE


def test_what_children_were_born_with_counts_once(children):
    first = children(nothing, 3)
    alone = memory_mb(children(nothing, 0))
    assert memory_mb(first, base=alone) < 1.5 * alone < memory_mb(first)


def test_what_is_shared_counts_once(children):
    memory = shared()

    def look():
        return memory[:: mmap.PAGESIZE]

    first = children(look, 3)
    quick = memory_mb(first)
    close = memory_mb(first, enough=1.0)
    # This process has a part of it too.
    assert quick > 3 * SIZE and close < quick - 2 * SIZE


def test_a_process_that_has_ended_takes_none():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert memory_mb(child) == 0.0 == peak_mb(child)


def test_honest_processes_may_share_a_large_array():
    found = run(
        "import os, time\nimport numpy as np\nbig = np.ones(2**26)\nfor _ in range(6):\n"
        "    if os.fork() == 0:\n        big.sum()\n        time.sleep(5)\n        os._exit(0)\n"
        "time.sleep(1.5)\nprint('shared')",
        check("c", "assert True"),
    )
    assert printed(found, 0) == "shared\n" and found.reason == ""


def test_processes_hold_no_library_that_only_the_grader_needs():
    """Each is forked for every notebook: what it holds is paid for each time."""
    names = "('nbformat', 'jsonschema', 'nbgrader', 'sqlalchemy')"
    found = run(
        f"import sys\ndef held():\n    return [name for name in {names} if name in sys.modules]",
        check("student", "assert held() == [], held()"),
        check("checks", f"import sys\nassert not [n for n in {names} if n in sys.modules]"),
    )
    assert found.points == {"student": 1.0, "checks": 1.0}, found.failures
