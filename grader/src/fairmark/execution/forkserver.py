"""The warm server: it has imported the libraries, and forks a process for each notebook.

It runs in a process of its own that was started with a bare environment. It never sees
a notebook, a check or a file of a submission; those go straight to the forked processes,
through sockets that are handed over here.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict

from fairmark.course_package import course_packages, names_of_course_packages
from fairmark.limits import Allowance

from .memory_use import gather_pages, kept_for_good
from .sandbox import (
    Births,
    SandboxError,
    View,
    enclose,
    end_user,
    look_around,
    lower,
    map_user,
    own_user,
    user_of,
    why_not_lower,
)
from .whereabouts import SIGNAL as WHERE

if TYPE_CHECKING:
    from .shell import Shell

#: What every process of this kind finds in its environment.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Request(TypedDict, total=False):
    """What a server is asked for: one of the four."""

    #: The role of a new process, and its `Allowance`.
    spawn: str
    allowance: dict[str, Any]
    #: The number of a process.
    interrupt: int
    where: int
    end: int


class Answer(TypedDict, total=False):
    """What a server says."""

    #: Why there is nothing else.
    error: str
    #: At the beginning.
    ready: bool
    #: To `spawn`: the process, and its folders where it has no sandbox.
    pid: int
    place: str
    #: To `end`: processor time, the most memory, the signal that ended it.
    cpu: float
    peak_kb: int
    sig: int


def bare_environment() -> dict[str, str]:
    """Return the environment of the server, and of what it forks before they make their own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH") or name.startswith("LC_")
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"])
    own = {
        "PATH": path,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBGRADER_EXECUTION": "autograde",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        # Each thread may otherwise take 64 MB of addresses of its own from the limit.
        "MALLOC_ARENA_MAX": "2",
    }
    for package in course_packages().values():
        kept.update(package.environment)
    return {**kept, **own, **dict.fromkeys(_THREADS, "1")}


#: Libraries that take seconds to import, and the parts of them that take most.
_SCIENCE = {
    "pandas": ("pandas",),
    "scipy": ("scipy.sparse", "scipy.optimize"),
    "sklearn": ("sklearn.linear_model", "sklearn.model_selection", "sklearn.pipeline"),
}


def large_libraries(text: str) -> tuple[str, ...]:
    """Return the large libraries that a text of Python imports, to be imported before the fork."""
    known = ("torch", "torchvision", *_SCIENCE, *names_of_course_packages())
    return tuple(n for n in known if re.search(rf"import {n}\b|from {n}\b", text))


