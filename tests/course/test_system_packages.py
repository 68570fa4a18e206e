"""scripts/system-packages.sh names what is missing, and never stops the set-up."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "system-packages.sh"


@pytest.fixture
def bare_path(tmp_path) -> str:
    """Return a search path with a shell's own tools, and no apt, git or browser."""
    for name in ("sh", "cat", "id"):
        os.symlink(shutil.which(name), tmp_path / name)
    return str(tmp_path)


def run(path: str, *names: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [shutil.which("sh"), str(SCRIPT), *names],
        env={"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_what_is_missing_is_named_with_what_is_left_out(bare_path):
    done = run(bare_path, "git", "chromium")
    assert done.returncode == 0
    assert "missing: git" in done.stdout and "apt-get install git" in done.stdout
    assert "the browser tests" in done.stdout
    assert done.stderr == ""


def test_only_what_is_asked_for_is_looked_for(bare_path):
    assert "chromium" not in run(bare_path, "git").stdout


def test_nothing_is_said_when_all_is_there():
    assert run(os.environ["PATH"], "venv").stdout == ""
