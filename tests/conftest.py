"""What several test files of the course share."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: What a course folder needs; a test works on a copy and never on the repository.
COURSE = ("source", "release", "notebooks", "_config.yml", "_toc.yml", "nbgrader_config.py")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository."""
    return ROOT


@pytest.fixture
def course(tmp_path) -> Path:
    """Copy the course into a folder of its own."""
    folder = tmp_path / "course"
    folder.mkdir()
    for name in COURSE:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name)
        else:
            shutil.copy(place, folder / name)
    return folder


@pytest.fixture
def clean_environment(tmp_path) -> dict:
    """Return an environment without this project's paths and with a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    drop = ("PYTHON", "VIRTUAL_ENV")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
    return {**kept, "HOME": str(home)}
