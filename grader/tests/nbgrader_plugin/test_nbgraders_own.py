"""nbgrader's own test files: the reference has the marks that plain nbgrader gives it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbgrader
import pytest

pytest.importorskip("nose", reason="nbgrader's own test files use it")

from grader_support.stock_nbgrader import api_of, marks
from typer.testing import CliRunner

from fairmark.cli import app

FILES = Path(nbgrader.__file__).parent / "tests"
#: Those with solutions and checks in the form of today's nbgrader.
NOTEBOOKS = (
    "apps/files/test.ipynb",
    "apps/files/test-with-output.ipynb",
    "apps/files/autotest-simple.ipynb",
    "apps/files/autotest-multi.ipynb",
    "apps/files/autotest-hidden.ipynb",
    "apps/files/autotest-hashed.ipynb",
    "preprocessors/files/test_taskcell.ipynb",
)
#: Its solution gives a list for two numbers only, and fails the hidden tests: so it is made to.
UNFINISHED = "apps/files/test-hidden-tests.ipynb"
ASSIGNMENT, REFERENCE, UNTOUCHED = "own", "reference", "untouched"


@pytest.fixture(scope="module")
def courses(tmp_path_factory, sandbox, programs_on_the_path) -> dict[str, Path]:
    """One assignment with all of them, handed in as they are, graded by both."""
    stock = tmp_path_factory.mktemp("stock") / "course"
    source = stock / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    (stock / "nbgrader_config.py").write_text("c = get_config()\n")
    shutil.copy(FILES / "apps" / "files" / "autotests.yml", stock / "autotests.yml")
    for name in NOTEBOOKS:
        shutil.copy(FILES / name, source)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(stock)
        api = api_of(stock)
        made = api.generate_assignment(ASSIGNMENT)
        assert made["success"], made
    for student, place in ((REFERENCE, "source"), (UNTOUCHED, "release")):
        shutil.copytree(stock / place / ASSIGNMENT, stock / "submitted" / student / ASSIGNMENT)
    ours = tmp_path_factory.mktemp("ours") / "course"
    shutil.copytree(stock, ours)
    done = api.autograde(ASSIGNMENT, "*")
    assert done["success"], done
    graded = CliRunner().invoke(
        app, ["grade", ASSIGNMENT, "--course", str(ours), "--json", str(ours / "marks.json")]
    )
    assert graded.exit_code == 0, graded.output
    return {"stock": stock, "ours": ours}


@pytest.mark.parametrize("student", [REFERENCE, UNTOUCHED])
def test_marks_are_those_of_plain_nbgrader(courses, student):
    assert marks(courses["ours"], ASSIGNMENT, student) == marks(
        courses["stock"], ASSIGNMENT, student
    )


def test_the_reference_has_all_points(courses):
    rows = {row["student"]: row for row in json.loads((courses["ours"] / "marks.json").read_text())}
    assert rows[REFERENCE]["status"] == "graded" and not rows[REFERENCE]["reason"]
    stock = marks(courses["stock"], ASSIGNMENT, REFERENCE)
    assert stock and all(got == most for got, most, by_hand in stock.values() if not by_hand)


def test_a_solution_that_fails_its_hidden_tests_is_named(courses, tmp_path):
    source = tmp_path / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    shutil.copy(FILES / UNFINISHED, source)
    shutil.copytree(source, tmp_path / "submitted" / REFERENCE / ASSIGNMENT)
    done = CliRunner().invoke(app, ["grade", ASSIGNMENT, "--course", str(tmp_path)])
    assert done.exit_code == 2
    assert "- correct_squares (1 point):" in done.output
    assert "squares_invalid_input" not in done.output
