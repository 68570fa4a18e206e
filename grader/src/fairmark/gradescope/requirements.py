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

from fairmark.course_package import CoursePackage, course_packages
from fairmark.model import GradingError

_GRADER = "fairmark"
#: What works inside the autograder; it needs packages too.
_RUNS = "fairmark.gradescope.run"
#: What large libraries are in the extra of a course's package that is named after them.
_LARGE = ("torch",)


@dataclass(frozen=True)
class DataSet:
    """A data set that notebooks use.

    Attributes
    ----------
    package : str
        The course's package that offers it.
    name : str
        Its name there.
    """

    package: str
    name: str


@dataclass
class Needs:
    """What has to be installed where the assignment is graded.

    Attributes
    ----------
    required : list of str
        Requirements as pip takes them, without the grader and the course's own packages.
    tested : list of str
        The versions that are installed here, of all packages that come along.
    missing : list of str
        Modules that the notebooks import and that no installed package holds.
    data : list of DataSet
        Data sets that are fetched while the autograder is set up.
    packages : list of str
        The course's own packages that the notebooks import; they travel as wheels.
    """

    required: list[str] = field(default_factory=list)
    tested: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    data: list[DataSet] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)


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
    modules |= set(_through_own_packages(modules))
    packages = [name for name in course_packages() if name in {m.split(".")[0] for m in modules}]
    holders = _holders()
    tops = _tops(modules) - {Path(name).stem for name in beside}
    certain = _tops(found.module for found in imports if found.always)
    names: set[str] = {canonicalize_name(holders[top][0]) for top in tops if top in holders}
    own = [_GRADER, *packages]
    for library in names & set(_LARGE):
        names |= {found for name in packages for found in _installed_of_extra(name, library)}
    return Needs(
        required=_required(names, own),
        tested=sorted(f"{name}=={version}" for name, version in _closure([*own, *names]).items()),
        missing=sorted((tops & certain) - set(holders)),
        data=[found for name in packages for found in _data_sets(course_packages()[name], texts)],
        packages=packages,
    )


@cache
def _holders() -> Mapping[str, list[str]]:
    return packages_distributions()


def _of_grading() -> list[Import]:
    path, package = _file_of(_RUNS)
    if path is None:
        raise GradingError(f"The grader's own module {_RUNS} is missing: install fairmark again.")
    return imports_of(path.read_text(encoding="utf-8"), package)


def _data_sets(package: CoursePackage, texts: Iterable[str]) -> list[DataSet]:
    return [
        DataSet(package.name, name)
        for name, sign in package.data_sets.items()
        if any(map(sign.search, texts))
    ]


def _texts_of(modules: Iterable[str]) -> Iterator[str]:
    """Yield the texts of the course's modules, without those that offer the data sets."""
    for module in modules:
        package = course_packages().get(module.split(".")[0])
        if package is None or ".".join(module.split(".")[:2]) == package.offers_data:
            continue
        path, _ = _file_of(module)
        if path is not None:
            yield path.read_text(encoding="utf-8")


def _tops(modules: Iterable[str]) -> set[str]:
    own = {_GRADER, *course_packages()}
    return {module.split(".")[0] for module in modules} - own - set(sys.stdlib_module_names)


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


def _through_own_packages(modules: Iterable[str]) -> Iterator[str]:
    """Follow the imports of modules of the grader and of the course's packages."""
    own = {_GRADER, *course_packages()}
    waiting = [module for module in modules if module.split(".")[0] in own]
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
                    if found.module.split(".")[0] in own:
                        waiting.append(found.module)


def _file_of(module: str) -> tuple[Path | None, str]:
    top, *inner = module.split(".")
    home = Path(__file__).resolve().parents[1] if top == _GRADER else course_packages()[top].folder
    place = home.joinpath(*inner)
    if (place / "__init__.py").is_file():
        return place / "__init__.py", module
    if inner and place.with_suffix(".py").is_file():
        return place.with_suffix(".py"), module.rpartition(".")[0]
    return None, ""


def _required(names: set[str], own: list[str]) -> list[str]:
    """Leave out what comes along with another package; add the ranges that we ask for."""
    come = {inner for name in {*names, *own} for inner in _closure([name]) if inner != name}
    asked = [item for name in own for item in _requirements_of(name)]
    ranges: dict[str, str] = {canonicalize_name(item.name): str(item.specifier) for item in asked}
    return sorted(f"{name}{ranges.get(name, '')}" for name in names - come)


def _requirements_of(name: str) -> list[Requirement]:
    return [Requirement(text) for text in distribution(name).requires or ()]


def _installed_of_extra(name: str, extra: str) -> set[str]:
    """Return what an extra of a package asks for: its parts are imported late, where used."""
    asked: set[str] = {
        canonicalize_name(item.name)
        for item in _requirements_of(name)
        if f'"{extra}"' in str(item.marker)
    }
    return asked & set(_installed())


@cache
def _installed() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the version of each installed package, and what it needs here."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
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
    waiting: list[str] = [canonicalize_name(name) for name in names]
    versions: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        # What is not installed is needed on other systems only, or optional.
        if name not in versions and name in _installed():
            versions[name], more = _installed()[name]
            waiting += more
    return {n: v for n, v in versions.items() if n != _GRADER and n not in _own_distributions()}


@cache
def _own_distributions() -> frozenset[str]:
    holders = _holders()
    return frozenset(
        canonicalize_name(found)
        for name in course_packages()
        for found in holders.get(name, [name])
    )
