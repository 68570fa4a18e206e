"""What judging needs, as it was before a line of the student's ran, and what has changed since.

Two things are compared that a name can be bound to and a function can be made of: identities.
What lies outside is data, which checks and students change as they please.
"""

from __future__ import annotations

import gc
import sys
from _signal import getitimer, getsignal
from _thread import _count
from collections.abc import Callable, Iterable, Mapping
from ctypes import Array, c_char, c_uint64, c_void_p, sizeof
from hashlib import blake2b
from operator import attrgetter, is_, itemgetter
from signal import Signals
from types import FunctionType

from .origin import Origin, names_of
from .reach import Holder, Reach, namespace

#: How a version of a namespace is read, from what lies so many bytes behind its beginning.
_VERSION = 24
_value_of = attrgetter("value")


class Group:
    """Some values that must stay the same objects.

    Parameters
    ----------
    label : str
        What they are, for people and as the name of the digest.
    names : list of str
        One for each value.
    read : callable
        Returns the values as they are now; raises KeyError where one is missing.
    """

    def __init__(self, label: str, names: list[str], read: Callable[[], tuple[object, ...]]):
        self.label = label
        self.names = names
        self.read = read
        self.then = read()
        self._block = _block_of(self.then)

    def changed(self, now: tuple[object, ...]) -> list[int]:
        """Return the indices of the values that are other objects now."""
        if len(now) == len(self.then) and all(map(is_, now, self.then)):
            return []
        pairs = zip(now, self.then, strict=False)
        found = [at for at, (one, other) in enumerate(pairs) if one is not other]
        return found or [min(len(now), len(self.then), len(self.names)) - 1]

    def digest(self, now: tuple[object, ...]) -> str:
        """Return a number for which objects the values are."""
        # A kind of block for each number of values: to make one takes longer than to read it.
        kind = self._block if len(now) == len(self.then) else _block_of(now)
        block = kind.from_address(id(now) + _BEHIND).raw
        return blake2b(block, digest_size=8).hexdigest()


def _block_of(values: tuple[object, ...]) -> type[Array[c_char]]:
    """Return the kind of memory that holds the addresses of a tuple's values."""
    return c_char * (sizeof(c_void_p) * len(values))


#: Where in a tuple the addresses of its values begin.
_BEHIND = tuple.__basicsize__


class _Gone:
    """Stands where a name is no longer bound."""


_GONE = _Gone()


def reader(names: Mapping[str, object], wanted: Iterable[str]) -> Callable[[], tuple[object, ...]]:
    """Return a function that reads several names of a namespace at once.

    Parameters
    ----------
    names : mapping
        The namespace.
    wanted : iterable of str
        The names.
    """
    keys = tuple(wanted)
    # One name alone would come without its tuple.
    several = itemgetter(*keys, keys[0])

    def read() -> tuple[object, ...]:
        try:
            found: tuple[object, ...] = several(names)
        except KeyError:
            return tuple([names.get(key, _GONE) for key in (*keys, keys[0])])
        return found

    return read


_parts = attrgetter("__code__", "__defaults__", "__kwdefaults__")


def _parts_of(functions: tuple[FunctionType, ...]) -> tuple[object, ...]:
    """Return what functions are made of: code, and defaults with their values."""
    found: list[object] = []
    for function in functions:
        code, defaults, keywords = _parts(function)
        found += (code, defaults, keywords)
        if keywords:
            found += keywords.values()
    return tuple(found)


def _names_of_parts(functions: tuple[FunctionType, ...]) -> list[str]:
    found: list[str] = []
    for function in functions:
        whole = f"{function.__module__}.{function.__qualname__}"
        keywords = function.__kwdefaults__ or {}
        found += (f"the code of {whole}", f"the defaults of {whole}", f"the defaults of {whole}")
        found += [f"the default {name} of {whole}" for name in keywords]
    return found


