"""What a project imports, beside what it declares."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def imported(folder: Path) -> dict[str, set[str]]:
    """Each module of others that is imported below a folder, also in functions, and by which file."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.importorskip":
                names = [ast.literal_eval(node.args[0])]
            for name in names:
                found.setdefault(name.split(".")[0], set()).add(str(path.relative_to(folder)))
    ours = {folder.name, *sys.stdlib_module_names}
    return {name: files for name, files in found.items() if name not in ours}


def declared(pyproject: Path, extras: Iterable[str] | None = None) -> set[str]:
    """The names of the packages that a project declares, those of its extras included."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    offered = project.get("optional-dependencies", {})
    chosen = offered if extras is None else extras
    lines = [*project["dependencies"], *(line for extra in chosen for line in offered[extra])]
    names = {canonicalize_name(Requirement(line).name) for line in lines}
    return names - {canonicalize_name(project["name"])}


def packages_of(module: str) -> set[str]:
    """The packages that bring a module; its own name where none is installed."""
    found = packages_distributions().get(module, [module])
    return {canonicalize_name(re.sub(r"\[.*", "", name)) for name in found}
