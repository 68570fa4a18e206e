"""A class with every kind of submission: what each one gets."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from grader_support import course_maker as maker
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin

from fairmark.folder import CourseFolder
from fairmark.model import Status
from fairmark.reports.exports import marks, write_csv
from fairmark.reports.table import as_dicts, score_text

FULL = {"f1-forward": 3.0, "f2-forward": 4.0, "f3-part": 2.0}


@pytest.mark.parametrize("student", ["a-full", "m-full", "z-full"])
def test_good_submissions_are_not_touched_by_broken_neighbours(graded_class, student):
    result = graded_class.results[student]
    assert result.status is Status.GRADED
    assert result.reason == ""
    assert result.repairs == []
    assert result.checks == FULL
    assert result.by_hand == {"drawing": 5.0, "essay": 2.0}
    assert score_text(result) == "9 + 7 by hand / 16"
    assert result.seconds > 0 and result.peak_mb > 20


def test_untouched_gets_nothing_and_says_so(graded_class):
    result = graded_class.results["b-untouched"]
    assert (result.status, result.score) == (Status.GRADED, 0.0)
    assert result.reason == "nothing was filled in"


def test_half_done(graded_class):
    result = graded_class.results["c-half"]
    assert result.status is Status.GRADED
    # f3-part ends with the number of right answers divided by two.
    assert result.checks == {"f1-forward": 3.0, "f2-forward": 0.0, "f3-part": 1.0, "drawing": 0.0}


@pytest.mark.parametrize(
    "student", ["d-colab", "j-deleted", "k-duplicated", "n-kernel", "o-stderr", "s-script"]
)
def test_unusual_forms_earn_full_marks(graded_class, student):
    result = graded_class.results[student]
    assert result.status is Status.GRADED
    assert {name: result.checks[name] for name in FULL} == FULL


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("j-deleted", "put back: f1-forward"),
        ("k-duplicated", "f1 was there 2 times: the one with the student's work"),
        ("l-edited", "Edited by the student and restored: f1-forward"),
        ("n-kernel", "'conda-env-nn'; python3 was used"),
        ("r-stripped", "Recognised without nbgrader's metadata: f1, f1-forward"),
        ("s-script", "python_backup/kite.py was graded, because kite.ipynb holds no answer"),
    ],
)
def test_repairs_are_told(graded_class, student, words):
    assert words in "\n".join(graded_class.results[student].repairs)


def test_an_edited_check_has_no_effect(graded_class):
    result = graded_class.results["l-edited"]
    assert result.checks == {"f1-forward": 0.0, "f2-forward": 4.0, "f3-part": 2.0}
    assert result.max_score == 16


def test_stripped_metadata_is_recognised(graded_class):
    assert graded_class.results["r-stripped"].checks == FULL


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("e-missing", "kite.ipynb is missing; there is: other.txt"),
        ("f-notjson", "is not JSON"),
        ("g-html", "is a web page"),
        ("h-empty", "is empty"),
        ("i-truncated", "is cut off"),
    ],
)
def test_unreadable_needs_review_and_is_no_zero(graded_class, student, words):
    result = graded_class.results[student]
    assert result.status is Status.REVIEW
    assert words in result.reason
    assert result.checks == {}
    assert score_text(result) == "- / 16"


def test_an_endless_loop_costs_its_check_only(graded_class):
    result = graded_class.results["p-endless"]
    assert result.status is Status.PARTLY
    assert result.reason == "f2-forward did not end within 3 s"
    assert result.checks == {**FULL, "f2-forward": 0.0}


def test_a_dead_kernel_costs_its_check_only(graded_class):
    result = graded_class.results["q-death"]
    assert result.status is Status.PARTLY
    assert result.reason == "f2-forward ended the Python process"
    assert result.checks == {**FULL, "f2-forward": 0.0}


def test_gradebook_holds_the_same_marks(graded_class):
    with Gradebook(f"sqlite:///{graded_class.root}/gradebook.db", "kites") as gradebook:
        for student, result in graded_class.results.items():
            row = gradebook.find_submission(maker.ASSIGNMENT, student)
            assert row.score == result.score
            assert row.max_score == 16
            assert row.needs_manual_grade
            checks = {grade.name: grade for grade in row.notebooks[0].grades}
            undecided = result.status is Status.REVIEW
            assert (checks["f1-forward"].auto_score is None) == undecided


def test_autograded_holds_notebooks_with_outputs_and_files(graded_class):
    folder = graded_class.root / "autograded" / "c-half" / maker.ASSIGNMENT
    notebook = nbformat.read(folder / "kite.ipynb", as_version=4)
    nbformat.validate(notebook)
    check = maker.cell_of(notebook, "f2-forward")
    assert check.outputs[0].ename == "NotImplementedError"
    assert maker.HIDDEN in maker.cell_of(notebook, "f1-forward").source
    assert (folder / "numbers.txt").read_text() == "1 2 3\n"
    assert notebook.metadata["fairmark"]["status"] == "graded"
    left_over = [p for p in (graded_class.root / "autograded").rglob(".*")]
    assert left_over == []


def test_release_is_not_touched(graded_class):
    assert not (graded_class.root / "release").exists()


def test_json_form(graded_class):
    rows = json.loads(json.dumps(as_dicts(list(graded_class.results.values()))))
    keys = {"student", "assignment", "status", "reason", "score", "max_score", "checks"}
    assert all(keys | {"seconds", "peak_mb"} <= set(row) for row in rows)
    assert {row["status"] for row in rows} == {"graded", "partly graded", "needs review"}


@pytest.fixture
def stock(graded_class):
    """nbgrader's own interface, the one that formgrader uses."""
    return NbGraderAPI(CourseFolder(graded_class.root).coursedir)


