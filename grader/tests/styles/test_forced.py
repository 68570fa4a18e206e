"""Every style with all its checks judged beside: no undeserved point, and no silent loss."""

from __future__ import annotations

import pytest

from fairmark.judged import Judge

from . import STYLES, Style
from .judged import calibrated, fault_of, graded

pytestmark = pytest.mark.usefixtures("sandbox")

#: Styles whose reference ends with a person here, since nothing says what is usual of it.
#: Where the reference decides (`test_decided`), it does not.
LOOKED_AT = {
    "NumPy's global generator is seeded by the check",
    "a check reads the text of the student's cell in In",
    "a context manager made from a generator",
    "a data class: its fields, equality and that it is frozen",
    "a file is given, read and appended to",
    "a graph of networkx is made and handed in",
    "a helper of the notebook is patched",
    "a later answer uses the data which a check has made",
    "a waiting function is patched so that nothing waits",
    "an array made of the student's objects",
    "calls are counted with a profile function of the check's",
    "copies and pickles of the student's objects",
    "expressions of SymPy are compared",
    "operators and equality of the student's vectors",
    "print is patched and its calls are looked at",
    "the module random is seeded by the check",
    "the student's object is iterated, indexed and asked for its length",
    "the student's objects are keys and members of sets",
    "the student's objects are ordered and sorted",
    "views and changes in place of arrays",
    "warnings are recorded",
}
#: Faults that are known, and wait to be mended.
KNOWN = {
    "a check counts the recursive calls through the global name": (
        "a function that the check defines is not there for the student's code"
    ),
    "the speed is compared with a slow version of the check's": (
        "the guard makes the check's own loops and calls slower by far"
    ),
    "unittest.main finds the tests in the notebook": "its class is not found in the notebook",
}


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_beside_the_marks_are_fair(style: Style):
    if missing := style.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    calibration = calibrated(style, Judge.BESIDE)
    faults = []
    for name, (answer, marks) in style.answers().items():
        run = graded(style, answer, calibration)
        who = "right" if name == "reference" and style.name in LOOKED_AT else name
        if fault := fault_of(who, run, marks):
            faults.append(fault)
    if faults and style.name in KNOWN:
        pytest.xfail(KNOWN[style.name])
    assert faults == []
