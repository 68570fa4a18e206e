"""Which part may import which; the students' part needs little, and no instructors' part."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "chainrule"
STUDENTS = sorted(p for p in PACKAGE.rglob("*.py") if "course" not in p.relative_to(PACKAGE).parts)

#: What may be imported when `import chainrule.x` runs, beside the standard library.
LIGHT = {"numpy", "matplotlib", "chainrule"}


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


GROUND = {"data", "gradcheck", "runtime", "whole_file"}
KITS = {"checks", "figures", "graph", "handin"}

#: Imports run downwards: assignments, kits, ground. No assignment imports another.
MAY_IMPORT = {
    # assignments
    "backprop": KITS | GROUND,
    "fitting": KITS | GROUND,
    "neuralnet": KITS | GROUND,
    "modules": KITS | GROUND,
    "convnet": KITS | GROUND,
    "pretrained": KITS | GROUND,
    # kits
    "checks": GROUND,
    "figures": GROUND,
    "graph": {"figures"} | GROUND,
    "handin": GROUND,
    # ground
    "data": {"runtime", "whole_file"},
    "gradcheck": {"runtime"},
    "runtime": set(),
    "whole_file": set(),
    "torchvision_support": set(),
    # the package itself, and the command line: entry points name what the commands need
    "chainrule": {"torchvision_support"},
    # Lazily: the help of the command line imports no assignment.
    "commands": {"chainrule", "fitting", "neuralnet"} | KITS | GROUND,
    "cli": {"chainrule"},
    "__main__": {"cli"},
    # publishing the course, and what a grader is told of it
    "course": {"chainrule", "commands"} | KITS | GROUND,
    # Lazily: what it opens once for all submissions of an assignment.
    "grader_hints": {"chainrule", "data", "pretrained"},
}


def module_of(path: Path) -> str:
    """Return the name of the module in a file: chainrule.graph for graph/__init__.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def part_of(module: str) -> str:
    """Return the part that a module belongs to, a key of the table."""
    return module.split(".")[1] if "." in module else module


MODULES = {module_of(path): path for path in PACKAGE.rglob("*.py")}


def run_time_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Go through a module, also into its functions, but not where only types are imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from run_time_nodes(node)


def modules_imported(tree: ast.AST, all_nodes=ast.walk) -> set[str]:
    """Return the modules of this package that a module imports."""
    found = set()
    for node in all_nodes(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: write the import in full"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return found & set(MODULES)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_its_part_may_import(module):
    part = part_of(module)
    assert part in MAY_IMPORT, f"{part} is a new part: say in MAY_IMPORT what it may import"
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    parts = {part_of(name) for name in modules_imported(tree)}
    assert parts <= MAY_IMPORT[part] | {part}


def test_the_table_holds_only_parts_that_are_there_and_has_no_circle():
    assert set(MAY_IMPORT) == {part_of(module) for module in MODULES}
    assert list(TopologicalSorter(MAY_IMPORT).static_order())


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_no_circle_between_the_modules_of_a_part(part):
    imports = {
        module: modules_imported(ast.parse(path.read_text(encoding="utf-8")), run_time_nodes)
        for module, path in MODULES.items()
        if part_of(module) == part
    }
    inside = {module: names & set(imports) for module, names in imports.items()}
    assert list(TopologicalSorter(inside).static_order())


@pytest.mark.parametrize("path", STUDENTS, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_students_code_does_not_import_instructors_code(path):
    names = imported(ast.parse(path.read_text(encoding="utf-8")))
    assert not any(name.startswith("chainrule.course") for name in names)


@pytest.mark.parametrize(
    "module", ["chainrule", "chainrule.graph", "chainrule.gradcheck", "chainrule.backprop.checks"]
)
def test_it_imports_with_numpy_and_matplotlib_alone(module):
    script = (
        "import sys\n"
        f"import {module}\n"
        "top = {n.split('.')[0] for n in sys.modules if getattr(sys.modules[n], '__file__', None)}\n"
        "site = {t for t in top if 'site-packages' in str(sys.modules[t].__file__)}\n"
        "print(sorted(site))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    found = set(ast.literal_eval(done.stdout))
    assert not found & {"torch", "IPython", "ipywidgets", "nbformat", "typer", "nbgrader"}, found
