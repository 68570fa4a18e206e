"""The students' part knows nothing of the instructors' part, and needs little."""

import ast
import subprocess
import sys
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