class State:
    """What is compared.

    Parameters
    ----------
    reach : Reach
        The functions that checks use.
    shell : object
        The shell that runs cells.
    origin : Origin
        Whose code is whose.
    """

    def __init__(self, reach: Reach, shell: object, origin: Origin):
        self.reach = reach
        self.shell = shell
        self.origin = origin
        self.groups: list[Group] = []
        self._functions = self._cells = 0
        self._bound: dict[int, int] = {}
        self._absent: dict[int, int] = {}
        self._add_python()
        self._add_shell()
        self.extend()

    # -- what is kept -------------------------------------------------------------
    def extend(self) -> None:
        """Take in what `reach` has found since."""
        for number, holder in self.reach.holders.items():
            if holder.names is self.reach.notebook:
                # Its names are the student's to change; a check looks at those that it reads.
                continue
            begun = self._bound.get(number, 0)
            fresh = list(holder.bound)[begun:]
            self._bound[number] = len(holder.bound)
            if fresh:
                names = [f"{holder.label}.{name}" for name in fresh]
                label = holder.label + (f" ({begun})" if begun else "")
                self.groups.append(Group(label, names, reader(holder.names, fresh)))
        functions = tuple(self.reach.functions[self._functions :])
        cells = tuple(cell for cell, _ in self.reach.cells[self._cells :])
        label = f"what functions are made of ({self._functions})"
        if functions:
            self.groups.append(
                Group(label, _names_of_parts(functions), lambda: _parts_of(functions))
            )
        if cells:
            names = ["what a function of a library closes over"] * len(cells)
            contents = attrgetter("cell_contents")
            label = f"what functions close over ({self._cells})"
            self.groups.append(Group(label, names, lambda: tuple(map(contents, cells))))
        self._functions, self._cells = len(self.reach.functions), len(self.reach.cells)

    def _add_python(self) -> None:
        modules = [name for name in sys.modules if not name.startswith("__")]
        named = [f"sys.modules[{name!r}]" for name in modules]
        self.groups.append(Group("the table of modules", named, reader(sys.modules, modules)))
        self.groups.append(Group("the hooks of Python", _HOOKS, self._hooks))

    def _add_shell(self) -> None:
        shell, names = vars(self.shell), self.reach.notebook
        hiding: list[str] = []
        for kind in type(self.shell).__mro__:
            space = vars(kind)
            kept = [name for name in space if type(space[name]) is FunctionType]
            hiding += kept
            if kept:
                named = [f"{kind.__qualname__}.{name}" for name in kept]
                label = f"the shell's class {kind.__qualname__}"
                self.groups.append(Group(label, named, reader(space, kept)))

        # What an object or a class below has itself hides what a class above has.
        spaces = [shell, *map(vars, type(self.shell).__mro__[:-1])]
        hidden = [(space, name) for space in spaces for name in hiding if name not in space]

        def hides() -> tuple[object, ...]:
            return tuple([name in space for space, name in hidden])

        named = [f"the shell's {name}" for _, name in hidden]
        self.groups.append(Group("the shell", named, hides))
        self.groups.append(Group("the shell's hooks", _SHELL_HOOKS, self._shell_hooks))
        special = ["__builtins__", "get_ipython", "__name__"]
        kept = [name for name in special if name in names]
        if kept:
            named = [f"the name {name}" for name in kept]
            self.groups.append(Group("the notebook's own names", named, reader(names, kept)))

    def _hooks(self) -> tuple[object, ...]:
        # As many as there are words for them in _HOOKS; what libraries add is left out.
        signals = tuple([getsignal(number) for number in _SIGNALS])
        foreign = [
            self._first_foreign(found) for found in (sys.meta_path, sys.path_hooks, gc.callbacks)
        ]
        timers = any(getitimer(number)[0] for number in range(3))
        return (
            sys.excepthook,
            sys.unraisablehook,
            sys.gettrace(),
            sys.getprofile(),
            *foreign,
            _threads().get("_trace_hook"),
            _threads().get("_profile_hook"),
            timers,
            *signals,
        )

    def _shell_hooks(self) -> tuple[object, ...]:
        shell = vars(self.shell)
        values = shell.get("_trait_values", {})
        manager = values.get("input_transformer_manager") or shell.get("input_transformer_manager")
        lists: list[object] = [
            values.get("ast_transformers", ()),
            *[
                vars(manager).get(name, ()) if manager is not None else ()
                for name in ("cleanup_transforms", "line_transforms", "token_transformers")
            ],
            values.get("input_transformers_post", ()),
            values.get("input_transformers_cleanup", ()),
            *[
                vars(shell["events"]).get("callbacks", {}).get(name, ())
                for name in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell")
            ],
        ]
        foreign = [self._first_foreign(found) for found in lists]
        return (*foreign, shell.get("custom_exceptions"), shell.get("user_ns"))

    def _first_foreign(self, found: object) -> object:
        """Return the first of some functions that is the student's; None where there is none."""
        for value in tuple(found) if type(found) in (list, tuple) else (found,):  # type: ignore[arg-type]
            if value is not None and self.origin.is_students(value):
                return value
        return None

    # -- comparing -------------------------------------------------------------------
    def compare(self) -> tuple[list[str], dict[str, str]]:
        """Compare with what was.

        Returns
        -------
        changed : list of str
            In words, what is other than it was.
        digests : dict
            Label of a group to a number for its state.
        """
        found: list[str] = []
        digests: dict[str, str] = {}
        for group in self.groups:
            now = group.read()
            found += [group.names[min(at, len(group.names) - 1)] for at in group.changed(now)]
            digests[group.label] = group.digest(now)
        for holder in self.reach.holders.values():
            found += [f"{holder.label}.{name}" for name in holder.added()]
        return list(dict.fromkeys(found)), digests

    def accept(self, names: set[str]) -> list[str]:
        """Take what a check has changed itself as it is now; return the groups' labels.

        Parameters
        ----------
        names : set of str
            The last parts of the names that the check changes.
        """
        found = []
        for group in self.groups:
            now = group.read()
            at = group.changed(now)
            if at and all(_last(group.names[min(n, len(group.names) - 1)]) in names for n in at):
                group.then = now
                found.append(group.label)
        return found


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _threads() -> dict[str, object]:
    return vars(sys.modules["threading"])


