"""A Python that every user of the machine can read, and autograders to try."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from fairmark.course_package import course_packages
from fairmark.execution import default_executor, forkserver, sandbox
from fairmark.execution.executor import close_servers
from fairmark.model import GradingError
from grader_support import autograder as harness
from grader_support import course_maker as maker

_PATHS = "import json, sys; print(json.dumps([p for p in sys.path if p]))"


def _is_open(path: str) -> bool:
    place = Path(path).resolve()
    return all(folder.stat().st_mode & 0o001 for folder in place.parents)


@pytest.fixture(scope="session")
def open_folder():
    """A folder that others can read; pytest's own is closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="fairmark-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def open_python(open_folder) -> Path:
    """Return an environment of its own, which falls back on the libraries of this one.

    Where this Python lies in a folder that only root can read, another of the same
    version takes its place.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = [sys.executable, *filter(None, [shutil.which(version, path="/usr/bin:/usr/local/bin")])]
    open_ones = [path for path in found if _is_open(path)]
    if not open_ones:
        pytest.skip(f"{version} lies where only root can read, and there is no other")
    folder = open_folder / "python"
    subprocess.run([open_ones[0], "-m", "venv", "--without-pip", folder], check=True)
    packages = folder / "lib" / version / "site-packages"
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture(scope="session")
def kite_zip(open_folder) -> Path:
    course = maker.make_course(open_folder / "course")
    return harness.make_zip(course, maker.ASSIGNMENT, open_folder / "kite.zip", cell_seconds=5)


@pytest.fixture(scope="session")
def set_up_python(open_python, kite_zip, open_folder) -> Path:
    """Install the wheel of the archive: not the repository's code is tried, but what is packed."""
    install_wheels(kite_zip, open_python, open_folder / "unpacked")
    return open_python


def install_wheels(archive: Path, python: Path, source: Path) -> None:
    """Install what an archive brings along, and see that it is found before anything else."""
    harness.unpack(archive, source)
    packages = next((python / "lib").glob("python*/site-packages"))
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "install", "--no-deps", "--no-index", "--no-compile",
         "--target", packages, *(source / "wheels").iterdir()],
        check=True,
    )  # fmt: skip
    said = subprocess.run(
        [python / "bin" / "python", "-I", "-c", "import fairmark; print(fairmark.__file__)"],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert Path(said.stdout.strip()).is_relative_to(packages)


@pytest.fixture(scope="session", params=["namespaces", "another user"])
def both(request, kite_zip, set_up_python, open_folder) -> harness.Container:
    """The autograder in a container that allows namespaces, and in one as Docker makes it."""
    return _container(request.param, kite_zip, set_up_python, open_folder)


@pytest.fixture(scope="session")
def container(kite_zip, set_up_python, open_folder) -> harness.Container:
    """The autograder as Docker runs it; for ordinary users, with namespaces."""
    return made_container(kite_zip, set_up_python, open_folder / "one")


def made_container(archive: Path, python: Path, folder: Path) -> harness.Container:
    """Make one as Docker does; for ordinary users, with namespaces."""
    kind = "another user" if os.geteuid() == 0 else "namespaces"
    return _container(kind, archive, python, folder)


def _container(kind: str, archive: Path, python: Path, folder: Path) -> harness.Container:
    namespaces = kind == "namespaces"
    if not namespaces and os.geteuid() != 0:
        pytest.skip("only root can become another user")
    if namespaces:
        try:
            default_executor()
        except GradingError as error:
            pytest.skip(str(error))
    return harness.Container(archive, python, folder / kind.replace(" ", "-"), namespaces)


@pytest.fixture
def runs_in_open_python(open_python, monkeypatch):
    """Let servers of this process run in a Python that others can read."""
    import json

    said = subprocess.run(
        [open_python / "bin" / "python", "-c", _PATHS], check=True, capture_output=True, cwd="/"
    )
    paths = [*json.loads(said.stdout), str(Path(sandbox.__file__).parents[2])]
    for package in course_packages().values():
        monkeypatch.setenv(package.data_variable, str(open_python / "data"))
    monkeypatch.setattr(sys, "executable", str(open_python / "bin" / "python"))
    monkeypatch.setattr(forkserver, "_trusted_path", lambda: paths)
    # A server is kept for the next call; one of another Python must not be.
    close_servers()
    yield
    close_servers()
