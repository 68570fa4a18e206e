"""The guard in the student's process: it runs a check there and reports what it saw."""

from __future__ import annotations

import importlib
import linecache
import os
import sys
from _weakref import CallableProxyType, ProxyType
from abc import ABCMeta
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from enum import EnumMeta
from fractions import Fraction
from hashlib import blake2b, sha1
from itertools import repeat
from marshal import dumps
from operator import is_
from os import write
from sys import _getframe
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType, TracebackType
from typing import Any

import numpy
import numpy.testing
from IPython.core import inputtransformer2

from .actors import Watch
from .origin import HEAP, Origin, bases_of, flags_of, names_of, qualname_of
from .passing import marked, parts, placed, rewritten
from .reach import Reach
from .state import Quick, State, threads

#: How many places are compared at each pass, and how many notices are told.
_PLACES, _NOTICES = 1500, 200
_AWAIT, _COROUTINE, _ONLY_TREE = 0x2000, 0x80, 0x400
_CELL = "<cell>"
_OWN = f"{__package__}".rpartition(".")[0]
#: A check that asks for the text of what it defines is given it at once.
_WANTS_SOURCE = ("inspect", "getsource", "jit", "linecache", "doctest")
#: Names that judge, beside those of numpy.testing, wherever they were taken from.
_JUDGING = ("allclose", "isclose", "array_equal", "array_equiv", "approx", "raises")
_CALLABLE = (FunctionType, BuiltinFunctionType, ModuleType)


class _Names:
    """The names of the notebook that a check reads or binds, as they are between its calls.

    Parameters
    ----------
    space : dict
        The notebook's namespace.
    read : list of str
        Functions, classes and modules that the check uses.
    bound : list of str
        Names that the check binds.
    kept : list of str
        Those of them whose values must stay equal too.
    """

    def __init__(
        self, space: dict[str, object], read: list[str], bound: list[str], kept: list[str]
    ):
        self._get = space.get
        self._names = (*read, *bound)
        self._kept = kept
        self.take()

    def take(self) -> None:
        """Take everything as it is now: the check itself has bound it."""
        self._then = tuple(map(self._get, self._names, _NONE))
        self._prints = [_print_of(self._get(name)) for name in self._kept]

    def same(self) -> bool:
        """Tell whether nothing has changed since."""
        if not all(map(is_, map(self._get, self._names, _NONE), self._then)):
            return False
        return not self._kept or self._prints == [_print_of(self._get(n)) for n in self._kept]

    def changed(self) -> list[str]:
        """Return the names that were bound to something else; from now on, that counts."""
        now = tuple(map(self._get, self._names, _NONE))
        rows = zip(self._names, now, self._then, strict=True)
        found = [name for name, one, other in rows if one is not other]
        prints = [_print_of(self._get(name)) for name in self._kept]
        values = zip(self._kept, prints, self._prints, strict=True)
        found += [name for name, one, other in values if one != other and name not in found]
        self.take()
        return found


_NONE = repeat(None)
#: The largest value whose content is compared each time.
_SMALL = 8192


def _print_of(value: object) -> bytes:
    """Return what tells the content of a small value; empty for others."""
    kind = type(value)
    if kind is numpy.ndarray and value.nbytes <= _SMALL and value.dtype.char != "O":  # type: ignore[attr-defined]
        data: bytes = value.tobytes()  # type: ignore[attr-defined]
        return data
    if kind in (list, dict, set) and len(value) <= 500:  # type: ignore[arg-type]
        try:
            return dumps(value)  # type: ignore[arg-type]
        except ValueError:
            # It holds what is no plain data.
            return b""
    return b""


class _Pass:
    """What values pass: it stands in the code of a check and nowhere else."""

    __slots__ = ("_kinds", "_look", "_names", "_over", "_quick")

    def __init__(self, quick: Quick, names: _Names, look: Callable[[], None], kinds: _Kinds):
        self._quick, self._names, self._look, self._kinds = quick, names, look, kinds
        self._over = False

    def end(self) -> None:
        """Let values pass from now on: cells below may call functions of the check."""
        self._over = True

    def __matmul__(self, value: object) -> object:
        if self._over:
            return value
        if not self._quick.fresh() or not self._names.same():
            self._look()
        if type(value) not in _PLAIN:
            self._kinds.meet(value)
        return value


