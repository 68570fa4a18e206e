"""Students' code where no namespaces can be made, but the grader is root: another user each."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import psutil
import pytest

pytest.importorskip("nbgrader")

from grader_support.notebooks import check, printed, run

from fairmark.execution import sandbox
from fairmark.execution.executor import SandboxedExecutor
from fairmark.execution.sandbox import own_user, why_not_lower
from fairmark.model import GradingError

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user"),
    pytest.mark.usefixtures("runs_in_open_python"),
]

PLAIN = SandboxedExecutor(no_sandbox=True, memory_mb=400, disk_mb=8)


def attacked(text, *more, **limits):
    cells = ["def f(x):\n    return x * x", textwrap.dedent(text), *more]
    found = run(*cells, check("after", "assert f(3) == 9"), executor=PLAIN, **limits)
    assert found.points["after"] == 1.0, found.failures
    return printed(found, 1)


def test_student_and_checks_are_two_users_and_neither_is_root():
    found = run(
        "import os\ndef who():\n    return os.getuid(), os.getgid(), os.getgroups()",
        check(
            "apart",
            "import os\nuser, group, more = who()\n"
            "assert user > 1000 and group == user and list(more) == []\n"
            "assert os.getuid() > 1000 and os.getuid() != user",
        ),
        executor=PLAIN,
    )
    assert found.points == {"apart": 1.0}, found.failures


def test_rights_files_network_and_other_processes(tmp_path):
    secret = tmp_path / "hidden.txt"
    secret.write_text("hidden")
    tmp_path.chmod(0o700)
    said = attacked(
        f"""
        import ctypes, os, signal, socket
        def tried(action):
            try:
                action()
                return 'done'
            except OSError as error:
                return 'refused'
        print(tried(lambda: open({str(secret)!r}).read()))
        print(tried(lambda: open({str(secret)!r}, 'w')))
        print(tried(lambda: os.listdir({str(tmp_path)!r})))
        print(tried(lambda: os.kill({os.getpid()}, signal.SIGKILL)))
        print(tried(lambda: open('/proc/{os.getpid()}/environ').read()))
        print(tried(lambda: open('/proc/%d/mem' % os.getppid()).read()))
        print(tried(lambda: os.setuid(0)))
        print(tried(lambda: socket.socket(socket.AF_INET)))
        print(tried(lambda: socket.socket(socket.AF_INET6)))
        print(tried(lambda: open(os.__file__, 'a')))
        libc = ctypes.CDLL(None)
        print(libc.unshare(0x10000000), libc.ptrace(16, os.getppid(), 0, 0))
        print(tried(lambda: open('mine', 'w').write('x')))
        """
    )
    assert said.split() == ["refused"] * 10 + ["-1", "-1", "done"]
    assert secret.read_text() == "hidden"


def test_memory_files_and_processes_have_limits():
    said = attacked(
        """
        import os, time
        try:
            x = bytearray(2**30)
        except MemoryError:
            print('memory')
        try:
            with open('big', 'wb', 0) as file:
                for _ in range(20):
                    file.write(bytes(2**20))
        except OSError:
            print('file', os.path.getsize('big') <= 8 * 2**20)
        made = 0
        try:
            for _ in range(500):
                if os.fork() == 0:
                    time.sleep(1000)
                made += 1
        except OSError:
            print('processes', made < 100)
        """
    )
    assert said.split() == ["memory", "file", "True", "processes", "True"]


def test_nothing_is_alive_or_left_afterwards():
    """A daemon that has left session, group and parent ends with the run."""
    said = attacked(
        """
        import os, tempfile
        read, write = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(write, b'%d' % os.getpid())
                os.execvp('sleep', ['chainrule-left-behind', '1000'])
            os._exit(0)
        print(os.read(read, 20).decode(), os.getuid(), tempfile.gettempdir())
        """
    )
    pid, user, place = said.split()
    left = [p for p in psutil.process_iter() if _is_alive(p) and p.uids().real == int(user)]
    assert int(pid) > 1 and left == []
    assert not Path(place).exists()


def _is_alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_python_that_only_root_can_read_is_told(tmp_path, monkeypatch):
    """Else the code would fail at its first late import, with a puzzle for a message."""
    import numpy

    (tmp_path / "numpy.py").write_text("")
    tmp_path.chmod(0o700)
    monkeypatch.setattr(numpy, "__file__", str(tmp_path / "numpy.py"))
    assert "only root can read" in why_not_lower()


def test_users_of_processes_that_run_together_differ():
    mine = [own_user(64 * 4321 + n) for n in range(64)]
    others = [own_user(64 * 4322 + n) for n in range(64)]
    assert len({*mine, *others}) == 128 and min(mine) > 60_000


def test_files_that_the_code_writes_reach_the_checks():
    found = run(
        "open('numbers.txt', 'w').write('1 2 3')",
        check("file", "assert open('numbers.txt').read() == '1 2 3'"),
        executor=PLAIN,
    )
    assert found.points == {"file": 1.0}, found.failures


def test_filters_are_told_apart(monkeypatch):
    assert sandbox.filters()
    monkeypatch.setattr(sandbox, "_SET_SECCOMP", 0)  # no call of that kind is known
    assert not sandbox.filters()


def test_data_sets_that_only_root_can_read_are_an_error(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    monkeypatch.setenv("CHAINRULE_DATA", str(tmp_path))
    with pytest.raises(GradingError, match=r"data sets lie in .* where only root can read"):
        run("1", executor=PLAIN)
