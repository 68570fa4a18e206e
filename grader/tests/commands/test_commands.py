"""The two commands as their users meet them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import nbgrader
import pytest
import typer
from grader_support import course_maker as maker
from grader_support.marks import ALL
from grader_support.quick import Pretend
from typer.testing import CliRunner

from fairmark.commands import feedback, grade
from fairmark.grading import engine

app = typer.Typer()
app.command("grade")(grade.command)
app.command("feedback")(feedback.command)


@pytest.fixture
def quick(monkeypatch):
    """Without kernels: what is tested here is around them."""
    monkeypatch.setattr(engine, "default_executor", lambda: Pretend(ALL))
    monkeypatch.setattr(engine, "default_workers", lambda: 0)


def call(*arguments):
    return CliRunner().invoke(app, [str(item) for item in arguments], catch_exceptions=False)


def one_line(text):
    return " ".join(text.split())


def test_all_graded(course, quick, tmp_path):
    maker.hand_in(course, "ann", maker.full())
    done = call("grade", "kite", "--course", course, "--json", tmp_path / "out" / "r.json")
    assert done.exit_code == 0
    assert "9 + 7 by hand / 16" in done.stdout and "1 graded." in done.stdout
    rows = json.loads((tmp_path / "out" / "r.json").read_text())
    assert rows[0]["student"] == "ann" and rows[0]["checks"] == ALL
    assert rows[0]["status"] == "graded" and rows[0]["repairs"] == []


def test_something_needs_a_look(course, quick):
    maker.hand_in(course, "ann", maker.full())
    maker.hand_in(course, "bob", "broken")
    done = call("grade", "kite", "--course", course)
    assert done.exit_code == 1
    assert "needs review" in done.stdout and "1 graded, 1 needs review." in done.stdout


def test_unknown_assignment(course, quick):
    done = call("grade", "kites", "--course", course)
    assert done.exit_code == 2
    assert one_line(done.stderr) == "There is no assignment 'kites'. There are: kite."
    assert not (course / "release").exists()


def test_no_submissions(course, quick):
    done = call("grade", "kite", "--course", course)
    assert done.exit_code == 2
    assert "There are no submissions of kite. They are expected in" in one_line(done.stderr)
    assert "submitted/STUDENT/kite" in done.stderr.replace("\n", "")


def test_unknown_student_and_no_folder(course, quick):
    maker.hand_in(course, "ann", maker.full())
    done = call("grade", "kite", "--course", course, "--student", "zoe")
    assert done.exit_code == 2 and "There are: ann." in one_line(done.stderr)
    done = call("grade", "kite", "--course", course / "nowhere")
    assert done.exit_code == 2 and "no course folder" in one_line(done.stderr)


def test_broken_configuration_and_source(course, quick):
    maker.hand_in(course, "ann", maker.full())
    config = course / "nbgrader_config.py"
    config.write_text("c = get_config(")
    done = call("grade", "kite", "--course", course)
    assert done.exit_code == 2 and "cannot be loaded" in one_line(done.stderr)
    config.unlink()
    path = course / "source" / "kite" / "kite.ipynb"
    path.write_text(path.read_text().replace("### END SOLUTION", "###"))
    done = call("grade", "kite", "--course", course)
    assert done.exit_code == 2 and "cannot be released by nbgrader" in one_line(done.stderr)


def test_only_one_student(course, quick):
    for student in ("ann", "bob", "123"):
        maker.hand_in(course, student, maker.full())
    done = call("grade", "kite", "--course", course, "--student", "123", "--student", "bob")
    assert done.exit_code == 0 and "2 graded." in done.stdout
    assert not (course / "autograded" / "ann").exists()


def test_empty_folders_need_review_and_others_are_named(course, quick):
    other = course / "source" / "ball"
    other.mkdir()
    nbformat.write(maker.source_notebook(), other / "ball.ipynb")
    maker.hand_in(course, "ann", maker.full())
    (course / "submitted/empty/kite").mkdir(parents=True)
    (course / "submitted/bare").mkdir()
    (course / "submitted/misplaced/Kite").mkdir(parents=True)
    (course / "submitted/later/ball").mkdir(parents=True)
    done = call("grade", "kite", "--course", course)
    assert done.exit_code == 1
    assert "1 graded, 3 needs review." in done.stdout
    assert "Nothing handed in: later." in done.stdout


def test_other_names_of_folders_and_database(tmp_path, quick):
    maker.make_course(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.submitted_directory = 'abgaben'\n"
        "c.CourseDirectory.autograded_directory = 'bewertet'\n"
        "c.CourseDirectory.feedback_directory = 'antwort'\n"
        "c.CourseDirectory.source_directory = 'quelle'\n"
        "c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'\n"
        "c.CourseDirectory.db_url = 'sqlite:///marks.db'\n"
    )
    (tmp_path / "quelle" / "kite").mkdir(parents=True)
    (tmp_path / "source/kite/kite.ipynb").rename(tmp_path / "quelle/kite/kite.ipynb")
    # `source` of assignment kite is quelle/kite/. in this structure.
    maker.hand_in(tmp_path, "ann", maker.full())
    (tmp_path / "abgaben" / "kite").mkdir(parents=True)
    (tmp_path / "submitted/ann/kite").rename(tmp_path / "abgaben/kite/ann")
    done = call("grade", "kite", "--course", tmp_path)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "bewertet/kite/ann/kite.ipynb").exists()
    assert (tmp_path / "marks.db").exists() and not (tmp_path / "gradebook.db").exists()
    assert call("feedback", "kite", "--course", tmp_path).exit_code == 0
    assert (tmp_path / "antwort/kite/ann/kite.html").exists()


def test_works_without_configuration_in_the_present_folder(tmp_path, quick, monkeypatch):
    maker.make_course(tmp_path)
    (tmp_path / "nbgrader_config.py").unlink()
    maker.hand_in(tmp_path, "ann", maker.full())
    monkeypatch.chdir(tmp_path)
    assert call("grade", "kite").exit_code == 0
    assert (tmp_path / "gradebook.db").exists()


def test_feedback_before_grading(course):
    done = call("feedback", "kite", "--course", course)
    assert done.exit_code == 2 and "run `fairmark grade kite` first" in one_line(done.stderr)


def test_help_says_what_the_exit_codes_mean():
    done = call("grade", "--help")
    assert done.exit_code == 0 and "Exit code" in done.stdout


def test_quickstart_course(tmp_path):
    """nbgrader's own example: two notebooks, a task cell, a picture, a header."""
    root = tmp_path / "example"
    guide = Path(nbgrader.__file__).parent / "docs/source/user_guide/source"
    shutil.copytree(guide, root / "source")
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.course_id = 'example'\n"
        "c.IncludeHeaderFooter.header = 'source/header.ipynb'\n"
    )
    folder = root / "submitted" / "ann" / "ps1"
    folder.mkdir(parents=True)
    for name in ("problem1", "problem2"):
        notebook = nbformat.read(root / f"source/ps1/{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            lines = [line for line in cell.source.splitlines() if "### " not in line]
            cell.source = "\n".join(lines) + "\n# mine" * (cell.cell_type == "code")
        nbformat.write(notebook, folder / f"{name}.ipynb")
    results = {r.student: r for r in engine.grade(root, "ps1")}
    assert str(results["ann"].status) == "graded"
    assert results["ann"].checks == {
        "correct_squares": 1.0,
        "squares_invalid_input": 1.0,
        "correct_sum_of_squares": 0.5,
        "sum_of_squares_uses_squares": 0.5,
    }
    assert sum(results["ann"].by_hand.values()) == 10
    assert call("feedback", "ps1", "--course", root).exit_code == 0
    page = (root / "feedback/ann/ps1/problem1.html").read_text()
    assert "HIDDEN TESTS" not in page and "correct_squares" in page