class _Kinds:
    """Looks for values that judge themselves: objects of the student's own classes.

    Parameters
    ----------
    origin : Origin
        Whose code is whose.
    tell : callable
        Called with the name of such a class.
    """

    def __init__(self, origin: Origin, tell: Callable[[str], None]):
        self._origin, self._tell = origin, tell
        #: Classes that have been looked at. Their own kinds have no hash of the student's.
        self._known: set[type] = set()
        #: Agreeable libraries that the check itself uses.
        self.used: frozenset[str] = frozenset()

    def meet(self, value: object, depth: int = 0) -> None:
        """Look at a value, and at what is in it."""
        kind = type(value)
        if issubclass(kind, _SEVERAL):
            self._among(_elements(value), depth)
        elif kind is numpy.ndarray:
            if value.dtype.char == "O":  # type: ignore[attr-defined]
                self._among(value.ravel().tolist(), depth)  # type: ignore[attr-defined]
        if flags_of(kind) & HEAP:
            self._class(kind)
            if "__dataclass_fields__" in names_of(kind):
                self._among(getattr(value, "__dict__", {}).values(), depth)
        elif kind in _PROXIES:
            self._tell(f"weakref.{kind.__name__}")

    def _among(self, values: Collection[object], depth: int) -> None:
        if len(values) > _ELEMENTS or depth > _DEPTH:
            return
        for value in values:
            if type(value) not in _PLAIN:
                self.meet(value, depth + 1)

    def _class(self, kind: type) -> None:
        usual = type(kind) in (type, ABCMeta, EnumMeta)
        if usual and kind in self._known:
            return
        agreeable = self._agreeable(kind)
        if agreeable or self._origin.answers_itself(kind):
            self._tell(f"{agreeable}.{qualname_of(kind)}".lstrip("."))
        elif usual:
            self._known.add(kind)

    def _agreeable(self, kind: type) -> str:
        """Return the library whose objects agree with much, where the check does not use it."""
        for base in bases_of(kind):
            module = str(names_of(base).get("__module__", ""))
            if module in _AGREEABLE and module not in self.used:
                return module
        return ""


def _elements(value: object) -> Collection[object]:
    """Return what is in a container, whatever its own class says."""
    for kind in _SEVERAL:
        if issubclass(type(value), kind):
            return tuple(dict.values(value) if kind is dict else kind.__iter__(value))  # type: ignore[arg-type]
    return ()


_SEVERAL = (list, tuple, set, frozenset, dict, deque)
_PROXIES = (ProxyType, CallableProxyType)
#: Modules of libraries whose objects are equal to whatever one likes.
_AGREEABLE = frozenset({"unittest.mock", "mock", "_pytest.python_api", "numpy.ma", "numpy.ma.core"})
#: Values of these classes are what they are.
_PLAIN = frozenset(
    {int, float, bool, str, bytes, complex, type(None), numpy.float64, numpy.int64, numpy.bool_}
)
#: How many elements of a container are looked at, and how deep.
_ELEMENTS, _DEPTH = 2000, 2


class _Hidden:
    """The names of a check that the student's code shall not find in the notebook.

    As in stock they are there afterwards: for the cells below, and for functions of the check
    that are called later.

    Parameters
    ----------
    space, builtin : dict
        The notebook's namespace and Python's.
    names : list of str
        Bound by the check.
    """

    __slots__ = ("_builtin", "_kept", "_names", "_space")

    def __init__(self, space: dict[str, object], builtin: dict[str, object], names: list[str]):
        self._space, self._builtin, self._names = space, builtin, names
        self._kept: dict[str, object] = {}

    def take(self) -> None:
        """Take what has been bound out of the notebook."""
        space = self._space
        for name in self._names:
            if name in space:
                self._kept[name] = space.pop(name)

    def give(self) -> None:
        """Put everything into the notebook."""
        self._space.update(self._kept)
        self._kept.clear()

    def __matmul__(self, name: str) -> object:
        for names in (self._kept, self._space, self._builtin):
            if name in names:
                return names[name]
        raise NameError(f"name {name!r} is not defined")


