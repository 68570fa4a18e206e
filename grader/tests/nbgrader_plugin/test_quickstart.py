"""nbgrader's own example course: `fairmark grade` gives what plain `nbgrader autograde` gives."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgrader")

from grader_support.stock_nbgrader import api_of, marks
from nbgrader.apps import QuickStartApp
from typer.testing import CliRunner

from fairmark.cli import app

ALONE = "def sum_of_squares(n):\n    return n * (n + 1) * (2 * n + 1) // 6"
NO_ERROR = "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]"
WORDS = "In my own words."
#: Who answers what; what is not named is the solution of the example.
STUDENTS = {
    "bitdiddle": {},
    "hacker": {"sum_of_squares": ALONE},
    "reasoner": {"squares": NO_ERROR, "part-a": WORDS},
}
UNTOUCHED = "student"


def quickstart(folder: Path) -> Path:
    """Let nbgrader make its example. The list of all settings, which it makes first, is left empty."""
    course = folder / "example"

    def call(command, **options):
        if "generate_config" in command:
            Path("nbgrader_config.py").write_text("c = get_config()\n")
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(subprocess, "call", call)
        made = QuickStartApp()
        made.extra_args = [str(course)]
        made.start()
    return course


def cell_of(notebook, grade_id):
    return next(
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def hand_in(course: Path, student: str, answers: dict[str, str]) -> None:
    """Fill the released notebooks with the example's solutions, or with answers."""
    for path in sorted((course / "release" / "ps1").glob("*.ipynb")):
        released = nbformat.read(path, as_version=4)
        solved = nbformat.read(course / "source" / "ps1" / path.name, as_version=4)
        for cell in released.cells:
            data = cell.metadata.get("nbgrader", {})
            if data.get("solution"):
                text = cell_of(solved, data["grade_id"]).source
                lines = [line for line in text.splitlines() if not line.strip().startswith("###")]
                cell.source = answers.get(data["grade_id"], "\n".join(lines))
        target = course / "submitted" / student / "ps1"
        target.mkdir(parents=True, exist_ok=True)
        nbformat.write(released, target / path.name)
    shutil.copy(course / "source" / "ps1" / "jupyter.png", target)


@pytest.fixture(scope="module")
def courses(tmp_path_factory, sandbox, programs_on_the_path) -> dict[str, Path]:
    """The example with a class, graded by both."""
    stock = quickstart(tmp_path_factory.mktemp("stock"))
    api = api_of(stock)
    assert api.generate_assignment("ps1")["success"]
    for student, answers in STUDENTS.items():
        hand_in(stock, student, answers)
    shutil.copytree(stock / "release" / "ps1", stock / "submitted" / UNTOUCHED / "ps1")
    ours = tmp_path_factory.mktemp("ours") / "example"
    shutil.copytree(stock, ours)
    done = api.autograde("ps1", "*")
    assert done["success"], done
    graded = CliRunner().invoke(
        app, ["grade", "ps1", "--course", str(ours), "--json", str(ours / "marks.json")]
    )
    assert graded.exit_code == 0, graded.output
    return {"stock": stock, "ours": ours}


@pytest.mark.parametrize("student", [*STUDENTS, UNTOUCHED])
def test_marks_are_those_of_plain_nbgrader(courses, student):
    assert marks(courses["ours"], "ps1", student) == marks(courses["stock"], "ps1", student)


@pytest.mark.parametrize(
    ("student", "lost"),
    [
        ("bitdiddle", []),
        ("hacker", ["sum_of_squares_uses_squares"]),
        ("reasoner", ["squares_invalid_input"]),
    ],
)
def test_checks_earn_what_they_should(courses, student, lost):
    every = {
        "correct_squares": 1.0,
        "squares_invalid_input": 1.0,
        "correct_sum_of_squares": 0.5,
        "sum_of_squares_uses_squares": 0.5,
    }
    rows = {row["student"]: row for row in json.loads((courses["ours"] / "marks.json").read_text())}
    assert rows[student]["status"] == "graded"
    checks = rows[student]["checks"]
    assert {name: checks[name] for name in every} == every | dict.fromkeys(lost, 0.0)
