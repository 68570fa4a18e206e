"""The course's own assignments: reference solutions, the untouched release, all answers."""

from __future__ import annotations

import nbformat
import pytest
from fairmark.cells import is_check
from fairmark.limits import Limits
from fairmark.model import PreparedNotebook, Status
from grader_support.notebooks import EXECUTOR
from support.answer_harness import ANSWERS, ROOT, all_answers, failures, grade_id

ASSIGNMENTS = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())
#: Trained results, which a student hands in, are kept beside the answers.
PATIENT = Limits(cell_seconds=120, notebook_seconds=600)


def notebooks(kind, assignment):
    folder = ROOT / kind / assignment
    return {p.stem: nbformat.read(p, as_version=4) for p in sorted(folder.glob("*.ipynb"))}


def files_of(assignment):
    found = sorted((ANSWERS / assignment / "files").glob("*"))
    return {path.name: path.read_bytes() for path in found}


def execute(books, files):
    prepared = [PreparedNotebook(name, book) for name, book in books.items()]
    return EXECUTOR(prepared, files, PATIENT)


def most(book):
    return sum(c.metadata.nbgrader.get("points", 0) for c in book.cells if is_check(c))


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_reference_solution_earns_all(assignment):
    books, files = notebooks("source", assignment), files_of(assignment)
    found = execute(books, files)
    for run in found.notebooks:
        # Checks of results that are handed in fail where none are kept for tests.
        failed = {k: v for k, v in run.failures.items() if "beside the notebook" not in v}
        assert failed == {}
        if run.failures == {}:
            assert sum(run.points.values()) == most(books[run.name])
    assert found.status is Status.GRADED


def test_the_reference_solution_of_backprop_earns_all():
    books = notebooks("source", "backprop")
    run = execute(books, {}).notebooks[0]
    assert run.failures == {} and sum(run.points.values()) == most(books["graphs"]) > 0


@pytest.mark.parametrize("assignment", [a for a in ASSIGNMENTS if (ROOT / "release" / a).is_dir()])
def test_the_release_earns_nothing(assignment):
    if assignment not in ("backprop", "fitting"):
        pytest.skip("covered by the slow tests")
    check_release(assignment)


@pytest.mark.slow
@pytest.mark.parametrize("assignment", [a for a in ASSIGNMENTS if (ROOT / "release" / a).is_dir()])
def test_every_release_earns_nothing(assignment):
    check_release(assignment)


def check_release(assignment):
    """Grade the students' cells of the release with the instructors' checks."""
    source, release = notebooks("source", assignment), notebooks("release", assignment)
    for name, book in release.items():
        tests = {grade_id(cell): cell.source for cell in source[name].cells if grade_id(cell)}
        for cell in book.cells:
            if is_check(cell):
                cell.source = tests[grade_id(cell)]
    found = execute(release, {})
    assert sum(sum(run.points.values()) for run in found.notebooks) == 0


def same_results(answer):
    """Run an answer both ways: in this process, and through the executor."""
    books = notebooks("source", answer.assignment)
    for book in books.values():
        for cell in book.cells:
            if grade_id(cell) == answer.task:
                cell.source = answer.path.read_text()
                name = next(n for n, b in books.items() if b is book)
    expected = failures(answer)
    found = execute(books, files_of(answer.assignment))
    run = next(run for run in found.notebooks if run.name == name)
    if any("beside the notebook" in why for why in run.failures.values()):
        pytest.skip("this answer hands in results of a training, which grading does not run")
    checks = {grade_id(c) for c in books[name].cells if is_check(c)}
    assert set(run.failures) & checks == set(expected) & checks, run.failures
    for check_id, message in expected.items():
        for words in answer.says:
            if words in message:
                assert words in run.failures[check_id]


@pytest.mark.slow
@pytest.mark.parametrize("answer", all_answers(), ids=lambda a: a.name)
def test_answers_fare_as_in_one_process(answer):
    same_results(answer)