class Server:
    """The grader's handle on a warm server.

    Parameters
    ----------
    libraries : tuple of str or None
        Modules to import beyond the usual ones; None imports nothing at all, for a
        server that only tries whether a sandbox can be made.
    sandboxed : bool
        False forks without a sandbox.
    address : str
        Of a `SharedServer` with these libraries, which forks a server for this handle;
        empty starts one of its own.
    """

    def __init__(
        self,
        libraries: tuple[str, ...] | None = (),
        sandboxed: bool = True,
        address: str = "",
    ):
        self._lock = threading.Lock()
        self.sandboxed = sandboxed
        #: Where the private folders of processes without a sandbox lie.
        self.places: dict[int, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                self._socket.connect(address)
            except OSError as error:
                self._socket.close()
                raise SandboxError(f"the shared server has ended ({error})") from None
        else:
            self._socket, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._process = start_process("main", [there], libraries, sandboxed)
            there.close()
        try:
            answer = self._read(120)
        except SandboxError as error:
            answer = {"error": str(error)}
        if answer.get("ready") is not True:
            self.close()
            raise SandboxError(str(answer.get("error", "the server did not start")))

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        if self._process is not None and self._process.poll() is not None:
            return False
        try:
            return bool(self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def spawn(
        self, role: str, control: socket.socket, channel: socket.socket, allowance: Allowance
    ) -> int:
        """Fork a process.

        Parameters
        ----------
        role : str
            ``student``, ``check``, or ``probe`` for one that ends as soon as it is there.
        control, channel : socket.socket
            To the grader, and to the process of the other role. Closed here afterwards.
        allowance : Allowance
            What it may use.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        SandboxError
            When the sandbox cannot be made.
        """
        request: Request = {"spawn": role, "allowance": asdict(allowance)}
        with self._lock:
            message, handed = json.dumps(request).encode(), [control.fileno(), channel.fileno()]
            try:
                socket.send_fds(self._socket, [message], handed)
            except OSError as error:
                raise SandboxError(f"the server has ended ({error})") from None
            answer = self._read(30)
        if "error" in answer:
            raise SandboxError(str(answer["error"]))
        if answer.get("place"):
            self.places[answer["pid"]] = answer["place"]
        return int(answer["pid"])

    def interrupt(self, pid: int) -> None:
        """Interrupt a process, as Ctrl-C does."""
        self._request({"interrupt": pid})

    def ask_where(self, pid: int) -> None:
        """Let a process note where it is, see `whereabouts`."""
        self._request({"where": pid})

    def end(self, pid: int) -> Answer:
        """End a process and all that it started; return what it used."""
        self.places.pop(pid, None)
        return self._request({"end": pid})

    def close(self) -> None:
        """End the server and everything that it forked."""
        self._socket.close()
        if self._process is None:
            return
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _request(self, request: Request) -> Answer:
        with self._lock:
            try:
                self._socket.send(json.dumps(request).encode())
            except OSError as error:
                raise SandboxError(f"the server has ended ({error})") from None
            return self._read(30)

    def _read(self, seconds: float) -> Answer:
        if not select.select([self._socket], [], [], seconds)[0]:
            raise SandboxError("the server does not answer")
        try:
            data = self._socket.recv(65536)
        except OSError as error:
            raise SandboxError(f"the server has ended ({error})") from None
        if not data:
            raise SandboxError("the server has ended")
        answer: Answer = json.loads(data)
        return answer


class SharedServer:
    """A warm server for several graders: imports the libraries once, forks a server for each.

    It is started without waiting: whoever connects waits until the libraries are there.

    Parameters
    ----------
    libraries, sandboxed
        As for `Server`.
    ahead : tuple of str, optional
        What the course's packages open once for all, see `course_package`.

    Attributes
    ----------
    address : str
        Where to connect to; only the present user can.
    libraries : tuple of str
        As given.
    """

    def __init__(
        self,
        libraries: tuple[str, ...] = (),
        sandboxed: bool = True,
        ahead: tuple[str, ...] = (),
    ):
        self.libraries = libraries
        wanted = (*libraries, *(_AHEAD + name for name in ahead))
        self._folder = tempfile.mkdtemp(prefix="fairmark-")
        self.address = os.path.join(self._folder, "warm")
        if len(self.address) > _LONGEST_ADDRESS:
            os.rmdir(self._folder)
            self._folder = tempfile.mkdtemp(prefix="fairmark-", dir="/tmp")
            self.address = os.path.join(self._folder, "warm")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(self.address)
        listener.listen(64)
        self._control, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = start_process("main_shared", [there, listener], wanted, sandboxed)
        there.close()
        listener.close()

    def close(self) -> None:
        """End it; servers that it forked go on until their graders have gone."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


#: What stands before names, among those of libraries, of what is to be opened.
_AHEAD = "ahead "

#: What fits into the address of a socket in the file system.
_LONGEST_ADDRESS = 100


def start_process(
    function: str,
    sockets: list[socket.socket],
    libraries: tuple[str, ...] | None,
    sandboxed: bool,
) -> subprocess.Popen[bytes]:
    """Start a bare Python that calls a function of this module.

    Parameters
    ----------
    function : str
        Its name. It gets the numbers of the sockets, the libraries and the flag, as text.
    sockets : list of socket.socket
        Handed over.
    libraries, sandboxed
        As for `Server`.
    """
    begin = (
        "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
        f"from fairmark.execution.forkserver import {function} as f; f(*sys.argv[2:])"
    )
    environment = bare_environment()
    environment["MPLCONFIGDIR"] = _matplotlib_folder() if libraries is not None else "/"
    numbers = [sock.fileno() for sock in sockets]
    arguments = [*map(str, numbers), json.dumps(libraries), "1" if sandboxed else ""]
    return subprocess.Popen(
        [sys.executable, "-s", "-c", begin, json.dumps(_trusted_path()), *arguments],
        env=environment,
        cwd="/",
        pass_fds=numbers,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _trusted_path() -> list[str]:
    """Return where Python looks for modules, without the present folder."""
    homes = [str(Path(__file__).resolve().parents[2])]
    homes += [str(package.folder.parent) for package in course_packages().values()]
    found = [p for p in sys.path if p and os.path.isabs(p) and os.path.abspath(p) != os.getcwd()]
    return [*found, *(home for home in dict.fromkeys(homes) if home not in found)]


def _matplotlib_folder() -> str:
    """Return where matplotlib keeps its list of fonts.

    As its documentation tells for ``MPLCONFIGDIR``: matplotlib itself could say so too, but
    its import takes half a second.
    """
    if os.environ.get("MPLCONFIGDIR"):
        return os.environ["MPLCONFIGDIR"]
    try:
        home = Path.home()
    except RuntimeError:
        return tempfile.gettempdir()
    if sys.platform == "darwin":
        return str(home / ".matplotlib")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or home / ".cache", "matplotlib")


# -- in the server -------------------------------------------------------------
def main(number: str, libraries: str, sandboxed: str) -> None:
    """Import the libraries, then fork processes until the grader has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sock = socket.socket(fileno=int(number))
    view = View(())
    try:
        if sandboxed:
            view = look_around()
        wanted = json.loads(libraries)
        warm = None if wanted is None else _warm_up(wanted)
        _Forks(sock, warm, view, bool(sandboxed)).serve()
    except SandboxError as error:
        _say(sock, {"error": str(error)})


def main_shared(control: str, listener: str, libraries: str, sandboxed: str) -> None:
    """Import the libraries, then fork a server for everybody who connects."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    owner, door = socket.socket(fileno=int(control)), socket.socket(fileno=int(listener))
    view, warm, problem = View(()), None, ""
    try:
        if sandboxed:
            view = look_around()
        warm = _warm_up(json.loads(libraries))
    except SandboxError as error:
        problem = str(error)
    while owner not in select.select([owner, door], [], [])[0]:
        sock, _ = door.accept()
        if os.fork() == 0:
            owner.close()
            door.close()
            if problem:
                _say(sock, {"error": problem})
            else:
                _Forks(sock, warm, view, bool(sandboxed)).serve()
            os._exit(0)
        sock.close()
        _reap()


def _reap() -> None:
    """Take leave of the servers that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _warm_up(libraries: list[str]) -> Shell:
    """Import what the processes will need; return the shell."""
    with kept_for_good():
        shell = _with_libraries(libraries)
    gather_pages()
    return shell


def _with_libraries(libraries: list[str]) -> Shell:
    import gc
    import importlib

    from . import check_side, student_side  # noqa: F401
    from .guard.private import compiled
    from .shell import make_shell

    compiled()
    shell = make_shell()
    usual = ["numpy.testing", "numpy.random", "matplotlib.pyplot"]
    if "torch" in libraries:
        # The first optimizer of a process imports these 800 modules.
        usual.append("torch._dynamo")
    usual += [part for name in libraries for part in _SCIENCE.get(name, ())]
    ahead = [name.removeprefix(_AHEAD) for name in libraries if name.startswith(_AHEAD)]
    libraries = [name for name in libraries if not name.startswith(_AHEAD)]
    for name in (*usual, *libraries, *_modules_ahead(libraries)):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    for name, package in course_packages().items():
        if name in libraries:
            package.open_ahead(ahead)
    _warm_figures()
    _warm_shell(shell)
    gc.collect()
    return shell


def _modules_ahead(libraries: list[str]) -> list[str]:
    """Name the modules of the course's packages that notebooks will import."""
    packages = [p for name, p in course_packages().items() if name in libraries]
    return [module for package in packages for module in package.modules_ahead(libraries)]


def _warm_figures() -> None:
    """Draw once, so that fonts and backend are there."""
    import io

    import matplotlib.pyplot as plt
    import matplotlib_inline.backend_inline  # noqa: F401

    figure = plt.figure(figsize=(1, 1))
    figure.text(0.5, 0.5, "x")
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)


def _warm_shell(shell: Shell) -> None:
    """Show a value and a traceback once: the machinery for it is imported at its first use."""
    shell.run("(1.0, 'a')", 0)
    shell.run("1 / 0", 0)
    shell.sink.clear(0)
    del shell.history()[1:]
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)


