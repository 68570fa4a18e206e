"""Let ``import torchvision`` work beside a CPU build of torch.

The package registries hold one build of torchvision, and its compiled operators need
CUDA. Beside a CPU build of torch they cannot be loaded. torchvision copes with that,
but for one place: it registers shape rules for two operators, ``nms`` and ``qnms``,
without looking whether they exist, and the import ends with "operator
torchvision::nms does not exist".

What is done, and when:

- ``import chainrule`` puts a small finder before Python's own. It costs nothing, and
  it imports neither torch nor torchvision.
- When torchvision is imported, it imports its module ``torchvision.extension``, which
  tries to load the compiled operators. The finder lets that run unchanged, and then
  asks it whether they were loaded. If so, nothing is done.
- If not, the names and arguments of the two operators are declared to torch. Nothing
  is put behind them. The rest of the import then runs as it should.

Models, data sets and transforms work. Operators for object detection, such as
``torchvision.ops.nms``, still need torchvision's compiled part; torchvision says so
when one of them is called.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType

_EXTENSION = "torchvision.extension"

#: The operators whose shape rules torchvision registers without looking.
_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

#: torch forgets declarations whose library object is no longer there.
_kept: list[object] = []


def install() -> None:
    """Prepare the import of torchvision; a second call does nothing.

    An attempt to import torchvision that failed before this call does no harm: the
    next one works.
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    if _EXTENSION in sys.modules:
        declare_operators(sys.modules[_EXTENSION])


def declare_operators(extension: ModuleType) -> list[str]:
    """Declare what torchvision's compiled part would have declared, if that is missing.

    Parameters
    ----------
    extension : module
        ``torchvision.extension``, after it has run.

    Returns
    -------
    list of str
        The operators that were declared now; none where the compiled part is loaded.
    """
    loaded = getattr(extension, "_has_ops", None)
    if loaded is None or loaded():
        return []
    import torch

    missing = [name for name in _SCHEMAS if not hasattr(torch.ops.torchvision, name)]
    if missing:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in missing:
            library.define(_SCHEMAS[name])
        _kept.append(library)
    return missing


class _Finder(importlib.abc.MetaPathFinder):
    """Finds ``torchvision.extension`` as Python does, with a step after it."""

    def find_spec(self, fullname, path=None, target=None):
        """Return the module's own spec with our loader; None for every other module."""
        if fullname != _EXTENSION:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not importlib.machinery.SourceFileLoader:
            return None
        spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    """Runs ``torchvision.extension`` unchanged, then declares what it could not load."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        super().exec_module(module)
        declare_operators(module)
