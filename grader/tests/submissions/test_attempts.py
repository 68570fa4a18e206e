"""A class of hostile and unusual submissions, each between two good students."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import pytest

pytest.importorskip("nbgrader")

from fairmark.execution import default_executor
from fairmark.execution.executor import SandboxedExecutor
from fairmark.folder import CourseFolder
from fairmark.grading.engine import grade
from fairmark.limits import Limits
from fairmark.model import GradingError, Result, Status
from fairmark.reports.feedback import write_feedback
from submissions import attempts, escape, forgery, honest, resources, structure

from .attempts import ASSIGNMENT, CANARY, FULL, Attempt

KINDS = {"resources": resources, "escape": escape, "forgery": forgery, "honest": honest}
CASES: dict[str, Attempt] = {
    f"{kind}-{name}": attempt
    for kind, module in KINDS.items()
    for name, attempt in module.ATTEMPTS.items()
}
LIMITS = Limits(cell_seconds=6, notebook_seconds=60, output_bytes=100_000)
EXECUTOR = SandboxedExecutor(memory_mb=512, disk_mb=64, processes=48)
#: What processes are called that submissions leave behind.
LEFT = f"corpus-left-behind-{os.getpid()}"


@dataclass
class Graded:
    """The class, when it has been graded."""

    root: Path
    rows: dict[str, Result]
    calls: int
    left: list[str]

    def notebook(self, student: str):
        path = self.root / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        return nbformat.read(path, as_version=4)

    def said(self, student: str) -> str:
        """Everything that the student's code has put out."""
        texts = []
        for cell in self.notebook(student).cells:
            for output in cell.get("outputs", []):
                if output.output_type == "stream":
                    texts.append(output.text)
                elif "data" in output:
                    texts += [str(value) for value in output.data.values()]
                elif not cell.metadata.get("nbgrader", {}).get("grade"):
                    texts += [output.evalue, *output.traceback]
        return "\n".join(texts)


def student_of(name: str) -> str:
    """Sorted, so that a good student stands before and after each of the others."""
    return f"s{list(CASES).index(name):03}-{name}"


def good_student(number: int) -> str:
    return f"s{number - 1:03}-zz-good" if number else "s-first-good"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    try:
        default_executor()
    except GradingError as error:
        pytest.skip(str(error))
    root = attempts.make_course(tmp_path_factory.mktemp("loft"))
    os.environ["CORPUS_SECRET"] = "secret-of-the-environment"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(root / "local.socket"))
        local.listen()
        places = {
            "@ROOT@": str(root),
            "@PORT@": str(server.getsockname()[1]),
            "@LEFT@": LEFT,
            "@PID@": str(os.getpid()),
        }
        attempts.hand_in(root, good_student(0), Attempt(), places)
        for number, (name, attempt) in enumerate(CASES.items(), start=1):
            attempts.hand_in(root, student_of(name), attempt, places)
            attempts.hand_in(root, good_student(number), Attempt(), places)
        rows = grade(root, ASSIGNMENT, limits=LIMITS, executor=EXECUTOR, workers=2)
        calls = sum(connections(one) for one in (server, local))
    del os.environ["CORPUS_SECRET"]
    left = [" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]
    return Graded(root, {row.student: row for row in rows}, calls, left)


def connections(server: socket.socket) -> int:
    """Count who has tried to reach a server."""
    server.setblocking(False)
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_the_corpus_is_large():
    assert len(CASES) >= 100
    assert len(CASES) + len(structure.CASES) >= 190


@pytest.mark.parametrize("name", CASES)
def test_a_fair_mark(graded, name):
    attempt, student = CASES[name], student_of(name)
    row, said = graded.rows[student], graded.said(student)
    assert row.checks == attempt.marks, (row.reason, said[-1500:])
    assert row.score == sum(attempt.marks.values()) and row.max_score == sum(FULL.values())
    assert row.status is attempt.status, row.reason
    assert attempt.words in row.reason and bool(row.reason) == bool(attempt.words), row.reason
    for text in attempt.shows:
        assert text in said
    for text in (CANARY, *attempt.never):
        assert text not in said
    assert row.seconds < attempt.seconds
    assert row.repairs == []


@pytest.mark.parametrize("name", CASES)
def test_the_students_beside_it(graded, name):
    number = list(CASES).index(name)
    for student in (good_student(number), good_student(number + 1)):
        row = graded.rows[student]
        assert (row.status, row.reason, row.checks) == (Status.GRADED, "", FULL)


@pytest.mark.parametrize("name", CASES)
def test_what_is_kept_is_small(graded, name):
    folder = graded.root / "autograded" / student_of(name)
    files = [path for path in folder.rglob("*") if not path.is_dir()]
    assert not any(path.is_symlink() for path in files)
    assert sum(path.stat().st_size for path in files) < 1_000_000


#: Those that want to see or to smuggle something.
CURIOUS = [name for name in CASES if name.startswith(("escape", "forgery"))]


@pytest.fixture(scope="module")
def pages(graded):
    """What they get back."""
    students = [student_of(name) for name in CURIOUS]
    found = write_feedback(CourseFolder(graded.root), ASSIGNMENT, students)
    assert len(found) == len(students)
    return {path.parents[1].name: path.read_text() for path in found}


@pytest.mark.parametrize("name", CURIOUS)
def test_the_page_that_comes_back(pages, name):
    page = pages[student_of(name)].lower()
    assert CANARY not in page
    assert "<script" not in page and "<img src=x" not in page and '<a href="javascript' not in page
    assert len(page) < 2_000_000


def test_nothing_is_left_behind(graded):
    assert not [line for line in graded.left if LEFT in line]
    for place in ("/tmp/corpus-left", "/dev/shm/corpus-left", "/var/tmp/corpus-left"):
        assert not os.path.exists(place)


def test_nobody_reached_the_network(graded):
    assert graded.calls == 0
