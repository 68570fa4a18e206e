"""Seeds that a check sets: the generators of the student's process follow those of the checks'.

A library's own generator (``random``, ``numpy.random``, ``torch``) is one in a notebook, and
here each process has its own. From the first time that a check seeds one, its state is
handed over before the next question wherever a check has seeded or drawn since, so that the
student's function draws what it draws in a notebook.

Nothing is taken back: a state that the student's process makes up would decide what a check
draws next. A check that draws again after a function of the student's has drawn thus draws
something else than in a notebook.
"""

from __future__ import annotations

import ctypes
import functools
import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .errors import ChannelError

#: The functions that set a generator: the generator's name, their module, their names.
_SETTERS = (
    ("random", "random", ("seed", "setstate")),
    ("numpy", "numpy.random", ("seed", "set_state")),
    ("numpy", "numpy.random.mtrand", ("seed", "set_state")),
    ("torch", "torch", ("manual_seed", "set_rng_state")),
    ("torch", "torch.random", ("manual_seed", "set_rng_state")),
)
#: NumPy's own generator: 624 numbers of 32 bits and the place of the next.
_NUMPY_BYTES = 625 * 4
_WATCHED = "__fairmark_watched__"
#: Its types leave out some of what is there.
_numpy: Any = np.random


class Seeds:
    """Knows which generators the checks have seeded, and what the other side has of them."""

    def __init__(self) -> None:
        #: The generators that are followed, and the mark of each as the other side has it.
        self._known: dict[str, object] = {}

    def watch(self) -> None:
        """See from now on who seeds a generator of the libraries that are imported."""
        for generator, module, names in _SETTERS:
            found = sys.modules.get(module)
            if found is not None:
                for name in names:
                    self._watch(found, name, generator)

    def _watch(self, module: ModuleType, name: str, generator: str) -> None:
        function = getattr(module, name)
        if hasattr(function, _WATCHED):
            return

        @functools.wraps(function)
        def seeds(*args: object, **kwargs: object) -> object:
            # Told anew although the state may be the same: the other side may have drawn.
            self._known[generator] = None
            return function(*args, **kwargs)

        setattr(seeds, _WATCHED, True)
        setattr(module, name, seeds)

    def news(self) -> dict[str, object]:
        """Return the states that the other side does not have, and count them as known there."""
        found: dict[str, object] = {}
        for generator, known in self._known.items():
            mark = _MARKS[generator](known)
            if known is None or mark != known:
                found[generator] = _GETTERS[generator]()
                self._known[generator] = mark
        return found


def set_states(states: object) -> None:
    """Set the generators of this process to the states that `Seeds.news` has returned.

    Raises
    ------
    ChannelError
        When they are of an unknown form.
    """
    if not isinstance(states, dict) or not set(states) <= set(_SET):
        raise ChannelError("states of unknown generators")
    for generator, state in states.items():
        _SET[generator](state)


def _numpy_mark(known: object) -> object:
    """Return what tells whether NumPy's generator has moved.

    To read its memory takes a hundredth of the time of `get_state`, and every question of a
    check that has seeded asks for it. Beside it lies the second number of each pair that is
    drawn from the normal distribution; where the memory is what it was and there was none,
    there is none.
    """
    bits = _numpy.get_bit_generator()
    if type(bits) is not np.random.MT19937:
        raise NotImplementedError("a check can only seed NumPy's own kind of generator")
    memory = (ctypes.c_char * _NUMPY_BYTES).from_address(bits.ctypes.state_address)
    mark = bytes(memory), 0, 0.0
    if mark == known:
        return mark
    return (mark[0], *_numpy.get_state()[3:])


def _numpy_state() -> tuple[object, ...]:
    name, key, *rest = _numpy.get_state()
    return (name, np.asarray(key).tobytes(), *rest)


def _set_numpy(state: Any) -> None:
    name, key, *rest = state
    np.random.set_state((name, np.frombuffer(key, np.uint32), *rest))


def _torch_state() -> bytes:
    import torch

    return bytes(torch.get_rng_state().numpy().tobytes())


def _set_torch(state: Any) -> None:
    # Where the student's code has no torch, it draws nothing from it.
    if "torch" in sys.modules:
        import torch

        torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


_MARKS: dict[str, Callable[[object], object]] = {
    "random": lambda known: random.getstate(),
    "numpy": _numpy_mark,
    "torch": lambda known: _torch_state(),
}
_GETTERS: dict[str, Callable[[], object]] = {
    "random": random.getstate,
    "numpy": _numpy_state,
    "torch": _torch_state,
}
_SET: dict[str, Callable[[Any], None]] = {
    "random": random.setstate,
    "numpy": _set_numpy,
    "torch": _set_torch,
}
