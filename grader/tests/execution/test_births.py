"""Processes that a warm server forks: each in a namespace of its own, quickly."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from fairmark.execution import forkserver
from fairmark.execution.memory_use import gather_pages
from fairmark.execution.sandbox import Births, look_around
from fairmark.limits import Allowance

root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server makes namespaces itself")


def numbers(pid):
    """Return the numbers of a process, from the outermost namespace to its own."""
    line = re.search(r"^NSpid:(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return [int(number) for number in line[1].split()]


@contextmanager
def process(action):
    """Run something in a fork, which waits afterwards."""
    pid = action()
    if pid == 0:
        signal.pause()
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def in_a_fork(action):
    """Call a function in a process of its own; return what it returns."""
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(there, json.dumps(action()).encode())
        finally:
            os._exit(0)
    os.close(there)
    with open(here) as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return json.loads(text)


@root
def test_every_birth_is_the_first_of_its_namespace_and_the_server_stays_outside():
    def try_it():
        births = Births()
        with process(births.fork) as one, process(births.fork) as two, process(os.fork) as plain:
            own = {os.readlink(f"/proc/{pid}/ns/pid") for pid in (one, two, plain)}
            return [births.direct, numbers(one)[-1], numbers(two)[-1], len(own)] + [
                os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid")
                for pid in (one, two, plain)
            ]

    assert in_a_fork(try_it) == [True, 1, 1, 3, False, False, True]


@pytest.mark.parametrize("direct", [pytest.param(True, marks=root), False])
def test_a_sandbox_is_made_in_both_ways(direct):
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server = os.fork()
    if server == 0:
        try:
            here.close()
            forks = forkserver._Forks(there, None, look_around(), True)
            if not direct:
                forks.births._home = -1
            forks.serve()
        finally:
            os._exit(0)
    there.close()
    try:
        assert json.loads(here.recv(4096)) == {"ready": True}
        for _ in range(2):
            pair = socket.socketpair()
            request = json.dumps({"spawn": "probe", "allowance": asdict(Allowance())}).encode()
            socket.send_fds(here, [request], [one.fileno() for one in pair])
            answer = json.loads(here.recv(4096))
            assert "error" not in answer, answer
            assert numbers(answer["pid"])[-1] == 1
            here.send(json.dumps({"end": answer["pid"]}).encode())
            assert "cpu" in json.loads(here.recv(4096))
            assert not Path(f"/proc/{answer['pid']}").exists()
            for one in pair:
                one.close()
    finally:
        here.close()
        os.waitpid(server, 0)


def test_memory_is_as_before_once_it_is_gathered():
    def try_it():
        data = [bytes([number % 251]) * 40_000 for number in range(1000)]
        gather_pages()
        same = all(piece == bytes([n % 251]) * 40_000 for n, piece in enumerate(data))
        pid = os.fork()
        if pid == 0:
            data[7] = b"the child's"
            os._exit(0)
        os.waitpid(pid, 0)
        return [same, data[7] == bytes([7]) * 40_000]

    assert in_a_fork(try_it) == [True, True]
