"""nbgrader's own feedback, configured as the guide says: fairmark's pages, and nothing hidden."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from grader_support import course_maker as maker
from grader_support.quick import in_this_process
from grader_support.stock_nbgrader import api_of
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from fairmark.cli import app
from fairmark.folder import CourseFolder
from fairmark.grading.engine import grade
from fairmark.nbgrader_plugin import SafeFeedback, configure_feedback, feedback_notice
from fairmark.reports.feedback import write_feedback

LINES = """
from fairmark.nbgrader_plugin import configure_feedback

configure_feedback(c)
"""
SECRETS = ("canary-", "HIDDEN TESTS", "MARK SCHEME", "f1(-1.5)", "each of the two")
#: Fails the hidden test, whose text stock shows in a traceback too.
ONLY_PUBLIC = "def f1(x):\n    return 4"
STUDENTS = {"ann": maker.full(), "bob": maker.filled(**{**maker.ANSWERS, "f1": ONLY_PUBLIC})}


def graded_course(root, *, configured: bool):
    maker.make_course(root)
    if configured:
        with (root / "nbgrader_config.py").open("a") as config:
            config.write(LINES)
    for student, notebook in STUDENTS.items():
        maker.hand_in(root, student, notebook)
    grade(root, maker.ASSIGNMENT, executor=in_this_process)
    return root


@pytest.fixture
def configured(tmp_path):
    return graded_course(tmp_path, configured=True)


@pytest.fixture
def stock(tmp_path):
    return graded_course(tmp_path, configured=False)


def pages(root) -> dict[str, str]:
    found = (root / "feedback").glob(f"*/{maker.ASSIGNMENT}/{maker.NOTEBOOK}.html")
    return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in found}


def text_of(page: str) -> str:
    """The words of a page, without the marks that colour its code."""
    return BeautifulSoup(page, "html.parser").get_text()


def assert_safe(root) -> None:
    """All have a page, with their marks, equal to the one of `fairmark feedback`."""
    found = pages(root)
    assert set(found) == set(STUDENTS)
    for page in found.values():
        assert not [secret for secret in SECRETS if secret in page + text_of(page)]
    assert "9 of 16" in found["ann"] and "6 of 16" in found["bob"]
    write_feedback(CourseFolder(root), maker.ASSIGNMENT)
    assert pages(root) == found


def test_the_command_writes_safe_pages(configured):
    path = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", maker.ASSIGNMENT],
        cwd=configured,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert_safe(configured)


@pytest.mark.parametrize("student", [None, "bob"])
def test_formgraders_button_writes_safe_pages_over_those_that_are_there(configured, student):
    write_feedback(CourseFolder(configured), maker.ASSIGNMENT)
    done = api_of(configured).generate_feedback(maker.ASSIGNMENT, student)
    assert done["success"], done
    assert_safe(configured)


def test_a_persons_marks_are_on_the_page(configured):
    with Gradebook(f"sqlite:///{configured}/gradebook.db") as gradebook:
        mark = gradebook.find_grade("drawing", maker.NOTEBOOK, maker.ASSIGNMENT, "ann")
        mark.manual_score = 4
        gradebook.db.commit()
    assert api_of(configured).generate_feedback(maker.ASSIGNMENT, "ann")["success"]
    assert "13 of 16" in pages(configured)["ann"]


def test_what_nobody_marked_gets_no_page_and_says_why(configured):
    path = configured / "autograded" / "ann" / maker.ASSIGNMENT / f"{maker.NOTEBOOK}.ipynb"
    path.rename(path.with_name("other.ipynb"))
    done = api_of(configured).generate_feedback(maker.ASSIGNMENT, "ann")
    assert not done["success"] and "There are no marks of" in done["log"]
    assert "ann" not in pages(configured)


def test_stock_shows_hidden_tests_and_the_commands_say_so(stock):
    """The notice is there as long as what it says is true."""
    assert api_of(stock).generate_feedback(maker.ASSIGNMENT, "bob")["success"]
    assert "f1(-1.5)" in text_of(pages(stock)["bob"])
    for arguments in (["grade", "kite"], ["feedback", "kite"]):
        done = CliRunner().invoke(app, [*arguments, "--course", str(stock)])
        assert done.stderr.count("would show students hidden tests") == 1, done.stderr
        for line in LINES.splitlines():
            assert line in done.stderr


def test_a_configured_course_is_told_nothing(configured):
    for arguments in (["grade", "kite"], ["feedback", "kite"]):
        done = CliRunner().invoke(app, [*arguments, "--course", str(configured)])
        assert "configure_feedback" not in done.stderr


@pytest.mark.parametrize("named", ["fairmark.nbgrader_plugin.SafeFeedback", SafeFeedback])
def test_the_setting_may_be_written_out(course, named):
    folder = CourseFolder(course)
    assert "configure_feedback(c)" in feedback_notice(folder)
    folder.app.config.GenerateFeedback.exporter_class = named
    assert feedback_notice(folder) == ""


def test_configuring_twice_is_configuring_once(course):
    folder = CourseFolder(course)
    for _ in range(2):
        configure_feedback(folder.app.config)
    assert feedback_notice(folder) == ""
