"""Stock nbgrader commands work in the course folder, and agree with ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from chainrule.course.release import differences

ROOT = Path(__file__).resolve().parents[2]


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    # nbgrader runs a bare `alembic`: the environment's programs must be on the path.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def stock(tmp_path_factory, sandbox) -> Path:
    """Let plain nbgrader generate the assignment and grade two submissions."""
    course = tmp_path_factory.mktemp("stock")
    shutil.copytree(ROOT / "source" / "backprop", course / "source" / "backprop")
    for name in ("_config.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, course / name)
    for student in ("ex01-full", "ex02-untouched"):
        shutil.copytree(ROOT / "examples" / "submissions" / student, course / "submitted" / student)
    done = nbgrader(course, "generate_assignment", "backprop")
    assert done.returncode == 0, done.stderr
    done = nbgrader(course, "autograde", "backprop")
    assert done.returncode == 0, done.stderr
    return course


def scores(course: Path) -> dict[str, float]:
    done = nbgrader(course, "export", "--to", "marks.csv")
    assert done.returncode == 0, done.stderr
    lines = (course / "marks.csv").read_text().splitlines()
    header = lines[0].split(",")
    student, score = header.index("student_id"), header.index("score")
    return {row.split(",")[student]: float(row.split(",")[score]) for row in lines[1:]}


def test_generate_assignment_gives_the_committed_release(stock):
    built = stock / "release" / "backprop"
    assert differences(built, ROOT / "release" / "backprop") == []


def test_autograde_gives_full_marks_and_none(stock):
    assert scores(stock) == {"ex01-full": 20.0, "ex02-untouched": 0.0}


def test_validate_accepts_the_solution_and_refuses_the_untouched_release(stock):
    good = nbgrader(stock, "validate", "source/backprop/graphs.ipynb")
    assert good.returncode == 0, good.stderr
    assert "Success" in good.stdout
    bad = nbgrader(stock, "validate", "release/backprop/graphs.ipynb")
    assert "failed" in bad.stdout.lower()


def test_gradable_points_are_those_of_the_source(stock):
    notebook = nbformat.read(stock / "release" / "backprop" / "graphs.ipynb", as_version=4)
    data = [c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata]
    assert sum(d.get("points", 0) for d in data) == 25
