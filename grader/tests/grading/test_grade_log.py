"""The log of the grader's own failures: what lands in it, and that no text can forge a line."""

from __future__ import annotations

import logging
import re

import pytest
import typer
from grader_support import course_maker as maker
from grader_support import quick
from typer.testing import CliRunner

from fairmark import grade_log as module
from fairmark.commands import grade as command
from fairmark.execution import executor
from fairmark.grade_log import PLACE, grade_log
from fairmark.grading.engine import grade
from fairmark.model import Status

FORGED = "odd\n2026-01-01 00:00:00,000 ERROR fairmark: all is well\r\x1b[31m\u2028end"
ESCAPED = r"odd\n2026-01-01 00:00:00,000 ERROR fairmark: all is well\r\x1b[31m\u2028end"
MESSAGE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (WARNING|ERROR) fairmark\S*: ")

app = typer.Typer()
app.command("grade")(command.command)
app.command("other")(lambda: None)


@pytest.fixture
def two(course):
    for name, text in (("ann", "fine"), ("bob", FORGED)):
        folder = maker.hand_in(course, name, maker.full())
        (folder / f"{name}.txt").write_text(text)
    return course


def messages(root):
    """The lines of the log that are messages; those of tracebacks are indented."""
    lines = (root / PLACE).read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    found = [line for line in lines if not line.startswith("    ")]
    assert all(MESSAGE.match(line) for line in found)
    assert all(line.isprintable() for line in lines)
    return found


@pytest.mark.parametrize("workers", [0, 1])
def test_a_failure_leaves_a_traceback_and_the_row_names_it(two, workers):
    ann, bob = grade(two, "kite", executor=quick.fails_on_bob, workers=workers)
    assert ann.status is Status.GRADED
    assert bob.status is Status.REVIEW
    assert bob.reason.startswith("the grader failed on it (RuntimeError: odd")
    assert bob.reason.endswith("; see .fairmark/grade.log")
    (line,) = messages(two)
    assert line.endswith("the grader failed on the submission of bob")
    text = (two / PLACE).read_text(encoding="utf-8")
    assert "in fails_on_bob" in text and f"    RuntimeError: {ESCAPED}\n" in text


@pytest.mark.parametrize("workers", [0, 1])
def test_warnings_of_the_second_step_land_there_too(two, workers):
    rows = grade(two, "kite", executor=quick.warns_on_bob, workers=workers)
    assert [row.status for row in rows] == [Status.GRADED] * 2
    (line,) = messages(two)
    assert line.endswith(f"WARNING fairmark.execution: bob wrote {ESCAPED}")


@pytest.mark.parametrize("workers", [0, 1])
def test_who_wants_to_leave_is_told_as_well(two, workers):
    _, bob = grade(two, "kite", executor=quick.leaves_on_bob, workers=workers)
    assert bob.reason == "the grader failed on it (SystemExit: 3); see .fairmark/grade.log"


def test_a_worker_that_dies_twice_is_named(two):
    _, bob = grade(two, "kite", executor=quick.dies_on_bob, workers=1)
    assert bob.status is Status.REVIEW and "ended 2 times" in bob.reason
    (line,) = messages(two)
    assert "bob: the grading process ended 2 times" in line


def test_without_a_failure_there_is_no_log(two):
    grade(two, "kite", executor=quick.in_this_process)
    assert not (two / PLACE).exists()


def test_old_parts_are_kept_three_times_and_then_go(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_BYTES", 200)
    with grade_log(tmp_path):
        for number in range(50):
            logging.getLogger("fairmark").error("failure %s", number)
    found = sorted(path.name for path in (tmp_path / PLACE).parent.glob("grade.log*"))
    assert found == ["grade.log", "grade.log.1", "grade.log.2", "grade.log.3"]
    assert "failure 49" in (tmp_path / PLACE).read_text()


def test_nothing_is_written_afterwards(tmp_path):
    with grade_log(tmp_path):
        pass
    logging.getLogger("fairmark").error("later")
    assert not (tmp_path / PLACE).exists()


class Failing(executor.SandboxedExecutor):
    """Needs no sandbox."""

    def probe(self):
        return "There is no filter here."

    def __call__(self, notebooks, files, limits):
        return quick.fails_on_bob(notebooks, files, limits)


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_debug_shows_it_on_the_terminal(two, monkeypatch, debug):
    monkeypatch.setattr(executor, "SandboxedExecutor", Failing)
    arguments = ["grade", "kite", "--course", str(two), "--workers", "0", *debug]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 1
    assert ("Traceback" in done.stderr) == bool(debug)
    assert ("in fails_on_bob" in done.stderr) == bool(debug)
    assert "\x1b[31m" not in done.stderr
    assert done.stderr.count("Note: There is no filter here.") == 1
    assert len(messages(two)) == 1