def threads() -> int:
    """Return how many threads run that no library has for its own ends.

    A library's has a class of its own, such as what redraws progress bars; the student's code
    may start one by itself, or let a pool do so.
    """
    count: int = _count()
    known = _threads().get("_active")
    for thread in tuple(known.values()) if type(known) is dict else ():
        kind = type(thread)
        root = str(names_of(kind).get("__module__", "")).partition(".")[0]
        if root not in ("threading", "concurrent", "__main__") and "run" not in vars(thread):
            count -= 1
    return count


_SIGNALS = [
    getattr(Signals, name)
    for name in ("SIGINT", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2")
]
_HOOKS = [
    "sys.excepthook",
    "sys.unraisablehook",
    "the trace function",
    "the profile function",
    "sys.meta_path",
    "sys.path_hooks",
    "gc.callbacks",
    "threading.settrace",
    "threading.setprofile",
    "a timer",
    *(f"the handler of {number.name}" for number in _SIGNALS),
]
_SHELL_HOOKS = [
    "the shell's ast_transformers",
    *["the shell's input transformers"] * 5,
    *["the shell's events"] * 4,
    "the shell's set_custom_exc",
    "the shell's user_ns",
]


def versions_of(spaces: Iterable[Mapping[str, object]]) -> Callable[[], list[int]] | None:
    """Return a function that reads the versions of several namespaces; None where Python has none.

    Up to 3.12 a dict has a number that changes with each change of it.

    Parameters
    ----------
    spaces : iterable of mapping
        Modules' and classes' namespaces.
    """
    if sys.implementation.name != "cpython" or sys.version_info >= (3, 13) or sizeof(c_void_p) != 8:
        return None
    numbers = [c_uint64.from_address(id(namespace(space)) + _VERSION) for space in spaces]
    return lambda: list(map(_value_of, numbers))


class Quick:
    """The comparison that is made often: of what one check reads.

    Parameters
    ----------
    holders : dict
        As `Reach` has them.
    places : iterable of tuple
        Number of a holder and name: what is compared.
    but : set of str
        Names that the check itself changes.
    """

    def __init__(
        self,
        holders: Mapping[int, Holder],
        places: Iterable[tuple[int, str]],
        but: set[str],
    ):
        by_holder: dict[int, list[str]] = {}
        for number, name in places:
            if name not in but and name in holders[number].bound:
                by_holder.setdefault(number, []).append(name)
        self._plan = []
        for number, names in by_holder.items():
            holder = holders[number]
            names = list(dict.fromkeys(names))
            then = tuple([holder.bound[name] for name in (*names, names[0])])
            self._plan.append((holder, names, reader(holder.names, names), then))
        self._absent = [
            (holders[number], frozenset(holders[number].absent - but)) for number in by_holder
        ]
        self._versions = versions_of([holder.names for holder, *_ in self._plan])
        self._last: list[int] = []
        self._begun: list[int] = []
        self._whole: list[dict[str, object]] = []
        #: Namespaces that were changed in between, and look as they did.
        self.put_back: list[str] = []

    def begin(self) -> None:
        """Take note of how everything is when the check begins."""
        if self._versions is not None:
            self._whole = [dict(holder.names) for holder, *_ in self._plan]
            self._begun = self._last = self._versions()

    def fresh(self) -> bool:
        """Tell whether nothing at all has been bound since the last look."""
        return self._versions is not None and self._versions() == self._last

    def look(self) -> list[str]:
        """Return, in words, what is other than it was before the student's code ran."""
        if self._versions is not None:
            self._last = self._versions()
        found = []
        for holder, names, read, then in self._plan:
            now = read()
            if not all(map(is_, now, then)):
                found += [
                    f"{holder.label}.{name}"
                    for name, one, other in zip(names, now, then, strict=False)
                    if one is not other
                ]
        for holder, absent in self._absent:
            if not holder.names.keys().isdisjoint(absent):
                found += [f"{holder.label}.{name}" for name in absent if name in holder.names]
        return found

    def end(self) -> None:
        """See whether something was changed and put back since."""
        if self._versions is None:
            return
        rows = zip(self._versions(), self._begun, self._plan, self._whole, strict=True)
        for now, begun, (holder, *_), whole in rows:
            if now == begun or _is_restless(holder.label):
                continue
            names = holder.names
            # A value that is shown outside of IPython is bound to this name of the builtins.
            if "_" in names:
                continue
            if names.keys() == whole.keys() and all(map(is_, names.values(), whole.values())):
                self.put_back.append(holder.label)


def _is_restless(label: str) -> bool:
    """Tell whether a module sets and resets things of its own, as ``sys`` does with stdout."""
    root = label.partition(".")[0]
    return root in sys.stdlib_module_names and root not in _QUIET


#: Of Python's own library, what only defines.
_QUIET = frozenset({"builtins", "unittest", "math", "cmath", "statistics", "operator", "numbers"})
