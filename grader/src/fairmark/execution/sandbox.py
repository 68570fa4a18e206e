"""A sandbox from Linux's own parts: namespaces, a small read-only system, limits, a filter.

`enclose` is called in a freshly forked process with one thread. It returns in a second
process, the first of its own process namespace, that sees a read-only copy of the
libraries, an empty home, no network, no other process and no environment. When that
process ends, the kernel ends everything that was started in it.

Needs Linux 5.12 or newer, as root or where ordinary users may make user namespaces.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import site
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fairmark.limits import Allowance

#: The place of the private folders inside the sandbox.
BOX = "/box"
#: The user inside.
INSIDE = 1000

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _REC, _PRIVATE = (
    1, 2, 4, 8, 32, 4096, 16384, 1 << 18,
)  # fmt: skip
_DETACH = 2
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _CAPBSET_DROP, _SET_PDEATHSIG, _SET_DUMPABLE = 38, 22, 24, 1, 4
_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
#: How long the kernel is given to end a process that was told to.
_END_SECONDS = 10.0

_libc = ctypes.CDLL(None, use_errno=True)


class SandboxError(Exception):
    """The sandbox cannot be made here; the message says why and what to do."""


@dataclass(frozen=True)
class View:
    """What of the machine's files is seen, found out once."""

    folders: tuple[str, ...]
    links: dict[str, str] = field(default_factory=dict)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise SandboxError(f"{what}: {os.strerror(number)}")


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    def text(value: str | None) -> bytes | None:
        return value.encode() if value is not None else None

    result = _libc.mount(text(source), text(target), text(kind), flags, text(data) or None)
    _check(result, f"mounting {target}")


def _unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "making namespaces")


