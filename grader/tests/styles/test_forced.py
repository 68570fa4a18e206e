"""Every style with all its checks judged beside: the marks are fair as well."""

from __future__ import annotations

import pytest

from fairmark.judged import Judge

from . import STYLES, Style
from .judged import calibrated, fault_of, graded

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_beside_the_marks_are_fair(style: Style):
    for library in style.needs:
        pytest.importorskip(library)
    calibration = calibrated(style, Judge.BESIDE)
    faults = [
        fault
        for name, (answer, marks) in style.answers().items()
        if (fault := fault_of(name, graded(style, answer, calibration), marks))
    ]
    assert faults == []
