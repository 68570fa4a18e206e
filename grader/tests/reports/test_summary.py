"""The instructor's page, and marks for other systems."""

from __future__ import annotations

import csv
import re

import pytest
from grader_support import course_maker as maker
from grader_support import quick
from grader_support.marks import by_hand, gradebook

from fairmark.folder import CourseFolder
from fairmark.grading.engine import plan, run
from fairmark.grading.template import load_template
from fairmark.model import Result, Status
from fairmark.reports.exports import FORMS, marks
from fairmark.reports.summary import check_rows, render, report_path, write_report


@pytest.fixture
def graded(course):
    maker.hand_in(course, "ann", maker.full())
    maker.hand_in(course, "bob", "broken")
    maker.hand_in(course, "cid", maker.filled(f1=maker.ANSWERS["f1"]))
    maker.hand_in(course, "dan", maker.duplicated())
    job = plan(CourseFolder(course), "kite")
    return course, job, list(run(job, executor=quick.in_this_process))


def test_the_page_tells_what_an_instructor_asks(graded):
    course, job, results = graded
    folder = CourseFolder(course)
    path = write_report(
        report_path(course, "kite"),
        results,
        job.template,
        lambda name: folder.path("autograded", name, "kite"),
    )
    page = path.read_text()
    assert path == course / ".fairmark/results/kite.html"
    review = page.split("<h2>Needs review</h2>")[1].split("<h2>")[0]
    assert "bob" in review and "is not JSON" in review and "ann" not in review
    assert "f1 was there 2 times" in page.split("<h2>Repaired</h2>")[1].split("<h2>")[0]
    assert (course / "autograded/ann/kite/kite.ipynb").as_uri() in page
    assert 'aria-label="2 all, 0 some, 1 none, 1 open"' in page


def test_the_page_runs_and_loads_nothing(graded):
    _, job, results = graded
    hostile = Result("<script>x</script>", "kite", Status.REVIEW, '"><img src=x onerror=y>', 0, 16)
    hostile.repairs = ["<iframe src='http://example.org'>\x1b[2J"]
    page = render([*results, hostile], job.template)
    assert "<script" not in page and "<img" not in page and "<iframe" not in page
    assert "default-src 'none'" in page and "\x1b" not in page
    assert not re.findall(r'(?:src|href)="(?!#|file:)', page)


def test_distribution_check_by_check(graded):
    _, job, results = graded
    rows = {row.name: row for row in check_rows(results, job.template)}
    f2 = rows["f2-forward"]
    assert (f2.full, f2.part, f2.none, f2.open, f2.points) == (2, 0, 1, 1, "4")
    assert f2.percent == 67
    # The drawing of cid is empty and so decided; the others wait.
    assert (rows["drawing"].none, rows["drawing"].open) == (1, 3)


def test_an_empty_class(course):
    template, _ = load_template(CourseFolder(course), "kite")
    assert "Nobody." in render([], template)


def table_of(course, form, tmp_path):
    path = tmp_path / "marks.csv"
    with path.open("w", newline="") as file:
        FORMS[form](marks(CourseFolder(course), "kite"), file)
    with path.open(newline="") as file:
        return list(csv.reader(file))


def settle(course):
    for name, points in (("drawing", 4.0), ("essay", 2.0)):
        by_hand(course, "ann", name, points)
    with gradebook(course) as book:
        book.update_or_create_student("ann", first_name="Ann", last_name="Bee", lms_user_id="11")
        book.update_or_create_student("zoe", first_name="Zoe", email="zoe@example.org")


def test_canvas(graded, tmp_path):
    course = graded[0]
    settle(course)
    head, points, *rows = table_of(course, "canvas", tmp_path)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes", "kite"]
    assert points == ["    Points Possible", "", "", "", "", "", "16"]
    by_name = {row[0]: row for row in rows}
    assert by_name["Bee, Ann"] == ["Bee, Ann", "11", "", "", "", "graded", "15"]
    assert by_name["bob"][3] == "bob" and by_name["bob"][-1] == ""
    assert by_name["bob"][5].startswith("needs review: kite.ipynb is not JSON")
    assert by_name["cid"][5:] == ["waits", ""]
    assert by_name["Zoe"][5:] == ["not handed in", ""]


def test_gradescope(graded, tmp_path):
    course = graded[0]
    settle(course)
    head, *rows = table_of(course, "gradescope", tmp_path)
    assert head[:8] == [
        "First Name",
        "Last Name",
        "SID",
        "Email",
        "Sections",
        "Total Score",
        "Max Points",
        "Status",
    ]
    by_id = {row[2]: dict(zip(head, row, strict=True)) for row in rows}
    assert (by_id["ann"]["Total Score"], by_id["ann"]["Status"]) == ("15", "Graded")
    assert (by_id["bob"]["Total Score"], by_id["bob"]["Status"]) == ("", "Ungraded")
    assert (by_id["zoe"]["Total Score"], by_id["zoe"]["Status"]) == ("", "Missing")
    assert by_id["zoe"]["Email"] == "zoe@example.org"


@pytest.mark.parametrize("form", sorted(FORMS))
def test_no_form_holds_a_bare_zero_for_what_is_not_graded(graded, tmp_path, form):
    rows = table_of(graded[0], form, tmp_path)
    bob = next(row for row in rows if "bob" in row)
    column = {"csv": 6, "canvas": 6, "gradescope": 5}[form]
    assert bob[column] == "" and any("needs review" in cell for cell in bob)
