"""Loading the guard into namespaces that no name leads to.

A module that is imported can be found and changed by everybody: its functions look their
names up in it, and in `builtins`, whenever they run. So the guard's modules are run once
more, in namespaces of their own, with a copy of the builtins, and are put into no table.
"""

from __future__ import annotations

import builtins
import importlib.util
from collections.abc import Mapping, Sequence
from functools import cache
from types import CodeType, ModuleType

#: The modules, each after those that it imports.
MODULES = ("origin", "reach", "state", "actors", "passing", "inside")


@cache
def compiled() -> dict[str, CodeType]:
    """Return the code of the guard's modules; code objects cannot be changed.

    Raises
    ------
    ImportError
        When a module's source is not there.
    """
    found: dict[str, CodeType] = {}
    for name in MODULES:
        spec = importlib.util.find_spec(f"{__package__}.{name}")
        code = spec.loader.get_code(spec.name) if spec and spec.loader else None  # type: ignore[attr-defined]
        if code is None:
            raise ImportError(f"the guard's module {name} has no code")
        found[name] = code
    return found


def load(codes: Mapping[str, CodeType]) -> ModuleType:
    """Run the modules in namespaces of their own; return the last of them.

    Parameters
    ----------
    codes : mapping
        As `compiled` returns them.
    """
    loaded: dict[str, ModuleType] = {}
    own = dict(vars(builtins))

    def bring(
        name: str,
        space: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if level:
            return loaded[name]
        return builtins.__import__(name, space, local, wanted or (), level)

    own["__import__"] = bring
    module = ModuleType("")
    for name in MODULES:
        module = loaded[name] = ModuleType(name)
        vars(module).update(__builtins__=own, __package__=__package__)
        exec(codes[name], vars(module))
    del own["__import__"]
    return module
