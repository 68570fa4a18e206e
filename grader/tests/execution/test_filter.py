"""The filter of system calls, interpreted here as the kernel would, for both kinds of machine."""

from __future__ import annotations

import errno
import platform
import struct

import pytest

from fairmark.execution import sandbox
from fairmark.execution.executor import SandboxedExecutor

MACHINES = ["x86_64", "aarch64"]
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: From the kernel's tables (asm/unistd_64.h and asm-generic/unistd.h).
CALLS = {
    "x86_64": {
        "read": 0, "write": 1, "openat": 257, "mmap": 9, "execve": 59, "futex": 202,
        "clone": 56, "clone3": 435, "socket": 41, "socketpair": 53, "getpid": 39,
        "exit_group": 231, "kill": 62, "prctl": 157,
        "ptrace": 101, "bpf": 321, "mount": 165, "unshare": 272, "io_uring_setup": 425,
    },
    "aarch64": {
        "read": 63, "write": 64, "openat": 56, "mmap": 222, "execve": 221, "futex": 98,
        "clone": 220, "clone3": 435, "socket": 198, "socketpair": 199, "getpid": 172,
        "exit_group": 94, "kill": 129, "prctl": 167,
        "ptrace": 117, "bpf": 280, "mount": 40, "unshare": 97, "io_uring_setup": 425,
    },
}  # fmt: skip
ORDINARY = [
    "read", "write", "openat", "mmap", "execve", "futex", "socketpair", "getpid", "exit_group",
    "kill", "prctl",
]  # fmt: skip
ALLOW, KILL = "allow", "kill the process"
THREAD = 0x003D0F00  # what pthread_create asks of clone
FORK = 0x01200011
NAMESPACES = {
    "CLONE_NEWNS": 0x00020000,
    "CLONE_NEWCGROUP": 0x02000000,
    "CLONE_NEWUTS": 0x04000000,
    "CLONE_NEWIPC": 0x08000000,
    "CLONE_NEWUSER": 0x10000000,
    "CLONE_NEWPID": 0x20000000,
    "CLONE_NEWNET": 0x40000000,
}
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK = 1, 2, 10, 16, 17, 38, 40
LOCAL, SANDBOX = (AF_UNIX,), (AF_UNIX, AF_INET, AF_INET6)


def interpreted(program: list[bytes], number: int, architecture: int, *arguments: int) -> str:
    """What the kernel does with a call: classic BPF over ``struct seccomp_data``."""
    given = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *given)
    steps = [struct.unpack("<HBBI", step) for step in program]
    accumulator, at = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x06:  # BPF_RET | BPF_K
            return {
                0x7FFF0000: ALLOW,
                0x80000000: KILL,
                0x00050000: errno.errorcode.get(value & 0xFFFF, ""),
            }[value & 0xFFFF0000]
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            assert value % 4 == 0 and value <= len(data) - 4
            accumulator = struct.unpack_from("<I", data, value)[0]
            continue
        true = {
            0x15: accumulator == value,  # BPF_JMP | BPF_JEQ | BPF_K
            0x35: accumulator >= value,  # BPF_JMP | BPF_JGE | BPF_K
            0x45: bool(accumulator & value),  # BPF_JMP | BPF_JSET | BPF_K
        }[code]
        at += yes if true else no


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


@pytest.fixture(params=[LOCAL, SANDBOX], ids=["own user", "sandbox"])
def outcome(request, machine):
    """Tells what becomes of a call under the filter of a kind of machine."""
    program = list(sandbox._program(machine, request.param))
    assert all(len(step) == 8 for step in program) and len(program) < 4096

    def of(call: str | int, *arguments: int, architecture: int = ARCHITECTURE[machine]) -> str:
        number = CALLS[machine][call] if isinstance(call, str) else call
        return interpreted(program, number, architecture, *arguments)

    of.families = request.param
    return of


def test_ordinary_calls_are_allowed(outcome):
    assert {call: outcome(call) for call in ORDINARY} == dict.fromkeys(ORDINARY, ALLOW)


def test_every_forbidden_call_is_refused(outcome, machine):
    forbidden = sandbox._FORBIDDEN[machine]
    assert {name: outcome(number) for name, number in forbidden.items()} == dict.fromkeys(
        forbidden, "EPERM"
    )


def test_the_numbers_are_the_kernels(machine):
    names = ["ptrace", "bpf", "mount", "unshare", "io_uring_setup"]
    ours = {name: sandbox._FORBIDDEN[machine][name] for name in names}
    assert ours == {name: CALLS[machine][name] for name in names}


def test_both_machines_forbid_the_same():
    assert set(sandbox._FORBIDDEN["x86_64"]) == set(sandbox._FORBIDDEN["aarch64"])


def test_no_other_number_is_refused(outcome, machine):
    special = {CALLS[machine][name] for name in ("clone", "clone3", "socket")}
    special |= set(sandbox._FORBIDDEN[machine].values())
    assert {outcome(number) for number in range(600) if number not in special} == {ALLOW}


@pytest.mark.parametrize("flag", NAMESPACES.values(), ids=NAMESPACES.keys())
def test_clone_makes_no_namespace(outcome, flag):
    assert outcome("clone", flag) == outcome("clone", FORK | flag) == "EPERM"


@pytest.mark.parametrize("flags", [THREAD, FORK, 0])
def test_clone_makes_threads_and_processes(outcome, flags):
    assert outcome("clone", flags) == ALLOW


def test_clone3_is_not_there(outcome):
    assert outcome("clone3", THREAD) == "ENOSYS"


@pytest.mark.parametrize(
    "family", [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK, 0, 0xFFFF]
)
def test_sockets_by_family(outcome, family):
    assert outcome("socket", family) == (ALLOW if family in outcome.families else "EAFNOSUPPORT")


def test_a_flag_or_family_in_the_upper_half_does_not_count(outcome):
    # The kernel looks at the lower 32 bits of both, as the filter does.
    assert outcome("socket", 1 << 32 | AF_NETLINK) == "EAFNOSUPPORT"
    assert outcome("clone", 1 << 32 | NAMESPACES["CLONE_NEWUSER"]) == "EPERM"


@pytest.mark.parametrize("call", ["read", "mount", "clone"])
def test_calls_of_another_architecture_end_the_process(outcome, machine, call):
    (other,) = set(MACHINES) - {machine}
    for architecture in (ARCHITECTURE[other], 0x40000003, 0x40000028, 0):
        assert outcome(call, architecture=architecture) == KILL


def test_calls_of_x32_end_the_process():
    program = list(sandbox._program("x86_64", SANDBOX))
    for number in (0, 101, 512, 547):
        assert interpreted(program, 0x40000000 | number, ARCHITECTURE["x86_64"]) == KILL


# -- where there is no filter ------------------------------------------------------
@pytest.fixture
def odd_machine(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")


def test_another_machine_is_told_that_it_has_no_filter(odd_machine):
    why = sandbox.why_no_filter()
    assert "aarch64 and x86_64" in why and "riscv64" in why
    assert not sandbox.filters()


def test_the_probe_names_it(odd_machine, monkeypatch):
    monkeypatch.setattr("fairmark.execution.executor._try_spawn", lambda server: None)
    assert SandboxedExecutor().probe() == sandbox.why_no_filter() != ""
    assert SandboxedExecutor(no_sandbox=True).probe() == ""


def test_who_asks_for_the_usual_executor_reads_it_in_the_log(odd_machine, monkeypatch, caplog):
    from fairmark.execution import default_executor

    monkeypatch.setattr("fairmark.execution.executor._try_spawn", lambda server: None)
    default_executor()
    assert [record.getMessage() for record in caplog.records] == [sandbox.why_no_filter()]


def test_one_size_limit_for_the_disk():
    assert SandboxedExecutor().disk_mb == sandbox.Allowance().disk_mb == 256
