"""Which part of fairmark may import which: one table, and nothing else."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import fairmark

ROOT = Path(fairmark.__file__).parent

#: The modules that everything may use; each may import those that stand before it.
GROUND = [
    "cells",
    "judged",
    "limits",
    "model",
    "messages",
    "program",
    "course_package",
    "folder",
    "private_folder",
    "handin_times",
    "grade_log",
]
#: A part, and the parts above the ground that it may import.
MAY_IMPORT = {
    "execution": [],
    "grading": ["execution"],
    "collect": ["grading"],
    "reports": ["grading"],
    "gradescope": ["execution", "grading", "collect", "reports"],
    "nbgrader_plugin": ["execution", "grading", "reports"],
    "commands": [
        "execution",
        "grading",
        "collect",
        "reports",
        "gradescope",
        "nbgrader_plugin",
    ],
    "cli": [],
    "__main__": ["cli"],
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def imported_by(module: str) -> set[str]:
    """All modules of fairmark that a module imports, also those in functions."""
    path = MODULES[module]
    here = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = here.split(".")[: len(here.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names = [(base, alias.name) for alias in node.names]
        else:
            continue
        for base, name in names:
            inner = f"{base}.{name}"
            found.add(inner if inner in MODULES else base)
    return {name for name in found if name in MODULES} - {"fairmark"}


def part_of(module: str) -> str:
    return (*module.split("."), "")[1]


IMPORTS = {module: imported_by(module) for module in MODULES}


def test_every_module_has_a_place_in_the_table():
    assert {part_of(module) for module in MODULES} - {""} == {*GROUND, *MAY_IMPORT}


def test_parts_import_only_what_the_table_allows():
    wrong = []
    for module, imported in IMPORTS.items():
        part = part_of(module)
        if part in GROUND:
            allowed = set(GROUND[: GROUND.index(part)])
        else:
            allowed = {part, *GROUND, *MAY_IMPORT.get(part, [])}
        wrong += [f"{module} imports {name}" for name in imported if part_of(name) not in allowed]
    assert wrong == []


def test_no_module_imports_itself_by_way_of_others():
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        raise AssertionError(f"a circle: {' -> '.join(error.args[1])}") from None


def test_lazy_imports_are_seen():
    assert "fairmark.execution.session" in IMPORTS["fairmark.execution.executor"]
    assert "fairmark.execution.check_side" in IMPORTS["fairmark.execution.forkserver"]