class _Told:
    """Tells somebody of each value that passes."""

    __slots__ = ("_tell",)

    def __init__(self, tell: Callable[[object], None]):
        self._tell = tell

    def __matmul__(self, value: object) -> object:
        self._tell(value)
        return value


class _Check:
    """A check that is being run.

    Parameters
    ----------
    nonce : str
        Of its question.
    own : set of str
        Names that it changes itself in modules.
    before : dict
        Digests of the state before it.
    quick : Quick
        What it reads.
    """

    def __init__(self, nonce: str, own: set[str], before: dict[str, str], quick: Quick):
        self.nonce, self.own, self.before, self.quick = nonce, own, before, quick
        self.codes: list[CodeType] = []
        #: How many parts its code has, and how many were run to their ends.
        self.steps = -1
        self.done = 0
        #: The value that it ends with, as text.
        self.mark = ""
        #: Its own names, and what its values pass.
        self.hidden: _Hidden | None = None
        self.passing: _Pass | None = None

    def step(self) -> None:
        """Take note that a part was run to its end."""
        self.done += 1


class Guard:
    """Made before a line of the student's has run.

    Parameters
    ----------
    shell : InteractiveShell
        Runs the cells.
    number : int
        Of the file on which notices and reports go to the grader.
    key : bytes
        Seals the reports.
    tools : iterable of str
        Dotted names of what the checks use.
    """

    def __init__(self, shell: Any, number: int, key: bytes, tools: Iterable[str]):
        self._shell, self._number, self._key = shell, number, key
        self._space: dict[str, object] = shell.user_ns
        self._cells: dict[str, int] = shell.compile._filename_map
        self._sources = linecache.cache
        self._transform = inputtransformer2.TransformerManager().transform_cell
        #: Names that the instructors' own cells have bound, with their values.
        self._adopted: dict[str, object] = {}
        self._told: set[bytes] = set()
        self._count = 0
        self._accepted: list[str] = []
        #: The check that is being run.
        self._check: _Check | None = None
        self._traits: dict[str, object] = shell._trait_values
        self._builtin: dict[str, object] = vars(sys.modules["builtins"])
        #: Names that were put among the builtins, and what the shell shows values with.
        self._put: list[str] = []
        self._display = shell.displayhook
        self._hook = sys.displayhook
        #: Name and text that the check is compiled under.
        self._file = (_CELL, "")
        self._judging = {*numpy.testing.__all__, *_JUDGING}
        self._origin = origin = Origin(_folders(), self._cells)
        self._reach = Reach(self._builtin, self._space)
        self._tools: dict[str, tuple[list[tuple[int, str]], object]] = {}
        self._reach.keep_module(sys.modules["builtins"])
        own = self._reach.holders[id(self._builtin)]
        self._always = [(own.number, name) for name in own.bound]
        for tool in tools:
            self._take_tool(tool)
        for kind in _kinds_of_values():
            self._reach.keep(kind)
        # It makes Python of magics.
        self._reach.keep_module(inputtransformer2)
        # What hands the parts of a check out, and answers the grader.
        for name in [name for name in sys.modules if name.startswith(_OWN)]:
            self._reach.keep_module(sys.modules[name])
        self._threads = threads()
        self._numbers = _number_kinds()
        self._kinds = _Kinds(origin, lambda kind: self._tell("kind", kind, ""))
        self._state = State(self._reach, shell, origin)
        self._watch = Watch(origin, self._tell)
        self._watch.kept.update(self._reach.functions)
        self._watch.install()
        self._report("baseline", [], self._state.compare()[1])

    def _take_tool(self, tool: str) -> None:
        steps, value = _found(tool)
        places = [self._reach.bind(*step) for step in steps]
        self._tools[tool] = places, value
        self._reach.follow([value])

    def refuse(self) -> None:
        """Tell that the student's code has asked the guard for something."""
        self._tell("asked", "", "")

    # -- telling ------------------------------------------------------------------
    def _tell(self, kind: str, what: str, place: str) -> None:
        """Send a notice at once; the same one once, and a limited number."""
        line = "\t".join(["notice", kind, what[:300], place[:200]])
        message = line.encode("utf-8", "backslashreplace")
        if message in self._told or self._count >= _NOTICES:
            return
        self._told.add(message)
        self._count += 1
        self._send(message)

    def _send(self, message: bytes) -> None:
        try:
            write(self._number, message)
        except OSError:
            # Somebody has closed the line; the grader misses what is counted in the report.
            return

    def _report(self, kind: str, lines: list[str], *states: Mapping[str, str]) -> None:
        written = ["\x1f".join(f"{k}={v}" for k, v in state.items()) for state in states]
        body = "\n".join([kind, str(self._count), *lines, *written]).encode(
            "utf-8", "backslashreplace"
        )
        seal = blake2b(body, key=self._key, digest_size=32).hexdigest().encode()
        self._send(b"\n".join([b"report", seal, body]))

    # -- what the instructors' own files and cells define --------------------------
    def take_modules(self, modules: Iterable[str]) -> None:
        """Import the instructors' own modules from beside the notebook, and take note of them.

        Parameters
        ----------
        modules : iterable of str
            Their names.
        """
        for name in modules:
            try:
                module = importlib.import_module(name)
            except Exception:  # noqa: BLE001  (what it raises, the check will meet itself)
                continue
            self._origin.given.add(str(module.__file__))
            for inner, value in tuple(vars(module).items()):
                if self._matters(value) and type(value) is not ModuleType:
                    self._reach.bind(name, module, inner)
            self._reach.follow(())
            for tool in [tool for tool in self._tools if tool.partition(".")[0] == name]:
                self._take_tool(tool)
            self._state.extend()
            self._watch.kept.update(self._reach.functions)
            self._report("baseline", [], self._state.compare()[1])

    def adopt(self, names: Iterable[str]) -> None:
        """Take note of functions that a locked cell has defined; checks may rely on them.

        Parameters
        ----------
        names : iterable of str
            That its text binds.
        """
        self._compare("")
        for name in names:
            value = self._space.get(name)
            if self._matters(value):
                self._origin.given.update(self._files_of(name, value))
                self._reach.adopted.add(name)
                self._adopted[name] = value
                self._reach.bind("the notebook", self._space, name)
        self._reach.follow(())
        self._state.extend()
        self._watch.kept.update(self._reach.functions)
        self._report("baseline", [], self._state.compare()[1])

    def _files_of(self, name: str, value: object) -> set[str]:
        """Return the cell in which a function or class was defined under its own name."""
        parts = names_of(value).values() if issubclass(type(value), type) else [value]
        codes = [one.__code__ for one in parts if type(one) is FunctionType]
        return {
            code.co_filename
            for code in codes
            if code.co_filename in self._cells and code.co_qualname.partition(".")[0] == name
        }

    # -- a check --------------------------------------------------------------------
    def begin(self, text: str, number: int, about: Mapping[str, Any]) -> int | None:
        """Begin with a check.

        Parameters
        ----------
        text : str
            Of the check.
        number : int
            The cell's, shown in tracebacks.
        about : mapping
            ``nonce`` of the question; ``tools``, dotted names of what the check uses;
            ``names`` that it reads and does not bind; ``roots``, those of the names that
            stand for a tool, with the tools; ``own``, names that it changes itself in modules;
            ``bound``, names that it binds, and ``kept``, those whose values it only compares;
            ``hidden``, names that it binds and that shall not stand in the notebook meanwhile.

        Returns
        -------
        int or None
            How many parts its code has, negative where one of them awaits something; None
            where it is no Python, which has been shown and reported.
        """
        if self._check is not None:
            raise RuntimeError("a check is being run already")
        names, own = about["names"], set(about["own"])
        # By way of the trait, the student's code could be told of it.
        self._traits["execution_count"] = number
        before = self._compare("before", own)
        self._kinds.used = _agreeable_in(about["tools"])
        self._look_at_names(names, about["roots"])
        quick = self._quick(about["tools"], names, own)
        self._check = check = _Check(about["nonce"], own, before, quick)
        try:
            check.codes = self._codes(text, number, check, about)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.failed(error)
            return None
        check.steps = len(check.codes)
        self._watch.checking = True
        self._put_names()
        quick.begin()
        waits = any(code.co_flags & _COROUTINE for code in check.codes)
        return -check.steps if waits else check.steps

    def next(self) -> CodeType:
        """Return the next part of the check's code, in place of which nothing else counts."""
        if self._check is None:
            raise RuntimeError("no check is being run")
        return self._check.codes.pop(0)

    def ended(self) -> bool:
        """Report on a check whose parts have been run; tell whether all of them were."""
        check = self._settled()
        self._keep_lines()
        return check.done == check.steps

    def failed(self, error: BaseException) -> None:
        """Report on a check that has ended in an error, and show it.

        Parameters
        ----------
        error : BaseException
            Of the check, or of making its code.
        """
        self._settled()
        self._keep_lines()
        if not isinstance(error, KeyboardInterrupt):
            self._show(error)

    def _settled(self) -> _Check:
        check = self._check
        if check is None:
            raise RuntimeError("no check is being run")
        self._check = None
        if check.hidden is not None:
            check.hidden.give()
        if check.passing is not None:
            check.passing.end()
        if self._watch.checking:
            check.quick.end()
            self._take_names()
        self._watch.checking = False
        if not check.own:
            for label in check.quick.put_back:
                self._tell("put back", label, "")
        after = self._compare("after", check.own)
        ended = "1" if 0 < check.done == check.steps or not check.steps else "0"
        lines = [check.nonce, ended, check.mark]
        self._report("check", lines, check.before, after, dict.fromkeys(self._accepted, ""))
        self._accepted = []
        return check

    def _put_names(self) -> None:
        """Bind what the shell has there for cells, and let it show their values."""
        builtin = self._builtin
        for name in ("exit", "quit", "get_ipython"):
            if name not in builtin and name in self._space:
                builtin[name] = self._space[name]
                self._put.append(name)
        self._hook, sys.displayhook = sys.displayhook, self._display

    def _take_names(self) -> None:
        while self._put:
            self._builtin.pop(self._put.pop(), None)
        sys.displayhook = self._hook

    def _look_at_names(self, names: Iterable[str], roots: Mapping[str, Iterable[str]]) -> None:
        """See that the names a check judges with stand for what they are taken for."""
        for name in names:
            if name not in self._space:
                continue
            value = self._space[name]
            self._kinds.meet(value)
            builtin = self._reach.builtin.get(name)
            if name in roots:
                right = [self._tools[tool][1] for tool in roots[name] if tool in self._tools]
                if any(one is not None for one in right) and not any(one is value for one in right):
                    self._tell("tool", name, "before")
            elif builtin is not None or name in self._judging:
                if value is not builtin and self._is_another(name, value):
                    self._tell("tool", name, "before")
        for name in self._helpers(names):
            if self._space.get(name) is not self._adopted[name]:
                self._tell("tool", name, "before")

    def _helpers(self, wanted: Iterable[str]) -> list[str]:
        """Return the instructors' own functions that some names use, with the names' own."""
        roots = [name for name in wanted if name in self._adopted]
        places = self._reach.near([self._adopted[name] for name in roots], _PLACES)
        inner = [name for number, name in places if number == id(self._space)]
        return [*roots, *(name for name in inner if name in self._adopted)]

    def _is_another(self, name: str, value: object) -> bool:
        """Tell whether something that is called has been given the name of a tool."""
        if type(value) in (BuiltinFunctionType, type):
            return bool(value.__name__ != name)  # type: ignore[attr-defined]
        return callable(value) and self._origin.is_students(value)

    def _compare(self, when: str, own: set[str] | None = None) -> dict[str, str]:
        """Compare the whole state, tell what is other than it was, and return the digests."""
        if when == "after" and own:
            self._accepted = self._state.accept(own)
        changed, digests = self._state.compare()
        for name in changed:
            self._tell("changed", name, when)
        if when and threads() > self._threads:
            self._tell("thread", str(threads() - self._threads), when)
        return digests

    def _quick(self, tools: Iterable[str], names: Iterable[str], own: set[str]) -> Quick:
        reach, roots = self._reach, []
        places: list[tuple[int, str]] = []
        for tool in tools:
            bound, value = self._tools.get(tool, ([], None))
            places += bound
            roots.append(value)
        roots += [self._adopted[name] for name in names if name in self._adopted]
        places += reach.near(roots, _PLACES)
        places += self._always
        notebook = id(self._space)
        kept = [place for place in places if place[0] != notebook]
        return Quick(reach.holders, kept, own)

    def _codes(
        self, text: str, number: int, check: _Check, about: Mapping[str, Any]
    ) -> list[CodeType]:
        """Make the code of a check."""
        compiler = self._shell.compile
        source = text if text.endswith("\n") else text + "\n"
        tree = self._parsed(source)
        if tree is None:
            source = self._transform(text)
        # The name that the shell would give it.
        digest = sha1(source.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        file = f"<ipython-input-{number}-{digest[:12]}>"
        self._cells[file] = number
        # What the check defines is not the student's.
        self._origin.given.add(file)
        self._file = file, source
        if tree is None:
            tree = compile(source, file, "exec", _ONLY_TREE | compiler.flags | _AWAIT, True)
        if any(word in text for word in _WANTS_SOURCE):
            self._keep_lines()
        seal = self._key[:8].hex()
        signs = {kind: f"<{seal} {kind}>" for kind in ("pass", "last", "bound", "step", "hide")}
        shown = bool(tree.body) and type(tree.body[-1]).__name__ == "Expr"
        tree = rewritten(tree, signs["pass"], signs["bound"], signs["hide"], about["hidden"])
        if shown:
            shown_last: Any = tree.body[-1]
            shown_last.value = marked(shown_last.value, signs["last"])
        had = compiler.flags
        found, flags = parts(tree, file, had | _AWAIT, shown, signs["step"])
        compiler.flags = had | (flags & ~_AWAIT)
        watched = [n for n in about["names"] if self._matters(self._space.get(n))]
        watched.append("__builtins__")
        names = _Names(self._space, watched, about["bound"], about["kept"])
        check.hidden = hidden = _Hidden(self._space, self._builtin, about["hidden"])
        quick = check.quick

        def bound(value: object) -> None:
            hidden.take()
            names.take()

        check.passing = passing = _Pass(quick, names, lambda: self._look(quick, names), self._kinds)
        objects: dict[str, object] = {
            signs["pass"]: passing,
            signs["last"]: _Told(lambda value: self._keep(check, value)),
            signs["bound"]: _Told(bound),
            signs["hide"]: hidden,
            signs["step"]: _Told(lambda value: check.step()),
        }
        return [placed(code, objects) for code in found]

    def _parsed(self, source: str) -> Any:
        """Return the tree of what is Python as it stands; None for what has magics."""
        if source[:1].isspace() or source.startswith("In ["):
            return None
        flags = _ONLY_TREE | self._shell.compile.flags | _AWAIT
        try:
            return compile(source, _CELL, "exec", flags, True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def _matters(self, value: object) -> bool:
        return type(value) in _CALLABLE or issubclass(type(value), type)

    def _look(self, quick: Quick, names: _Names) -> None:
        """Tell what has changed while the check called."""
        for name in quick.look():
            self._tell("changed", name, "during")
        for name in names.changed():
            self._tell("name", name, "during")

    def _keep(self, check: _Check, value: object) -> None:
        """Keep a mark as text; what is no plain number gives its class."""
        check.step()
        kind = type(value)
        if kind in (int, float, bool):
            check.mark = repr(value)
        elif kind in self._numbers:
            check.mark = repr(self._numbers[kind](value))
        elif value is not None:
            check.mark = f"of {kind.__module__}.{kind.__qualname__}"[:200].replace("\n", " ")

    def _keep_lines(self) -> None:
        """Let tracebacks find the lines; while the check runs, nobody shall read them there."""
        file, source = self._file
        lines = [f"{line}\n" for line in source.splitlines()]
        self._sources[file] = (len(source), None, lines, file)

    def _show(self, error: BaseException) -> None:
        trace: TracebackType | None = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename not in self._cells:
            trace = trace.tb_next
        shown = (type(error), error, trace or error.__traceback__)
        self._shell.showtraceback(shown, tb_offset=0, exception_only=isinstance(error, SystemExit))


def guarding(
    shell: Any, number: int, key: bytes, tools: Iterable[str], callers: frozenset[CodeType]
) -> Generator[object, tuple[str, tuple[Any, ...]], None]:
    """Make a guard and do with it what is asked.

    The guard lies in the frame of this generator. Whatever the student's code finds of the
    frames above it, such as a handler of signals is given, holds no more than a way to ask; and
    to reach into a generator's frame is an act that the guard hears of.

    Parameters
    ----------
    shell, number, key, tools
        As for `Guard`.
    callers : frozenset of CodeType
        Functions that may ask.

    Yields
    ------
    object
        What the guard's method has returned, or the exception that it has raised.
    """
    guard = Guard(shell, number, key, tools)
    answer: object = None
    while True:
        method, arguments = yield answer
        caller = _getframe(1)
        if caller.f_code not in callers:
            guard.refuse()
            answer = None
            continue
        try:
            answer = getattr(guard, method)(*arguments)
        except BaseException as error:  # noqa: BLE001  (the one who has asked raises it)
            answer = error
        del arguments


def _folders() -> tuple[str, ...]:
    """Return where libraries lie; the folder of the notebook is not among them yet."""
    found = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__), "/usr"]
    found += [path for path in sys.path if path.startswith("/")]
    found += [os.path.realpath(path) for path in found]
    return tuple(dict.fromkeys(path for path in found if path != "/"))


