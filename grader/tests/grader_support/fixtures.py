"""Fixtures that tests of the course use too."""

import os
import sys
from pathlib import Path

import pytest

from fairmark.execution import default_executor
from fairmark.model import GradingError


@pytest.fixture(scope="session")
def sandbox():
    """Skip where the sandbox cannot be made."""
    try:
        return default_executor()
    except GradingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def programs_on_the_path():
    """nbgrader runs a bare `alembic`: the environment's programs must be on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield
