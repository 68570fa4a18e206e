"""Which functions a function uses, down to their helpers, and where each of them is bound.

A function finds another by a name: in its module, in a module that is named there, in a cell
of its closure. Whoever wants to change what a check sees can exchange any of these on the
way, and leave the name alone that the check itself uses.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from gc import get_referents
from types import CellType, CodeType, FunctionType, MappingProxyType, MethodType, ModuleType

#: How many functions are followed. What is nearest to the checks comes first.
MOST = 3000


class Holder:
    """A module or a class, and the names in it that matter.

    Attributes
    ----------
    label : str
        Its name, for people.
    names : mapping
        Its namespace.
    bound : dict
        Name to what it was bound to.
    absent : set of str
        Names that are Python's own as long as they are not bound here.
    """

    def __init__(self, label: str, names: Mapping[str, object], number: int):
        self.label = label
        self.names = names
        #: Its key in `Reach.holders`: a class gives a new view of its names each time.
        self.number = number
        self.bound: dict[str, object] = {}
        self.absent: set[str] = set()
        #: All names of a class: one more would hide what a class below it has.
        self.all = frozenset(names) if type(names) is MappingProxyType else None

    def added(self) -> list[str]:
        """Return what is bound here now and hides something else."""
        found = []
        if not self.names.keys().isdisjoint(self.absent):
            found = [name for name in self.absent if name in self.names]
        if self.all is not None and self.names.keys() != self.all:
            fresh = self.names.keys() - self.all
            found += [name for name in fresh if callable(self.names[name])]
        return found


class Reach:
    """All that was found.

    Attributes
    ----------
    holders : dict
        Number of a namespace to its `Holder`.
    functions : list of function
        Each once.
    cells : list of tuple
        Cells of closures, each with what is in it.
    uses : dict
        Number of a function or class to the places (holder's number, name) that it uses.
    notebook : mapping
        The notebook's own namespace, of which only `adopted` names count: the others are
        the student's to change.
    adopted : set of str
        Names of the notebook that the instructors' cells have bound.
    """

    def __init__(self, builtin: Mapping[str, object], notebook: Mapping[str, object]):
        self.builtin = builtin
        self.notebook = notebook
        self.adopted: set[str] = set()
        self.holders: dict[int, Holder] = {}
        self.functions: list[FunctionType] = []
        self.cells: list[tuple[CellType, object]] = []
        self.uses: dict[int, list[tuple[int, str]]] = {}
        self._waiting: list[object] = []
        self._known: dict[int, object] = {}
        #: Kept, so that no number is given twice.
        self._kept: list[object] = []

    def follow(self, roots: Iterable[object]) -> None:
        """Go through everything that the roots use.

        Parameters
        ----------
        roots : iterable
            Functions, classes and methods; other objects are passed over.
        """
        waiting = self._waiting
        waiting.extend(roots)
        at = 0
        while at < len(waiting) and len(self.functions) < MOST:
            self._visit(waiting[at])
            at += 1
        waiting.clear()

    def bind(self, label: str, owner: object, name: str) -> tuple[int, str]:
        """Take note of a name, which `follow` will go on from; return the place.

        Parameters
        ----------
        label : str
            Of the module or class, for people.
        owner : object
            The module, the class or the notebook's namespace.
        name : str
            Bound there.
        """
        names: Mapping[str, object] = owner if type(owner) is dict else vars(owner)
        number = id(owner) if type(names) is MappingProxyType else id(names)
        holder = self._holder(label, names, number)
        if type(names.get(name)) in _CONSTANTS:
            # What a check computes with, such as pi.
            holder.bound.setdefault(name, names[name])
        else:
            self._place(holder, name, None)
        return holder.number, name

    def keep(self, kind: type) -> None:
        """Take note of what a class has, and go no further.

        Parameters
        ----------
        kind : type
            The class.
        """
        for base in kind.__mro__:
            if base.__flags__ & _HEAP:
                space = vars(base)
                label = f"{base.__module__}.{base.__qualname__}"
                holder = self._holder(label, space, id(base))
                for name, value in space.items():
                    if callable(value) or _wraps(value):
                        holder.bound.setdefault(name, value)

    def keep_module(self, module: ModuleType) -> None:
        """Take note of what a module has, its classes included, and go no further.

        Parameters
        ----------
        module : module
            The module.
        """
        space = vars(module)
        holder = self._holder(module.__name__, space)
        for name, value in space.items():
            if callable(value) or type(value) is ModuleType:
                holder.bound.setdefault(name, value)
            if isinstance(value, type):
                self.keep(value)
        # A name of its own would hide Python's.
        holder.absent |= {name for name in self.builtin if name[0] != "_" and name not in space}

    def near(self, roots: Iterable[object], most: int) -> list[tuple[int, str]]:
        """Return the places that some roots use, the nearest first.

        Parameters
        ----------
        roots : iterable
            As for `follow`, which has seen them.
        most : int
            How many places at the most.
        """
        found: dict[tuple[int, str], None] = {}
        seen: set[int] = set()
        waiting = [id(_plain(root)) for root in roots]
        for number in waiting:
            if number in seen:
                continue
            seen.add(number)
            for place in self.uses.get(number, ()):
                found[place] = None
                waiting.append(id(_plain(self.holders[place[0]].bound.get(place[1]))))
            if len(found) >= most:
                break
        return list(found)

    def _visit(self, value: object) -> None:
        value = _plain(value)
        if id(value) in self._known:
            return
        if type(value) is FunctionType:
            self._known[id(value)] = value
            self._function(value)
        elif issubclass(type(value), type) and value.__flags__ & _HEAP:  # type: ignore[attr-defined]
            self._known[id(value)] = value
            self._class(value)  # type: ignore[arg-type]

    def _function(self, function: FunctionType) -> None:
        self.functions.append(function)
        uses = self.uses[id(function)] = []
        space, wanted = function.__globals__, _names(function.__code__)
        if space is self.notebook:
            wanted &= self.adopted
        home = self._holder(str(space.get("__name__", "?")), space)
        modules: list[ModuleType] = []
        for name in wanted:
            if name in space:
                self._place(home, name, uses)
                value = space[name]
                if type(value) is ModuleType:
                    modules.append(value)
            elif name in self.builtin:
                home.absent.add(name)
            elif name in sys.modules:
                # A function may import a module itself.
                modules.append(sys.modules[name])
        self._through(modules, wanted, uses)
        for cell in function.__closure__ or ():
            try:
                inner = cell.cell_contents
            except ValueError:
                continue
            self.cells.append((cell, inner))
            self._waiting.append(inner)
        self._waiting.extend(function.__defaults__ or ())

    def _through(
        self, modules: list[ModuleType], wanted: set[str], uses: list[tuple[int, str]]
    ) -> None:
        """Follow names that may be attributes of modules, and of modules in these."""
        seen: set[int] = set()
        while modules:
            module = modules.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            space = vars(module)
            holder = self._holder(str(space.get("__name__", "?")), space)
            for name in wanted:
                if name in space:
                    self._place(holder, name, uses)
                    value = space[name]
                    if type(value) is ModuleType:
                        modules.append(value)

    def _class(self, value: type) -> None:
        uses = self.uses[id(value)] = []
        for base in value.__mro__:
            if not base.__flags__ & _HEAP:
                continue
            space = vars(base)
            label = f"{base.__module__}.{base.__qualname__}"
            holder = self._holder(label, space, id(base))
            for name in space:
                if callable(space[name]) or _wraps(space[name]):
                    self._place(holder, name, uses)

    def _place(self, holder: Holder, name: str, uses: list[tuple[int, str]] | None) -> None:
        value = holder.names[name]
        if not callable(value) and type(value) is not ModuleType and not _wraps(value):
            # Data, such as settings: functions are meant to change them.
            return
        if name not in holder.bound:
            holder.bound[name] = value
            self._waiting.append(value)
            if type(_plain(value)) is property:
                self._waiting.extend((value.fget, value.fset))  # type: ignore[attr-defined]
        if uses is not None:
            uses.append((holder.number, name))

    def _holder(self, label: str, names: Mapping[str, object], number: int = 0) -> Holder:
        number = number or id(names)
        if number not in self.holders:
            self.holders[number] = Holder(label, names, number)
            self._kept.append(names)
        return self.holders[number]


_CONSTANTS = (int, float, complex, str, bytes, tuple, bool)
#: The flag of classes that can be changed.
_HEAP = 1 << 9


def namespace(names: Mapping[str, object]) -> dict[str, object]:
    """Return the dict behind a class's view of its namespace; a module's dict as it is.

    Parameters
    ----------
    names : mapping
        What `vars` gives.
    """
    if type(names) is MappingProxyType:
        names = get_referents(names)[0]
    return names  # type: ignore[return-value]


def _wraps(value: object) -> bool:
    return type(value) in (staticmethod, classmethod, property)


def _plain(value: object) -> object:
    """Take off what stands around a function."""
    kind = type(value)
    if kind is staticmethod or kind is classmethod or kind is MethodType:
        return value.__func__  # type: ignore[attr-defined]
    if kind.__name__ == "_ArrayFunctionDispatcher" and kind.__module__.startswith("numpy"):
        return value._implementation  # type: ignore[attr-defined]
    return value


def _names(code: CodeType) -> set[str]:
    """Return the names that a function uses, those of the functions in it included."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if type(constant) is CodeType:
            found |= _names(constant)
    return found
