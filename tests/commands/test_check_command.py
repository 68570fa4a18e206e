"""`chainrule check` runs a notebook or its backup and shows each check's message."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chainrule.cli import app
from chainrule.handin.notebooks import NotebookError, read_notebook, run_checks

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "submissions"
FULL = EXAMPLES / "ex01-full" / "backprop" / "graphs.ipynb"


@pytest.fixture(scope="module")
def half():
    results = run_checks(EXAMPLES / "ex03-half" / "backprop" / "graphs.ipynb")
    return {result.grade_id: result for result in results}


def test_checks_of_a_half_done_notebook(half):
    assert half["f1-forward"].passed and half["f1-backward"].passed
    assert half["f2-forward"].passed and not half["f2-backward"].passed
    assert not half["f4-operators"].passed
    assert "only one of its paths" in half["f2-backward"].message
    assert "not written yet" in half["f3-forward"].message


def test_a_full_notebook_passes_and_is_not_changed():
    before = FULL.read_bytes()
    done = CliRunner().invoke(app, ["check", str(FULL)])
    assert done.exit_code == 0, done.output
    assert "8 passed, 0 failed" in done.output
    assert FULL.read_bytes() == before


def test_a_backup_is_checked_like_a_notebook():
    path = EXAMPLES / "ex08-backup" / "backprop" / "graphs.py"
    done = CliRunner().invoke(app, ["check", str(path), "--task", "f1", "--task", "f3"])
    assert done.exit_code == 1
    assert "2 passed, 2 failed" in done.output


def test_unknown_task_lists_the_checks():
    done = CliRunner().invoke(app, ["check", str(FULL), "--task", "f9"])
    assert done.exit_code == 2
    assert "f1-forward" in done.output


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.ipynb", None, "no file"),
        ("empty.ipynb", "", "is empty"),
        ("page.ipynb", "<html>", "is not a notebook"),
        ("cut.ipynb", '{"cells": [', "is not a notebook"),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(NotebookError, match=words):
        read_notebook(tmp_path / name)
    done = CliRunner().invoke(app, ["check", str(tmp_path / name)])
    assert done.exit_code == 2


def test_a_notebook_without_checks_is_refused(tmp_path):
    path = tmp_path / "plain.py"
    path.write_text("# %%\nprint(1)\n")
    with pytest.raises(NotebookError, match="holds no checks"):
        run_checks(path)
