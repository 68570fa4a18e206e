"""Which Python packages an assignment needs, and in which versions they were tried."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import chainrule

#: Of the extra ``course``, what grading itself needs.
_GRADING = ("nbgrader", "psutil")
_OWN = "chainrule"


@dataclass
class Needs:
    """What has to be installed where the assignment is graded.

    Attributes
    ----------
    required : list of str
        Requirements as pip takes them, without this package.
    tested : list of str
        The versions that are installed here, of all packages that come along.
    missing : list of str
        Modules that the notebooks import and that no installed package holds.
    """

    required: list[str] = field(default_factory=list)
    tested: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def needs_of(cells: Iterable[str], beside: Iterable[str] = ()) -> Needs:
    """Find out what an assignment needs.

    Parameters
    ----------
    cells : iterable of str
        The text of its code cells.
    beside : iterable of str, optional
        Names of files that lie beside the notebooks: modules of the assignment's own.

    Returns
    -------
    Needs
        What to install.
    """
    own = {Path(name).stem for name in beside}
    modules = {module for cell in cells for module in imports_of(_plain(cell))}
    modules |= set(_through_this_package(modules))
    tops = {module.split(".")[0] for module in modules} - {_OWN} - own
    tops -= set(sys.stdlib_module_names)
    holders = packages_distributions()
    needs = Needs(missing=sorted(top for top in tops if top not in holders))
    names = sorted({canonicalize_name(holders[top][0]) for top in tops if top in holders})
    needs.required = [*_of_grading(), *(name for name in names if name not in _GRADING)]
    needs.tested = sorted(_pins([_OWN, *_GRADING, *names]))
    return needs


def imports_of(text: str, package: str = "") -> Iterator[str]:
    """Yield the modules that a text imports, at whatever place.

    Parameters
    ----------
    text : str
        Python.
    package : str, optional
        The package in which the text stands, for relative imports.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            yield base
            # What is imported from a package may be a module of it.
            yield from (f"{base}.{name.name}" for name in node.names)


def _plain(cell: str) -> str:
    """Turn a cell's magics into Python; a cell that is no Python imports nothing."""
    text = TransformerManager().transform_cell(cell)
    try:
        ast.parse(text)
    except SyntaxError:
        return ""
    return text


def _through_this_package(modules: Iterable[str]) -> Iterator[str]:
    """Follow the imports of this package's modules."""
    waiting = [module for module in modules if module.split(".")[0] == _OWN]
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        parts = module.split(".")
        for above in (".".join(parts[:count]) for count in range(1, len(parts) + 1)):
            if above in seen:
                continue
            seen.add(above)
            path, package = _file_of(above)
            if path is None:
                continue
            for found in imports_of(path.read_text(encoding="utf-8"), package):
                yield found
                if found.split(".")[0] == _OWN:
                    waiting.append(found)


def _file_of(module: str) -> tuple[Path | None, str]:
    inner = module.split(".")[1:]
    place = Path(chainrule.__file__).parent.joinpath(*inner)
    if (place / "__init__.py").is_file():
        return place / "__init__.py", module
    if inner and place.with_suffix(".py").is_file():
        return place.with_suffix(".py"), module.rpartition(".")[0]
    return None, ""


def _of_grading() -> list[str]:
    """Read from this package's metadata what grading needs, with its range."""
    found = [Requirement(text) for text in distribution(_OWN).requires or ()]
    ranges = {canonicalize_name(item.name): str(item.specifier) for item in found}
    return [f"{name}{ranges.get(name, '')}" for name in _GRADING]


def _pins(names: Iterable[str]) -> Iterator[str]:
    """Yield the versions of packages and of all that they need here."""
    waiting, seen = [canonicalize_name(name) for name in names], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # needed on other systems only, or optional
        if name != _OWN:
            # A local part, such as +cpu, names a build and no version.
            yield f"{name}=={re.sub(r'[+].*', '', found.version)}"
        for text in found.requires or ():
            item = Requirement(text)
            if item.marker is None or item.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(item.name))
