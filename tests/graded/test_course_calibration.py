"""How the checks of the course itself are judged: the reference decides it."""

from pathlib import Path

import pytest
from fairmark.folder import CourseFolder
from fairmark.grading.calibration import calibrate, for_own_code
from fairmark.grading.template import generate, template_of
from fairmark.limits import Limits

ROOT = Path(__file__).resolve().parents[2]
COURSE = CourseFolder(ROOT)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_every_check_of_the_course_is_judged_apart(assignment):
    """The reference earns all in this way, and the untouched release nothing."""
    template = template_of(COURSE, assignment, generate(COURSE, assignment))
    found = calibrate(COURSE, template, for_own_code()[0], Limits())
    assert found.sentences() == []
    assert all(check.earned == check.points for check in found.checks)
    assert found.reference and found.checks