def _found(dotted: str) -> tuple[list[tuple[str, object, str]], object]:
    """Return where a dotted name is bound, step by step, and what it is."""
    names = dotted.split(".")
    module: Any = None
    for at in range(len(names), 0, -1):
        try:
            module = importlib.import_module(".".join(names[:at]))
        except Exception:  # noqa: BLE001  (what a module raises, the check will meet itself)
            continue
        break
    if module is None:
        return [], None
    places: list[tuple[str, object, str]] = []
    value = sys.modules[names[0]]
    for at, name in enumerate(names[1:], start=1):
        space = getattr(value, "__dict__", {})
        if name not in space:
            return places, None
        if type(value) is ModuleType or issubclass(type(value), type):
            places.append((".".join(names[:at]), value, name))
        value = space[name]
    return places, value


def _kinds_of_values() -> list[type]:
    """Return classes whose objects checks compare, and whose methods nobody shall exchange."""
    found: list[Any] = [Fraction]
    torch, pandas = sys.modules.get("torch"), sys.modules.get("pandas")
    if torch is not None:
        found.append(torch.Tensor)
    if pandas is not None:
        found += [pandas.DataFrame, pandas.Series, pandas.Index]
    return found


def _agreeable_in(tools: Iterable[str]) -> frozenset[str]:
    """Return the agreeable libraries among what a check uses."""
    used = set()
    for tool in tools:
        if tool.startswith(("unittest.mock", "mock")):
            used |= {"unittest.mock", "mock"}
        elif tool.startswith("pytest"):
            used.add("_pytest.python_api")
        elif tool.startswith("numpy.ma"):
            used |= {"numpy.ma", "numpy.ma.core"}
    return frozenset(used)


def _number_kinds() -> dict[type, Callable[[Any], object]]:
    """Return the libraries' own kinds of numbers, and how each becomes a plain one."""
    kinds: dict[type, Callable[[Any], object]] = {
        kind: kind.item for kind in numpy.sctypeDict.values() if issubclass(kind, numpy.number)
    }
    kinds[numpy.bool_] = numpy.bool_.item
    torch = sys.modules.get("torch")
    if torch is not None:
        kinds[torch.Tensor] = torch._C.TensorBase.item
    return kinds
