"""`fairmark doctor`: what it says with everything there, and without."""

from __future__ import annotations

import platform

import pytest
import typer
from typer.testing import CliRunner

from fairmark.commands import doctor
from fairmark.commands.doctor import Finding, findings
from fairmark.execution.executor import SandboxedExecutor
from fairmark.model import GradingError

app = typer.Typer()
app.command("doctor")(doctor.command)
app.command("other")(lambda: None)


@pytest.fixture
def works(monkeypatch):
    monkeypatch.setattr(SandboxedExecutor, "probe", lambda self: "")
    monkeypatch.setattr("fairmark.execution.sandbox.filters", lambda: True)


def call(*arguments):
    environment = {"COLUMNS": "80", "TERM": "dumb"}
    return CliRunner().invoke(app, ["doctor", *arguments], env=environment, catch_exceptions=False)


def one_line(text):
    return " ".join(text.split())


def row(text, what):
    return next(line for line in text.splitlines() if line.startswith(f"│ {what} "))


def test_everything_is_there(works, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: object())
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "1.2.3")
    done = call()
    assert done.exit_code == 0
    assert "missing" not in done.stdout and "Install" not in done.stdout
    assert "This machine can grade." in done.stdout
    assert "works" in row(done.stdout, "sandbox") and "1.2.3" in row(done.stdout, "nbgrader")
    assert "works" in row(done.stdout, "system call filter")


def test_without_a_sandbox_nothing_can_be_graded(works, monkeypatch):
    def impossible(self):
        raise GradingError("The sandbox cannot be made on this machine. It needs Linux 5.12.")

    monkeypatch.setattr(SandboxedExecutor, "probe", impossible)
    done = call()
    assert done.exit_code == 1
    assert "missing" in row(done.stdout, "sandbox")
    told = one_line(done.stdout)
    assert "sandbox: The sandbox cannot be made on this machine. It needs Linux 5.12." in told
    assert "This machine cannot grade yet." in told


def test_without_a_filter_it_grades_and_says_what_that_means(works, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    done = call()
    assert done.exit_code == 0
    assert "missing" in row(done.stdout, "system call filter")
    assert "this machine is of the kind riscv64. Students' code is kept" in one_line(done.stdout)


def test_a_missing_package_is_named_with_the_way_to_get_it(works, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    done = call()
    assert done.exit_code == 1
    told = one_line(done.stdout)
    assert "nbgrader: Install it with: pip install 'nbgrader'" in told
    assert "distributed: Install it with: pip install 'distributed'" in told
    assert "psycopg: Install it with: pip install 'psycopg[binary]'" in told


def test_no_row_of_the_table_is_broken_at_80_columns(works, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    lines = call().stdout.splitlines()
    assert max(map(len, lines)) <= 80
    rows = [line for line in lines if line.startswith("│")]
    assert len(rows) == len(findings())


def test_the_essential_stands_first(works, monkeypatch):
    some = [Finding("nice", "1", "speed", ""), Finding("must", "1", "all", "", essential=True)]
    monkeypatch.setattr(doctor, "findings", lambda: some)
    text = call().stdout
    assert text.index("must") < text.index("nice")


def test_help_says_what_it_looks_at_and_how_it_ends():
    told = one_line(call("--help").stdout)
    assert "Say whether this machine can grade, and what to do where it cannot." in told
    assert "Changes nothing" in told and "Exit code: 0 when" in told


def test_here(sandbox):
    done = call()
    assert done.exit_code == 0 and "works" in row(done.stdout, "sandbox")
