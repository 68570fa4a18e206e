"""The tests in other environments than the tested set: ``nox`` runs them, ``nox -l`` lists them.

``make test`` runs everything, in one environment, with the versions of constraints.txt.
Here each session makes an environment of its own, and takes whatever versions its
Python gets, as a student's computer does.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nox

nox.options.sessions = ["students", "oldest", "lint", "types"]
nox.options.error_on_missing_interpreters = False

#: What the students' package supports; the classifiers in pyproject.toml say the same.
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
#: Tests that need neither the instructors' part nor the grader. Where torch is missing,
#: they skip what needs it.
STUDENTS_TESTS = [
    f"tests/{name}"
    for name in (
        *("graph", "ground", "figures", "handin", "data", "commands"),
        *("fitting", "modules", "neuralnet", "backprop"),
    )
]
#: Looks into the packages of both projects, with all that they may need.
NOT_STUDENTS = "--ignore=tests/ground/test_dependencies.py"
PYTEST = ("pytest", "-n", "auto", "--dist", "loadfile")
TEST_PACKAGES = ("pytest>=8", "pytest-xdist>=3.5", "mpmath>=1.3")


@nox.session(python=PYTHONS)
def students(session: nox.Session) -> None:
    """Install the students' package alone, and run the tests that it must pass alone.

    ``nox -s students -- torch`` adds PyTorch, which takes gigabytes. Other arguments are
    pytest's, for example a folder of tests.
    """
    _test(session, [])


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """Run them with the oldest NumPy and matplotlib that pyproject.toml allows.

    ``nox -s oldest -- torch`` adds the oldest PyTorch that it allows.
    """
    extras = ("torch",) if "torch" in session.posargs else ()
    # An old matplotlib uses what its newer neighbours deprecate: not ours to mend.
    _test(session, lower_bounds("numpy", "matplotlib", *extras), "-W", "default")


@nox.session(python=PYTHONS[-1])
def newest(session: nox.Session) -> None:
    """Run them with the newest NumPy and matplotlib, those before their release too.

    ``nox -s newest -- torch`` adds the newest PyTorch.
    """
    _test(session, ["--upgrade", "--pre", "numpy", "matplotlib"])


def _test(session: nox.Session, versions: list[str], *options: str) -> None:
    wanted = list(session.posargs)
    package = "."
    if "torch" in wanted:
        wanted.remove("torch")
        package = ".[torch]"
    session.install(package, *TEST_PACKAGES)
    if versions:
        session.install(*versions)
    # What was installed works; the tests take the package from this folder.
    session.run("chainrule", "--help", silent=True)
    session.run(*PYTEST, NOT_STUDENTS, *options, *(wanted or STUDENTS_TESTS))


def lower_bounds(*names: str) -> list[str]:
    """Return pins of the oldest versions that pyproject.toml allows.

    Raises
    ------
    ValueError
        For a package without a lower bound.
    """
    text = Path("pyproject.toml").read_text(encoding="utf-8")
    pins = []
    for name in names:
        found = re.search(rf'"{name}>=([\d.]+)"', text)
        if not found:
            raise ValueError(f"pyproject.toml gives no oldest version of {name}")
        pins.append(f"{name}=={found[1]}")
    return pins


@nox.session(python=PYTHONS[1:])
def grader(session: nox.Session) -> None:
    """Install fairmark alone, and grade nbgrader's own example course with it."""
    session.install("./grader")
    course = Path(session.create_tmp()).resolve() / "course"
    shutil.rmtree(course, ignore_errors=True)
    session.run("fairmark", "--help", silent=True)
    session.run("fairmark", "doctor", success_codes=[0, 1])
    session.run("python", "tools/grade_quickstart.py", str(course))


@nox.session(python=PYTHONS[1])
def lint(session: nox.Session) -> None:
    """Look for what breaks the rules of style."""
    session.install("-c", "constraints.txt", "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(python=PYTHONS[1])
def types(session: nox.Session) -> None:
    """Check the types of both packages."""
    session.install("-c", "constraints.txt", "mypy", ".", "./grader")
    session.run("mypy")


@nox.session(python=PYTHONS[1])
def docs(session: nox.Session) -> None:
    """Build the book, with its lessons run; warnings are errors. Needs PyTorch."""
    session.install("-c", "constraints.txt", ".[course,torch]", "./grader")
    session.run("chainrule", "book")
    session.run("python", "tools/draw_architecture.py", "--check")