def test_stock_export_works_on_what_is_left(graded_class, stock, tmp_path):
    with stock.gradebook as gradebook:
        CsvExportPlugin(to=str(tmp_path / "grades.csv")).export(gradebook)
    with (tmp_path / "grades.csv").open() as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {name: result.score for name, result in graded_class.results.items()}


def test_formgrader_sees_everybody_as_graded(graded_class, stock):
    rows = {row["student"]: row for row in stock.get_submissions(maker.ASSIGNMENT)}
    assert set(rows) == set(graded_class.results)
    assert all(row["autograded"] and row["needs_manual_grade"] for row in rows.values())
    notebooks = stock.get_notebook_submission_indices("kite", maker.ASSIGNMENT)
    assert len(notebooks) == len(rows)


def test_stock_feedback_works_on_what_is_left(graded_class, stock):
    stock.coursedir.feedback_directory = "stock_feedback"
    for student in ("a-full", "e-missing", "q-death"):
        done = stock.generate_feedback(maker.ASSIGNMENT, student)
        assert done["success"], done
        assert (graded_class.root / "stock_feedback" / student / "kite/kite.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [("export",), ("generate_feedback", maker.ASSIGNMENT), ("autograde", maker.ASSIGNMENT)],
)
def test_stock_commands_end_well(graded_class, tmp_path, arguments):
    """On a copy, as their users call them; stock autograde skips what is graded."""
    copy = shutil.copytree(graded_class.root, tmp_path / "copy")
    scripts = str(Path(sys.executable).parent)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=copy,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_marks_carry_a_status_and_never_a_bare_zero(graded_class, tmp_path):
    rows = marks(CourseFolder(graded_class.root), maker.ASSIGNMENT)
    with (tmp_path / "marks.csv").open("w", newline="") as file:
        write_csv(rows, file)
    with (tmp_path / "marks.csv").open() as file:
        found = {row["student_id"]: row for row in csv.DictReader(file)}
    assert found["h-empty"]["score"] == "" and found["h-empty"]["status"] == "needs review"
    assert found["h-empty"]["reason"] == "kite.ipynb is empty"
    assert found["a-full"]["score"] == "9.0" and found["a-full"]["status"] == "waits"
    assert found["a-full"]["by_hand"] == "7.0"
    assert found["p-endless"]["status"] == "partly graded"
