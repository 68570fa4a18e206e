"""The sandbox as an ordinary user makes it."""

from __future__ import annotations

import ctypes
import os
import signal
import socket

import pytest

from fairmark.execution.sandbox import View, enclose
from fairmark.limits import Allowance

LINKS = {
    f"/{name}": f"usr/{name}" for name in ("bin", "lib", "lib64") if os.path.islink(f"/{name}")
}


@pytest.mark.skipif(os.geteuid() != 0, reason="gives up root's rights to try it without them")
def test_an_ordinary_user_can_make_it_too():
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    first = os.fork()
    if first == 0:
        try:
            here.close()
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            # A process that was started by that user may write to its own /proc.
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
            allowance = Allowance(disk_mb=1)
            enclose(View(("/usr",), LINKS), allowance, there.send, lambda: there.recv(64))
            there.send(f"S{attack()}".encode())
        except BaseException as error:  # noqa: BLE001
            there.send(f"E{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    there.close()
    said = here.recv(4096)
    assert said.startswith(b"P"), said
    os.waitpid(first, 0)
    here.send(b"G")
    found = here.recv(4096).decode()
    try:
        os.kill(int(said[1:]), signal.SIGKILL)
    except ProcessLookupError:
        pass
    assert found == "S1000 1 True True True True False True ['1'] True True"


def attack():
    """Say who one is, and what can be reached."""

    def refused(action):
        try:
            action()
        except OSError:
            return True
        return False

    return " ".join(
        map(
            str,
            (
                os.getuid(),
                os.getpid(),
                refused(lambda: open("/usr/x", "w")),
                refused(lambda: open("/box/x", "w")),
                refused(lambda: os.rename("/box/work", "/box/other")),
                refused(lambda: os.chmod("/box", 0o777)),
                refused(lambda: [open(f"{d}/x", "w") for d in ("/box/work", "/box/home", "/tmp")]),
                refused(lambda: os.listdir("/home")),
                [name for name in os.listdir("/proc") if name.isdigit()],
                refused(
                    lambda: open("big", "wb", 0).write(bytes(2**21)) == 2**21 or os.listdir("/x")
                ),
                refused(lambda: socket.create_connection(("1.1.1.1", 53), 1)),
            ),
        )
    )
