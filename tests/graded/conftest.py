"""Autograders of the course, to try."""

from pathlib import Path

import pytest
from grader_support.autograder import make_zip
from grader_support.containers import install_wheels, open_folder, open_python

__all__ = ["open_folder", "open_python"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def backprop_zip(open_folder) -> Path:
    return make_zip(ROOT, "backprop", open_folder / "backprop.zip")


@pytest.fixture(scope="session")
def set_up_python(open_python, backprop_zip, open_folder) -> Path:
    """Install the wheels of an archive: not the repository's code is tried, but what is packed."""
    install_wheels(backprop_zip, open_python, open_folder / "unpacked")
    return open_python
