"""Which Python packages an assignment needs, and in which versions they were tried."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import (
    distribution,
    distributions,
    packages_distributions,
)
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import chainrule

_OWN = "chainrule"
#: What works inside the autograder; it needs packages too.
_RUNS = "chainrule.course.gradescope.run"
#: The large data sets, and how one sees that they are used.
_DATA = {
    "cifar10": re.compile(r"\b(load_cifar10|load_images|CIFAR10)\b"),
    "fashion-mnist": re.compile(r"\b(load_fashion\w*|FASHION_MNIST)\b"),
}


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
    data : list of str
        Data sets that are fetched, by the names of ``chainrule data``.
    """

    required: list[str] = field(default_factory=list)
    tested: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)


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
    cells = list(cells)
    imports = [found for cell in cells for found in imports_of(_plain(cell))]
    modules = {found.module for found in [*imports, *_of_grading()]}
    # Modules that the notebooks name, and no further: what those could load is not loaded.
    texts = [*cells, *_texts_of(found.module for found in imports)]
    modules |= set(_through_this_package(modules))
    holders = _holders()
    tops = _tops(modules) - {Path(name).stem for name in beside}
    certain = _tops(found.module for found in imports if found.always)
    names = {canonicalize_name(holders[top][0]) for top in tops if top in holders}
    if "torch" in names:
        names |= _installed_of_extra("torch")
    return Needs(
        required=_required(names),
        tested=sorted(f"{name}=={version}" for name, version in _closure([_OWN, *names]).items()),
        missing=sorted((tops & certain) - set(holders)),
        data=[name for name, sign in _DATA.items() if any(map(sign.search, texts))],
    )


@cache
def _holders() -> Mapping[str, list[str]]:
    return packages_distributions()


def _of_grading() -> list[Import]:
    path, package = _file_of(_RUNS)
    return imports_of(path.read_text(encoding="utf-8"), package)


def _texts_of(modules: Iterable[str]) -> Iterator[str]:
    """Yield the texts of this package's modules, without those that offer the data sets."""
    for module in modules:
        if module.split(".")[:2] != [_OWN, "data"]:
            path, _ = _file_of(module) if module.split(".")[0] == _OWN else (None, "")
            if path is not None:
                yield path.read_text(encoding="utf-8")


def _tops(modules: Iterable[str]) -> set[str]:
    return {module.split(".")[0] for module in modules} - {_OWN} - set(sys.stdlib_module_names)


@dataclass(frozen=True)
class Import:
    """One imported module.

    Attributes
    ----------
    module : str
        Its full name.
    always : bool
        False inside ``if``, ``try`` and functions.
    late : bool
        True inside functions.
    """

    module: str
    always: bool
    late: bool


def imports_of(text: str, package: str = "") -> list[Import]:
    """Return what a text imports.

    Parameters
    ----------
    text : str
        Python.
    package : str, optional
        The package in which the text stands, for relative imports.
    """
    return list(_imports(ast.parse(text), package, True, False))


def _imports(node: ast.AST, package: str, always: bool, late: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(name.name, always, late) for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
        yield Import(base, always, late)
        # What is imported from a package may be a module of it.
        yield from (Import(f"{base}.{name.name}", always, late) for name in node.names)
    always = always and not isinstance(node, (ast.If, ast.Try))
    late = late or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    for inner in ast.iter_child_nodes(node):
        yield from _imports(inner, package, always and not late, late)


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
                # What a function imports it can do without, or the notebook asks for it.
                if not found.late:
                    yield found.module
                    if found.module.split(".")[0] == _OWN:
                        waiting.append(found.module)


def _file_of(module: str) -> tuple[Path | None, str]:
    inner = module.split(".")[1:]
    place = Path(chainrule.__file__).parent.joinpath(*inner)
    if (place / "__init__.py").is_file():
        return place / "__init__.py", module
    if inner and place.with_suffix(".py").is_file():
        return place.with_suffix(".py"), module.rpartition(".")[0]
    return None, ""


def _required(names: set[str]) -> list[str]:
    """Leave out what comes along with another package; add the ranges that we ask for."""
    come = {inner for name in {*names, _OWN} for inner in _closure([name]) if inner != name}
    ranges = {canonicalize_name(item.name): str(item.specifier) for item in _own_requirements()}
    return sorted(f"{name}{ranges.get(name, '')}" for name in names - come)


def _own_requirements() -> list[Requirement]:
    return [Requirement(text) for text in distribution(_OWN).requires or ()]


def _installed_of_extra(extra: str) -> set[str]:
    """Return what an extra of this package asks for: its parts are imported late, where used."""
    asked = {
        canonicalize_name(item.name)
        for item in _own_requirements()
        if f'"{extra}"' in str(item.marker)
    }
    return asked & set(_installed())


@cache
def _installed() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the version of each installed package, and what it needs here."""
    found = {}
    for item in distributions():
        needed = map(Requirement, item.requires or ())
        here = [r for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})]
        names = tuple(canonicalize_name(r.name) for r in here)
        # The first one counts, as it does for imports. A local part, such as +cpu, names
        # a build and no version.
        version = re.sub(r"[+].*", "", item.version)
        found.setdefault(canonicalize_name(item.name), (version, names))
    return found


def _closure(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages and of all that they need here."""
    waiting, versions = [canonicalize_name(name) for name in names], {}
    while waiting:
        name = waiting.pop()
        # What is not installed is needed on other systems only, or optional.
        if name not in versions and name in _installed():
            versions[name], more = _installed()[name]
            waiting += more
    versions.pop(_OWN, None)
    return versions
