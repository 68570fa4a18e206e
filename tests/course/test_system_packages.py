"""tools/system-packages.sh names what is missing, and never stops the set-up."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "system-packages.sh"


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


def test_every_line_of_the_table_names_a_thing_once_with_packages():
    table = re.search(r"<<'TABLE'\n(.*?)\nTABLE\n", SCRIPT.read_text(), re.DOTALL)[1]
    rows = [line.split("|") for line in table.splitlines()]
    assert all(len(row) == 4 for row in rows), rows
    names = [name for name, *_ in rows]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9.+-]+", package) for _, _, package, _ in rows)
    asked = re.findall(r"system-packages\.sh (.+)", (ROOT / "Makefile").read_text())
    assert {name for line in asked for name in line.split()} == set(names)