def _say(sock: socket.socket, message: Answer) -> None:
    sock.send(json.dumps(message).encode())


class _Forks:
    def __init__(self, sock: socket.socket, shell: Shell | None, view: View, sandboxed: bool):
        self.sock, self.shell, self.view, self.sandboxed = sock, shell, view, sandboxed
        self.children: set[int] = set()
        self.places: dict[int, str] = {}
        # Without a sandbox, but as root: each process is another user, where that is possible.
        self.lowers = not sandboxed and not why_not_lower()
        self.users: dict[int, int] = {}
        self.spawned = 0
        self.births = Births() if sandboxed else None
        # Processes inside are children of one that ends at once; they come to this one.
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)

    def serve(self) -> None:
        _say(self.sock, {"ready": True})
        try:
            while True:
                data, handed, _, _ = socket.recv_fds(self.sock, 65536, 2)
                if not data:
                    return
                request: Request = json.loads(data)
                if "spawn" in request:
                    answer = self._spawn(request, handed)
                elif "interrupt" in request:
                    answer = self._signal(request["interrupt"], signal.SIGINT)
                elif "where" in request:
                    answer = self._signal(request["where"], WHERE)
                else:
                    answer = self._end(request["end"])
                _say(self.sock, answer)
        except OSError:
            return
        finally:
            for pid in list(self.children):
                self._end(pid)

    def _signal(self, pid: int, number: signal.Signals) -> Answer:
        if pid in self.children:
            os.kill(pid, number)
        return {}

    def _end(self, pid: int) -> Answer:
        if pid not in self.children:
            return {}
        self.children.discard(pid)
        try:
            if not self.sandboxed:
                os.killpg(pid, signal.SIGKILL)
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        _, status, used = os.wait4(pid, 0)
        if pid in self.users:
            end_user(self.users.pop(pid))
        if pid in self.places:
            shutil.rmtree(self.places.pop(pid), ignore_errors=True)
        signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return {"cpu": used.ru_utime + used.ru_stime, "peak_kb": used.ru_maxrss, "sig": signalled}

    def _spawn(self, request: Request, handed: list[int]) -> Answer:
        allowance = Allowance(**request["allowance"])
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        place = "" if self.sandboxed else tempfile.mkdtemp(prefix="fairmark-")
        self.spawned += 1
        user = own_user(64 * os.getpid() + self.spawned % 64) if self.lowers else 0
        try:
            first = self.births.fork() if self.births else os.fork()
            if first == 0:
                self._child(request["spawn"], handed, allowance, (there, here), (place, user))
            there.close()
            if not self.sandboxed:
                self.children.add(first)
                self.places[first] = place
                if user:
                    self.users[first] = user
            return self._settle(first, here)
        except SandboxError as error:
            return {"error": str(error)}
        finally:
            for number in handed:
                os.close(number)
            here.close()
            there.close()

    def _settle(self, first: int, here: socket.socket) -> Answer:
        """Accompany the making of a sandbox."""
        inner, outside = 0 if self.sandboxed else first, 0
        if self.births and self.births.direct:
            inner, outside = first, self._introduce(first, here)
        while True:
            if not select.select([here], [], [], 20)[0]:
                error = "the sandbox was not ready in time"
                break
            said = here.recv(4096)
            if said.startswith(b"P"):
                inner = int(said[1:])
                os.waitpid(first, 0)
                here.send(b"G")
                outside = self._introduce(inner, here)
            elif said == b"U":
                map_user(inner, outside)
                here.send(b"G")
            elif said == b"S":
                return {"pid": inner, "place": self.places.get(inner, "")}
            else:
                error = said[1:].decode(errors="replace") or "the sandbox ended while it was made"
                break
        if inner:
            self._end(inner)
        else:
            os.waitpid(first, 0)
        return {"error": error}

    def _introduce(self, inner: int, here: socket.socket) -> int:
        """Take note of a process inside, and tell it its number here; return its user."""
        self.children.add(inner)
        if os.geteuid() == 0:
            here.send(b"N%d" % inner)
        return user_of(inner)

    def _child(
        self,
        role: str,
        handed: list[int],
        allowance: Allowance,
        pair: tuple[socket.socket, socket.socket],
        plain: tuple[str, int],
    ) -> NoReturn:
        """Become a process of a role."""
        status = 1
        mine, other = pair
        try:
            other.close()
            self.sock.close()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if self.births is not None:
                direct = self.births.direct
                enclose(self.view, allowance, mine.send, lambda: mine.recv(64), direct)
                place = Path("/box")
            else:
                place = self._plain_place(Path(plain[0]))
                if plain[1]:
                    lower(plain[1], allowance, plain[0])
            control, channel = (socket.socket(fileno=n) for n in handed)
            for one in (control, channel):
                # A program that takes the place of this one must not keep them open.
                one.set_inheritable(False)
            mine.send(b"S")
            mine.close()
            if role == "probe" or self.shell is None:
                os._exit(0)
            _close_all_but({control.fileno(), channel.fileno()})
            _own_environment(place, allowance)
            _serve(role, self.shell, control, channel, place)
            status = 0
        except SandboxError as error:
            mine.send(b"E" + str(error).encode())
        except BaseException as error:  # noqa: BLE001  (the process ends here in any case)
            try:
                mine.send(b"E" + f"{type(error).__name__}: {error}".encode())
            except OSError:
                pass
        finally:
            os._exit(status)

    def _plain_place(self, place: Path) -> Path:
        os.setsid()
        for name in ("home", "tmp", "work", "shm"):
            (place / name).mkdir()
        os.chdir(place / "work")
        return place


def _close_all_but(kept: set[int]) -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    begin = 3
    for number in sorted(kept):
        os.closerange(begin, number)
        begin = number + 1
    os.closerange(begin, min(limit, 65536))


def _own_environment(place: Path, allowance: Allowance) -> None:
    os.environ.pop("MPLCONFIGDIR", None)
    os.environ["HOME"] = str(place / "home")
    os.environ["USER"] = os.environ["LOGNAME"] = "student"
    os.environ["TMPDIR"] = "/tmp" if str(place) == "/box" else str(place / "tmp")
    os.environ["MPLCONFIGDIR"] = os.environ["TMPDIR"]
    os.environ["IPYTHONDIR"] = str(place / "home" / ".ipython")
    tempfile.tempdir = None
    os.environ.update(allowance.data)


def _serve(
    role: str, shell: Shell, control: socket.socket, channel: socket.socket, place: Path
) -> None:
    # Numbers drawn without a seed differ between submissions, as in a fresh kernel.
    import random

    import numpy as np

    from . import check_side, student_side

    random.seed()
    np.random.seed(int.from_bytes(os.urandom(4), "little"))
    side = student_side if role == "student" else check_side
    side.serve(shell, control, channel, place)
