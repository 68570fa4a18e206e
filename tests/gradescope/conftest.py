"""A Python that every user of the machine can read, and autograders to try."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from chainrule.course.execution import forkserver, sandbox
from chainrule.course.execution.executor import close_servers

_PATHS = "import json, sys; print(json.dumps([p for p in sys.path if p]))"


def _is_open(path: str) -> bool:
    place = Path(path).resolve()
    return all(folder.stat().st_mode & 0o001 for folder in place.parents)


@pytest.fixture(scope="session")
def open_folder():
    """A folder that others can read; pytest's own is closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="chainrule-tests-"))
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


@pytest.fixture
def runs_in_open_python(open_python, monkeypatch):
    """Let servers of this process run in a Python that others can read."""
    import json

    said = subprocess.run(
        [open_python / "bin" / "python", "-c", _PATHS], check=True, capture_output=True, cwd="/"
    )
    paths = [*json.loads(said.stdout), str(Path(sandbox.__file__).parents[3])]
    monkeypatch.setattr(sys, "executable", str(open_python / "bin" / "python"))
    monkeypatch.setattr(forkserver, "_trusted_path", lambda: paths)
    # A server is kept for the next call; one of another Python must not be.
    close_servers()
    yield
    close_servers()
