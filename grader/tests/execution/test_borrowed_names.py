"""Names that a check uses and does not define: whose they are, and whose they never are."""

from __future__ import annotations

import pytest
from grader_support.notebooks import check, given, run

GIVEN = given("import numpy as np\nfrom numpy.testing import assert_allclose")
#: Relies on the locked cell; the answer is wrong.
CHECK = "assert_allclose(f(np.ones(2)), np.zeros(2))\nassert np.allclose(f(1.0), 0.0)"
TRICKS = {
    "nothing": "",
    "assigned": "assert_allclose = lambda *a, **k: None\nnp = None",
    "defined": "def assert_allclose(*a, **k): pass\nclass np:\n    allclose = ones = zeros = staticmethod(lambda *a, **k: 1)",
    "defined in a branch": "if True:\n    def assert_allclose(*a, **k): pass",
    "imported": "from typing import cast as assert_allclose",
    "another function": "from numpy.testing import assert_ as assert_allclose",
    "another module": "import math as np\nfrom functools import partial as assert_allclose",
    "deleted": "del np, assert_allclose",
}  # fmt: skip


@pytest.mark.parametrize("name", TRICKS)
def test_imports_of_a_locked_cell_stay(name):
    found = run(GIVEN, "def f(x):\n    return x", TRICKS[name], check("c", CHECK))
    assert found.points == {"c": 0.0}
    assert "Not equal to tolerance" in found.failures["c"]
    good = run(GIVEN, "def f(x):\n    return 0 * x", TRICKS[name], check("c", CHECK))
    assert good.points == {"c": 1.0}


def test_a_locked_cell_may_replace_its_own_import():
    found = run(
        GIVEN,
        given("def assert_allclose(a, b):\n    assert a is not None"),
        "def f(x):\n    return x",
        check("c", "assert_allclose(f(1), 7)"),
    )
    assert found.points == {"c": 1.0}


#: A check that hands what one function returns to another, both by name.
ROUND = "assert decode(encode('kite')) is not None"
#: Works on the student's side only.
LOOK = "__import__('os').listdir('/tmp/mine')"


@pytest.mark.parametrize(
    "text",
    [
        "from os import listdir as decode\ndef encode(x): return '/tmp/mine'",
        f"from numpy.testing import measure as decode\ndef encode(x): return {LOOK!r}",
        f"from numpy.testing import measure\ndecode = measure\ndef encode(x): return {LOOK!r}",
        "from subprocess import check_output as decode\ndef encode(x): return ['ls', '/tmp/mine']",
    ],
    ids=["open", "measure", "its name", "check_output"],
)
def test_no_import_of_a_student_becomes_a_function_of_the_checks(text):
    """There it would run what the student's other function returned."""
    found = run(f"import os\nos.mkdir('/tmp/mine')\n{text}", check("c", ROUND))
    assert found.points == {"c": 1.0}, found.failures


def test_honest_imports_of_an_open_cell_are_made_again():
    found = run(
        "import math, numpy as np\nimport numpy.linalg as la\nfrom numpy.testing import assert_allclose\n"
        "from itertools import product\nfrom math import sqrt as root",
        "np.allclose = lambda *a: True\ndef f(x):\n    return x",
        check("module", "assert not np.allclose(f(1.0), 2.0) and math.pi > 3"),
        check("inner", "assert la.norm(f(np.ones(4))) == 2"),
        check("function", "assert_allclose(f(2.0), 2.0)\nassert len(list(product([1], [2]))) == 1"),
        check("renamed", "assert root(f(4)) == 2"),
    )
    assert found.failures == {}
