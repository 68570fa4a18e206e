"""One small class, graded once for all tests that only look at the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from grader_support import course_maker as maker
from grader_support.fixtures import programs_on_the_path, sandbox

from fairmark.grading.engine import grade
from fairmark.limits import Limits
from fairmark.model import Result

__all__ = ["programs_on_the_path", "sandbox"]

LIMITS = Limits(cell_seconds=3, notebook_seconds=60)


@dataclass
class Class:
    root: Path
    results: dict[str, Result]


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory) -> Class:
    root = maker.make_course(tmp_path_factory.mktemp("course"))
    maker.hand_in_class(root)
    results = grade(root, maker.ASSIGNMENT, limits=LIMITS)
    return Class(root, {result.student: result for result in results})


@pytest.fixture
def course(tmp_path) -> Path:
    return maker.make_course(tmp_path)