def look_around() -> View:
    """Find the folders that hold the system and Python with its libraries."""
    from fairmark.course_package import course_packages

    folders = [Path("/usr"), Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix)]
    folders.append(Path(os.path.realpath(sys.executable)).parents[1])
    folders.append(Path(__file__).resolve().parents[1])
    folders += [package.folder for package in course_packages().values()]
    if site.ENABLE_USER_SITE and site.getusersitepackages() in sys.path:
        folders.append(Path(site.getusersitepackages()))
    folders += [Path("/", name) for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32")]
    etc = ("fonts", "ssl", "alternatives", "ld.so.cache", "ld.so.conf", "localtime")
    folders += [Path("/etc", name) for name in etc]
    links, real = {}, set()
    for folder in folders:
        place, target = os.path.abspath(folder), os.path.realpath(folder)
        if not os.path.exists(target):
            continue
        if target == "/":
            raise SandboxError("Python is installed in /, which the sandbox cannot show in part.")
        real.add(Path(target))
        if place != target:
            links[place] = target
    found: list[Path] = []
    for path in sorted(real):
        if not any(path.is_relative_to(other) for other in found):
            found.append(path)
    links = {
        place: target
        for place, target in links.items()
        if not any(Path(place).is_relative_to(other) for other in found)
    }
    return View(tuple(map(str, found)), links)


class Births:
    """Forks processes, each the first of a namespace of processes of its own, without a detour.

    A process that makes such a namespace does not enter it, only its children do. Where the
    server may take the step back, it makes them itself. Elsewhere a child makes the
    namespace and forks again, see `enclose`: with a server that has imported much, each
    fork costs milliseconds.
    """

    def __init__(self) -> None:
        self._home = -1
        if os.geteuid() == 0:
            home = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
            if _libc.setns(home, _NEWPID) == 0:
                self._home = home
            else:
                os.close(home)

    @property
    def direct(self) -> bool:
        """Whether a child of `fork` is the first of its namespace."""
        return self._home >= 0

    def fork(self) -> int:
        """Fork; return what `os.fork` returns.

        Raises
        ------
        SandboxError
            When the namespace cannot be made.
        OSError
            When it cannot be left; then this process can fork no more.
        """
        if not self.direct:
            return os.fork()
        _unshare(_NEWPID)
        number = -1
        try:
            number = os.fork()
            return number
        finally:
            if number and _libc.setns(self._home, _NEWPID) < 0:
                raise OSError(ctypes.get_errno(), "a namespace cannot be left")


def enclose(
    view: View,
    allowance: Allowance,
    report: Callable[[bytes], object],
    wait: Callable[[], bytes],
    first: bool = False,
) -> None:
    """Go into the sandbox. Returns in the process inside; another process outside ends.

    Parameters
    ----------
    view : View
        What is seen there.
    allowance : Allowance
        What may be used.
    report : callable
        Sends a message to the server: ``P`` and the number of the process inside, ``U``
        when its user wants mapping, ``S`` when it is ready.
    wait : callable
        Waits for the server's word.
    first : bool, optional
        Whether this process is the first of its namespace of processes already; then it is
        the process inside, and there is no ``P``.
    """
    root = os.geteuid() == 0
    rest = _NEWNS | _NEWNET | _NEWIPC | _NEWUTS
    if root:
        os.setgroups([])
    else:
        user, group = os.geteuid(), os.getegid()
        _unshare(_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{INSIDE} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{INSIDE} {group} 1")
    if first:
        _unshare(rest)
    else:
        _unshare(rest | _NEWPID)
        inner = os.fork()
        if inner:
            report(b"P%d" % inner)
            os._exit(0)
        wait()
    os.setsid()
    os.umask(0o022)
    outside = user_of(int(wait()[1:])) if root else None
    _build(view, allowance, outside)
    if root:
        _unshare(_NEWUSER)
        report(b"U")
        wait()
        os.setresgid(INSIDE, INSIDE, INSIDE)
        os.setresuid(INSIDE, INSIDE, INSIDE)
    _libc.prctl(_SET_PDEATHSIG, 9, 0, 0, 0)
    _libc.sethostname(b"sandbox", 7)
    _forbid_namespaces()
    _drop_rights()
    _limit(allowance)
    _filter()
    os.chdir(f"{BOX}/work")


def user_of(number: int) -> int:
    """Return a user of the machine for a sandbox that root makes: nobody's."""
    wanted = 1_200_000_000 + number
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, length = map(int, line.split())
        if first <= wanted < first + length:
            return wanted
    return 65534


def own_user(number: int) -> int:
    """Return a user of the machine for a process that root starts without a sandbox.

    Parameters
    ----------
    number : int
        Different for processes that run at the same time.

    Raises
    ------
    SandboxError
        Where the present user namespace has too few users.
    """
    wanted, top = 1_300_000_000 + number % 2**29, 0
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, length = map(int, line.split())
        if first <= wanted < first + length:
            return wanted
        top = max(top, first + length)
    if top < 60_000:
        raise SandboxError("there is no user that nobody else has, for students' code to run as")
    # In a container of an ordinary user there are 65,536 users; the last ones are nobody's.
    return top - 1_000 - number % 4_000


def why_not_lower() -> str:
    """Say why processes cannot be made other users here; empty when they can.

    It takes root, and a Python that lies where others can read: code that runs as
    somebody else would fail at its first late import.
    """
    import numpy

    if os.geteuid() != 0:
        return "the grader is not root"
    try:
        own_user(0)
    except SandboxError as error:
        return str(error)
    for needed in map(os.path.realpath, (sys.executable, os.__file__, numpy.__file__, __file__)):
        closed = [str(place) for place in Path(needed).parents if not place.stat().st_mode & 0o001]
        if closed or not os.stat(needed).st_mode & 0o004:
            return f"Python lies in {closed[-1] if closed else needed}, where only root can read"
    return ""


def lower(user: int, allowance: Allowance, folder: str) -> None:
    """Become another user, with limits and filter: what is left where namespaces cannot be made.

    Parameters
    ----------
    user : int
        Has no other process and owns nothing but the folder.
    allowance : Allowance
        Memory, processes and processor time hold; the size limit holds for each file.
    folder : str
        The private folders.

    Raises
    ------
    SandboxError
        When the data sets lie where only root can read.
    """
    for place, _, names in os.walk(folder):
        for path in (place, *(os.path.join(place, name) for name in names)):
            os.chown(path, user, user)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    for variable, shown in allowance.data.items():
        if not os.access(shown, os.R_OK | os.X_OK):
            raise SandboxError(
                f"the data sets lie in {shown}, where only root can read: name another "
                f"folder in {variable}"
            )
    _libc.prctl(_SET_PDEATHSIG, 9, 0, 0, 0)
    os.umask(0o077)
    _drop_rights()
    _limit(allowance)
    try:
        _filter(_LOCAL)
    except SandboxError:
        # Some containers' kernels know no filters. `filters` finds out, and callers tell.
        pass


def why_no_filter() -> str:
    """Say why system calls are not filtered here, and what that means; empty where they are."""
    machine = platform.machine()
    if machine not in _FORBIDDEN:
        known = " and ".join(sorted(_FORBIDDEN))
        return (
            f"The filter is written for {known}, and this machine is of the kind {machine}. "
            "Students' code is kept apart by namespaces and limits alone."
        )
    if not filters():
        return (
            "This kernel, or the container around it, allows no filter of system calls. "
            "Students' code is kept apart by namespaces and limits alone."
        )
    return ""


def filters() -> bool:
    """Tell whether system calls can be filtered here, by trying it in another process."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _check(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "dropping rights")
            _filter(_LOCAL)
            status = 0 if platform.machine() in _FORBIDDEN else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def end_user(user: int) -> None:
    """End every process of a user whom `own_user` gave, whatever it has made of itself.

    The kernel ends a process some time after it is told to. This waits until none is left, so
    that nothing of one submission runs on beside the next.

    Raises
    ------
    SandboxError
        When one is still there after some seconds, as where a disk does not answer.
    """
    until = time.monotonic() + _END_SECONDS
    _kill_all_of(user)
    while _is_alive(user):
        if time.monotonic() > until:
            raise SandboxError(f"a process of user {user} does not end")
        time.sleep(0.001)
        _kill_all_of(user)


def _kill_all_of(user: int) -> None:
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(user, user, user)
            # The kernel spares the caller.
            os.kill(-1, 9)
        except ProcessLookupError:
            pass
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _is_alive(user: int) -> bool:
    """Tell whether a process of the user runs; one that only waits for its parent does not."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            said = dict(
                line.split(":", 1) for line in Path(entry, "status").read_text().splitlines()
            )
        except OSError:
            # It has ended meanwhile.
            continue
        if int(said["Uid"].split()[0]) == user and said["State"].split()[0] not in "ZX":
            return True
    return False


def map_user(pid: int, outside: int) -> None:
    """Let a process's user inside be one of the machine; called by root, outside."""
    Path(f"/proc/{pid}/setgroups").write_text("deny")
    Path(f"/proc/{pid}/uid_map").write_text(f"{INSIDE} {outside} 1")
    Path(f"/proc/{pid}/gid_map").write_text(f"{INSIDE} {outside} 1")


def _build(view: View, allowance: Allowance, owner: int | None) -> None:
    """Make the file system of the sandbox and move into it."""
    _mount(None, "/", None, _REC | _PRIVATE)
    _mount("tmpfs", "/tmp", "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    os.mkdir("/tmp/old")
    os.mkdir("/tmp/new")
    _check(_libc.pivot_root(b"/tmp", b"/tmp/old"), "changing the root")
    os.chdir("/")
    _mount("tmpfs", "/new", "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    # The private folders first: Python or the data may lie below /tmp, and are shown there.
    _devices()
    _box(allowance.disk_mb, owner)
    for folder in view.folders:
        _show("/old" + folder, "/new" + folder)
    for name, target in view.links.items():
        os.makedirs(os.path.dirname("/new" + name), exist_ok=True)
        os.symlink(target, "/new" + name)
    for shown in allowance.data.values():
        if os.path.isdir("/old" + shown):
            _show("/old" + shown, "/new" + shown)
    _small_files()
    os.makedirs("/new/proc")
    try:
        _mount("proc", "/new/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    except SandboxError:
        # Inside some containers a new /proc is not allowed. Without it, nothing is seen.
        pass
    _check(_libc.umount2(b"/old", _DETACH), "leaving the old root")
    os.chdir("/new")
    _check(_libc.pivot_root(b".", b"."), "changing the root")
    _check(_libc.umount2(b".", _DETACH), "leaving the old root")
    os.chdir("/")
    _mount(None, "/", None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)


def _show(source: str, target: str) -> None:
    """Bind a folder or file, read-only with everything mounted below it."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "w").close()
    _mount(source, target, None, _BIND | _REC)
    attributes = struct.pack("<QQQQ", _RDONLY | _NOSUID | _NODEV, 0, 0, 0)
    result = _libc.syscall(
        _MOUNT_SETATTR, -100, target.encode(), _AT_RECURSIVE, attributes, len(attributes)
    )
    _check(result, f"making {target} read-only (Linux 5.12 or newer is needed)")


def _small_files() -> None:
    os.makedirs("/new/etc", exist_ok=True)
    user = f"student:x:{INSIDE}:{INSIDE}:student:{BOX}/home:/bin/sh\n"
    Path("/new/etc/passwd").write_text(user)
    Path("/new/etc/group").write_text(f"student:x:{INSIDE}:\n")
    Path("/new/etc/hosts").write_text("127.0.0.1 localhost\n")


def _devices() -> None:
    os.makedirs("/new/dev", exist_ok=True)
    for name in ("null", "zero", "full", "random", "urandom"):
        target = f"/new/dev/{name}"
        open(target, "w").close()
        _mount(f"/old/dev/{name}", target, None, _BIND)
    os.symlink("/proc/self/fd", "/new/dev/fd")
    os.mkdir("/new/dev/shm")


def _box(size_mb: int, owner: int | None) -> None:
    """Make the private folders, of one size limit together."""
    os.mkdir(f"/new{BOX}")
    os.mkdir("/new/tmp")
    options = f"size={size_mb}m,nr_inodes=20000,mode=755"
    _mount("tmpfs", f"/new{BOX}", "tmpfs", _NOSUID | _NODEV, options)
    for name in ("home", "tmp", "work", "shm"):
        path = f"/new{BOX}/{name}"
        os.mkdir(path, 0o700)
        if owner is not None:
            os.chown(path, owner, owner)
        # Each a mount of its own, so that the folder above them can be closed: an ordinary
        # user's sandbox has one user only, to whom all of it belongs.
        _mount(path, path, None, _BIND)
    _mount(None, f"/new{BOX}", None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)
    _mount(f"/new{BOX}/tmp", "/new/tmp", None, _BIND)
    _mount(f"/new{BOX}/shm", "/new/dev/shm", None, _BIND)


def _forbid_namespaces() -> None:
    try:
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    except OSError:
        # The filter forbids them as well.
        return


def _drop_rights() -> None:
    for number in range(64):
        _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)
    header = struct.pack("<Ii", 0x20080522, 0)
    _check(_libc.capset(header, bytes(24)), "dropping rights")
    _check(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "dropping rights")
    _libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0)


def _limit(allowance: Allowance) -> None:
    begun = _virtual_bytes()
    limits = {
        resource.RLIMIT_AS: begun + allowance.memory_mb * 2**20,
        resource.RLIMIT_NPROC: allowance.processes,
        resource.RLIMIT_FSIZE: allowance.disk_mb * 2**20,
        resource.RLIMIT_CPU: allowance.cpu_seconds,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, value))


def _virtual_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 4 * 2**30
    return pages * resource.getpagesize()


# -- the filter of system calls ---------------------------------------------
# Written by hand, since no binding of libseccomp can be relied on: its own is packed by
# distributions for their own Python alone, and pyseccomp, the one on PyPI, has had no release
# since 2021 and looks for the system's library at run time. A test interprets what stands here.
#: Calls that no student's code needs and that reach around the limits or into the kernel.
_FORBIDDEN = {
    "x86_64": {
        "ptrace": 101, "keyctl": 250, "add_key": 248, "request_key": 249, "bpf": 321,
        "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "memfd_create": 319,
        "memfd_secret": 447, "shmget": 29, "mount": 165, "umount2": 166, "pivot_root": 155,
        "unshare": 272, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
        "open_by_handle_at": 304, "move_mount": 429, "open_tree": 428, "fsopen": 430,
        "fsmount": 432, "mount_setattr": 442, "pidfd_getfd": 438, "chroot": 161,
        "init_module": 175, "finit_module": 313, "kexec_load": 246,
    },
    "aarch64": {
        "ptrace": 117, "keyctl": 219, "add_key": 217, "request_key": 218, "bpf": 280,
        "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "memfd_create": 279,
        "memfd_secret": 447, "shmget": 194, "mount": 40, "umount2": 39, "pivot_root": 41,
        "unshare": 97, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
        "open_by_handle_at": 265, "move_mount": 429, "open_tree": 428, "fsopen": 430,
        "fsmount": 432, "mount_setattr": 442, "pidfd_getfd": 438, "chroot": 51,
        "init_module": 105, "finit_module": 273, "kexec_load": 104,
    },
}  # fmt: skip
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SOCKET = {"x86_64": 41, "aarch64": 198}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
#: Families of sockets: of one machine, and of the internet in both versions.
_LOCAL, _FAMILIES = (1,), (1, 2, 10)
_ANY_NAMESPACE = 0x7E020000
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def _filter(families: tuple[int, ...] = _FAMILIES) -> None:
    """Install the filter; a machine of another kind goes without it (see `why_no_filter`)."""
    machine = platform.machine()
    if machine not in _FORBIDDEN:
        return
    program = b"".join(_program(machine, families))
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    given = Program(len(program) // 8, ctypes.addressof(buffer))
    _check(_libc.prctl(_SET_SECCOMP, 2, ctypes.byref(given), 0, 0), "filtering system calls")


def _program(machine: str, families: tuple[int, ...]) -> Iterator[bytes]:
    """Write the filter in the kernel's classic form."""

    def step(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("<HBBI", code, yes, no, value)

    load, equal, at_least, bits, end = 0x20, 0x15, 0x35, 0x45, 0x06
    refuse = _ERROR | errno.EPERM
    yield step(load, 0, 0, 4)
    yield step(equal, 1, 0, _ARCHITECTURE[machine])
    yield step(end, 0, 0, _KILL)
    yield step(load, 0, 0, 0)
    if machine == "x86_64":
        yield step(at_least, 0, 1, 0x40000000)
        yield step(end, 0, 0, _KILL)
    for number in _FORBIDDEN[machine].values():
        yield step(equal, 0, 1, number)
        yield step(end, 0, 0, refuse)
    # clone3 keeps its flags in memory, where a filter cannot look: use clone instead.
    yield step(equal, 0, 1, _CLONE3)
    yield step(end, 0, 0, _ERROR | errno.ENOSYS)
    yield step(equal, 0, 3, _CLONE[machine])
    yield step(load, 0, 0, 16)
    yield step(bits, 0, 4 + len(families), _ANY_NAMESPACE)
    yield step(end, 0, 0, refuse)
    # Of sockets only those of one machine and, in a sandbox, of the (absent) internet.
    yield step(equal, 0, 2 + len(families), _SOCKET[machine])
    yield step(load, 0, 0, 16)
    for left, family in zip(range(len(families), 0, -1), families, strict=True):
        yield step(equal, left, 0, family)
    yield step(end, 0, 0, _ERROR | errno.EAFNOSUPPORT)
    yield step(end, 0, 0, _ALLOW)
