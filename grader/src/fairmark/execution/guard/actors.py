"""Who looks at who calls: what the interpreter tells of each act, and whose act it was.

Python announces acts that reach into running code (PEP 578): asking for a frame, reading the
code of a function, searching the garbage collector. A hook that hears of them cannot be
removed. An act counts where the student's code does it, or lets a library do it whose purpose
it is; what libraries do for their own ends is nobody's business.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from collections.abc import Callable
from sys import _getframe
from types import FrameType

from .origin import Origin

#: Attributes that lead from an object into running code.
_LOOKING = frozenset(
    {"tb_frame", "gi_frame", "cr_frame", "ag_frame", "f_code", "gi_code", "cr_code", "ag_code"}
)
_MAKING = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
#: Acts by anybody but a library, whatever stands between.
_ALWAYS = frozenset(
    {
        "sys._current_frames", "sys._current_exceptions", "gc.get_objects", "gc.get_referrers",
        "gc.get_referents", "sys.settrace", "sys.setprofile", "sys.addaudithook",
        "code.__new__", "function.__new__", "marshal.loads", "os.fork", "os.forkpty",
        "os.exec", "os.posix_spawn", "os.spawn", "cpython.run_command", "cpython.run_file",
    }
)  # fmt: skip
#: Acts that do no harm as long as no check runs.
_WHILE_CHECKED = frozenset({"subprocess.Popen", "os.system"})
_FRAME = "sys._getframe"
_READ, _SET, _DELETED = "object.__getattr__", "object.__setattr__", "object.__delattr__"
_CTYPES = "ctypes."
#: Libraries that do for others what the act is: who calls them does it.
_HELPERS = (
    "inspect.py", "traceback.py", "linecache.py", "threading.py", "gc.py", "bdb.py", "pdb.py",
    "trace.py", "code.py", "types.py", "subprocess.py", "IPython/utils/frame.py",
    "IPython/core/debugger.py", "concurrent/futures/thread.py", "concurrent/futures/_base.py",
    "logging/__init__.py", "pathlib.py", "codecs.py", "/os.py", "/io.py", "shutil.py",
    "ctypes/__init__.py",
)  # fmt: skip
#: They show where an exception came from, as a notebook does; no frame comes out of them.
_SHOWING = frozenset(
    {
        "print_exc", "format_exc", "print_exception", "format_exception", "print_tb",
        "format_tb", "extract_tb", "format_exception_only", "print_last",
    }
)  # fmt: skip
#: They use the frame of their caller for a name, a version of themselves or a warning.
_NAMING = frozenset(
    {"collections", "enum", "typing", "dataclasses", "warnings", "abc", "functools"}
)
#: What is in these, or holds them, is the memory of a process or its open files.
_PLACES = ("/proc/", "/dev/fd", "/dev/mem")
_MEMORY = ("/mem", "/maps", "/environ")
_OPENING = frozenset({"open", "os.listdir", "os.scandir"})
_WATCHED = frozenset(
    {_FRAME, _READ, _SET, _DELETED, "compile", *_ALWAYS, *_WHILE_CHECKED, *_OPENING}
)


class Watch:
    """Hears of acts and tells of those that are the student's.

    Parameters
    ----------
    origin : Origin
        Whose code is whose.
    tell : callable
        Called with the kind of act, what it concerned, and the place.
    """

    def __init__(self, origin: Origin, tell: Callable[[str, str, str], None]):
        self.origin = origin
        self.tell = tell
        #: Threads in which an act is being judged: to judge is to act.
        self._busy: set[int] = set()
        #: Whether a check is being run.
        self.checking = False
        #: Functions whose exchange matters, whoever does it.
        self.kept: set[object] = set()

    def install(self) -> None:
        """Begin to listen; there is no end."""
        origin, tell, busy, me, kept = self.origin, self.tell, self._busy, self, self.kept
        own = _getframe().f_builtins

        def hear(event: str, arguments: tuple[object, ...]) -> None:
            if event not in _WATCHED and not event.startswith(_CTYPES):
                return
            thread = get_ident()
            if thread in busy:
                return
            busy.add(thread)
            try:
                frame = _getframe(1)
                # The guard's own acts are many. Its modules have builtins that nobody else has.
                if frame.f_builtins is not own:
                    _judge(origin, tell, me, kept, event, arguments, frame)
            finally:
                busy.discard(thread)

        sys.addaudithook(hear)


def _judge(
    origin: Origin,
    tell: Callable[[str, str, str], None],
    watch: Watch,
    kept: set[object],
    event: str,
    arguments: tuple[object, ...],
    frame: FrameType | None,
) -> None:
    """Tell of an act if it is the student's."""
    what = ""
    if event in (_READ, _SET, _DELETED):
        name = arguments[1] if len(arguments) > 1 else ""
        if type(name) is not str or name not in _LOOKING | _MAKING:
            return
        if event != _READ and name in _MAKING and _is_in(arguments[0], kept):
            # Whoever does it: a library may have been talked into it.
            tell("exchange", f"{name} of {_title(arguments[0])}", _place(origin, frame))
            return
        actor = _direct(origin, frame)
        if actor is None and name == "tb_frame":
            actor = _through_helpers(origin, frame, _SHOWING)
        what = name
    elif event == _FRAME:
        actor = _asks_for_frame(origin, frame)
    elif event in _OPENING:
        path = arguments[0] if arguments else ""
        if type(path) is bytes:
            path = path.decode("latin-1")
        if type(path) is not str or not path.startswith(_PLACES):
            return
        # A library may look at what the processor is doing, and not into memory.
        inside = path.endswith(_MEMORY) or "/fd" in path
        actor = (_anywhere if inside else _through_helpers)(origin, frame)
        what = path
    elif event == "compile":
        name = arguments[1] if len(arguments) > 1 else ""
        if type(name) is bytes:
            name = name.decode("latin-1")
        if type(name) is not str or not origin.is_library(name):
            return
        actor, what = _direct(origin, frame), name
    elif event in _WHILE_CHECKED:
        actor = _through_helpers(origin, frame) if watch.checking else None
    else:
        actor = _through_helpers(origin, frame)
    if actor is not None:
        tell(event, what, _place(origin, actor))


def _is_in(value: object, kept: set[object]) -> bool:
    # Only plain functions are in it; their hash is their identity.
    return type(value).__name__ == "function" and value in kept


def _title(value: object) -> str:
    return f"{value.__module__}.{value.__qualname__}"  # type: ignore[attr-defined]


def _owner(origin: Origin, frame: FrameType | None) -> FrameType | None:
    """Return the frame whose code this is: code that was made from a text is its caller's."""
    while frame is not None and origin.is_nobodys(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _direct(origin: Origin, frame: FrameType | None) -> FrameType | None:
    """Return the frame of an act, where it is the student's own."""
    frame = _owner(origin, frame)
    if frame is None or origin.is_library(frame.f_code.co_filename):
        return None
    return frame


def _through_helpers(
    origin: Origin, frame: FrameType | None, but: frozenset[str] = frozenset()
) -> FrameType | None:
    """Return the student's frame that does the act, by itself or by a library for it."""
    while frame is not None:
        file = frame.f_code.co_filename
        if not origin.is_nobodys(file):
            if not file.endswith(_HELPERS) or not origin.is_library(file):
                break
            if frame.f_code.co_name in but:
                return None
        frame = frame.f_back
    return _direct(origin, frame)


def _asks_for_frame(origin: Origin, frame: FrameType | None) -> FrameType | None:
    """Return the student's frame that gets a frame into its hands."""
    own = _through_helpers(origin, frame)
    first = frame
    if own is not None:
        # A message for a log is written by way of several functions of that library.
        if first is not None and first.f_code.co_filename.endswith("logging/__init__.py"):
            return own if first.f_back is own else None
        return own
    if first is None or first.f_back is None:
        return None
    if str(first.f_globals.get("__name__", "")).partition(".")[0] in _NAMING:
        return None
    return _direct(origin, first.f_back)


def _anywhere(origin: Origin, frame: FrameType | None) -> FrameType | None:
    """Return the nearest frame of the student's, whatever stands between."""
    while frame is not None:
        file = frame.f_code.co_filename
        if not origin.is_library(file) and not origin.is_nobodys(file):
            return frame
        frame = frame.f_back
    return None


def _place(origin: Origin, frame: FrameType | None) -> str:
    """Say where an act was done, as people find it."""
    found = _anywhere(origin, frame)
    if found is None:
        return ""
    file = found.f_code.co_filename
    number = origin.cells.get(file)
    where = f"cell {number}" if number is not None else file.rpartition("/")[2]
    return f"{where}, line {found.f_lineno}"
