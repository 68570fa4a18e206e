"""What a grader should know of this package. `fairmark` finds it by an entry point.

The names are those of fairmark's protocol for a course's own package. Nothing here
imports the grader, and a student's work needs none of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import chainrule

#: Whatever notebooks ask for is there already, or cannot be had: there is no network.
ENVIRONMENT = {"CHAINRULE_OFFLINE": "1"}
DATA_VARIABLE = "CHAINRULE_DATA"
#: Ordinary functions, which a check may use where a student's cell imports them.
PLAIN_MODULES = ("chainrule", "chainrule.gradcheck", "chainrule.graph")
#: For instructors; no notebook needs them.
CLOSED_MODULES = ("chainrule.course",)
#: What the reference solutions hand in beside their notebooks.
REFERENCE_FILES = "tests/answers/{assignment}/files"
#: The large data sets, and how one sees that they are used.
DATA_SETS = {
    "cifar10": r"\b(load_cifar10|load_images|cifar_test_images|CIFAR10)\b",
    "fashion-mnist": r"\b(load_fashion\w*|FASHION_MNIST)\b",
}
OFFERS_DATA = "chainrule.data"
#: What is opened once for all submissions: bundled images, the pretrained network.
AHEAD = {**DATA_SETS, "network": r"\bchainrule\.pretrained\b"}
#: The modules that check cells and figure cells import.
_IMPORTED = ("checks/*.py", "figures/*.py", "*/*checks.py", "*/figures.py")
_TORCH = re.compile(r"^(import|from) torch", re.MULTILINE)


def modules_ahead(libraries: Iterable[str]) -> list[str]:
    """Name the modules that notebooks import; those that need torch only where it will be."""
    top = Path(chainrule.__file__).parent
    files = {path for pattern in _IMPORTED for path in top.glob(pattern)}
    found = ["chainrule.gradcheck", "chainrule.runtime"]
    for path in sorted(files):
        if "torch" in libraries or not _TORCH.search(path.read_text(encoding="utf-8")):
            parts = path.relative_to(top).with_suffix("").parts
            found.append(".".join(["chainrule", *parts]).removesuffix(".__init__"))
    return found


def open_ahead(names: Iterable[str]) -> None:
    """Open once what notebooks and checks would open again and again.

    Parameters
    ----------
    names : iterable of str
        Of `AHEAD`.
    """
    from chainrule.data import CIFAR10, FASHION_MNIST

    wanted = set(names)
    for image_set in (CIFAR10, FASHION_MNIST):
        if image_set.spec.name in wanted:
            image_set.subset.keep()
    if "network" in wanted:
        from chainrule.pretrained import checks

        checks.open_ahead()


def data_folder() -> str:
    """Return the folder of the data sets; empty where there is none yet."""
    chosen = os.environ.get(DATA_VARIABLE, "")
    if not chosen:
        try:
            import pooch
        except ImportError:
            return ""
        chosen = str(pooch.os_cache("chainrule"))
    chosen = os.path.abspath(chosen)
    return chosen if os.path.isdir(chosen) else ""


def fetch_arguments(name: str) -> list[str]:
    """Return the arguments with which Python fetches a data set into the data folder."""
    return ["-m", "chainrule", "data", name]
