"""release/ is what source/ gives, twice the same, and nothing secret is in it."""

import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from typer.testing import CliRunner

from chainrule.cli import app
from chainrule.course import points_in_text
from chainrule.course.paths import CourseError, assignments
from chainrule.course.release import build_release, differences
from chainrule.course.setup_cell import notebook_text

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = assignments(ROOT)


def notebooks(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.ipynb"))


def grade_ids(notebook) -> list[str]:
    data = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    return [d["grade_id"] for d in data if d]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_committed_release_is_fresh_and_generation_is_deterministic(course, name):
    first = build_release(course, name)
    contents = {p.relative_to(first): p.read_bytes() for p in first.rglob("*") if p.is_file()}
    second = build_release(course, name)
    assert {
        p.relative_to(second): p.read_bytes() for p in second.rglob("*") if p.is_file()
    } == contents
    assert differences(second, ROOT / "release" / name) == []


@pytest.mark.parametrize("path", notebooks(ROOT / "source"), ids=lambda p: p.stem)
def test_source_has_no_outputs_stable_ids_and_one_form(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs") and not cell.get("execution_count"), cell.id
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
    assert path.read_text(encoding="utf-8") == notebook_text(notebook)


@pytest.mark.parametrize("path", notebooks(ROOT / "release"), ids=lambda p: p.stem)
def test_backup_converts_back_with_every_grade_id(path):
    released = nbformat.read(path, as_version=4)
    backup = path.parent / "python_backup" / f"{path.stem}.py"
    again = jupytext.read(backup)
    assert grade_ids(again) == grade_ids(released)
    graded = {c.metadata.nbgrader.grade_id: c for c in released.cells if "nbgrader" in c.metadata}
    for cell in again.cells:
        if "nbgrader" in cell.metadata:
            original = graded[cell.metadata.nbgrader.grade_id]
            assert cell.source == original.source
            assert cell.cell_type == original.cell_type
            assert cell.metadata.nbgrader == original.metadata.nbgrader
    assert again.metadata.chainrule == released.metadata.chainrule


@pytest.mark.parametrize("path", notebooks(ROOT / "release"), ids=lambda p: p.stem)
def test_figures_are_drawn_and_nothing_else_has_output(path):
    drawn = 0
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        if "figure" in cell.metadata.get("tags", []):
            (output,) = cell.outputs
            assert output.data["text/plain"]
            drawn += 1
        else:
            assert cell.outputs == [], cell.id
    assert drawn or "backprop" not in str(path)


def test_a_backup_runs_as_a_script_up_to_the_first_open_task(tmp_path):
    backup = ROOT / "release" / "backprop" / "python_backup" / "graphs.py"
    done = subprocess.run(
        [sys.executable, str(backup)], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert "f1 is not written yet" in done.stderr
    assert done.stderr.count("Traceback") == 1


def test_check_option_notices_a_stale_release(course, monkeypatch):
    monkeypatch.chdir(course)
    runner = CliRunner()
    assert runner.invoke(app, ["release", "--check"]).exit_code == 0
    path = course / "release" / "backprop" / "graphs.ipynb"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("Backprop by hand", "Backprop"), encoding="utf-8")
    done = runner.invoke(app, ["release", "--check"])
    assert done.exit_code == 1
    assert "release/backprop/graphs.ipynb" in done.output.replace("\n", "")
    assert runner.invoke(app, ["release", "--no-run"]).exit_code == 0
    assert path.read_text(encoding="utf-8") == before


def test_release_without_a_source_is_named(course, monkeypatch):
    monkeypatch.chdir(course)
    (course / "release" / "gone").mkdir()
    done = CliRunner().invoke(app, ["release", "--check"])
    assert done.exit_code == 1
    assert "release/gone" in done.output.replace("\n", "")


def test_unknown_assignment_lists_the_known_ones(course, monkeypatch):
    monkeypatch.chdir(course)
    done = CliRunner().invoke(app, ["release", "backpropp"])
    assert done.exit_code == 1
    assert "backprop" in done.output and "There are" in done.output


def edit(path: Path, change) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(notebook_text(notebook), encoding="utf-8")


def cell(notebook, name: str):
    return next(c for c in notebook.cells if c.id == name)


def test_points_in_a_heading_must_fit_the_metadata(course):
    def change(notebook):
        cell(notebook, "f1-task").source = "## Task 1: a squared error (4 points)"

    edit(course / "source" / "backprop" / "graphs.ipynb", change)
    with pytest.raises(CourseError, match=r"promises 4, its cells 3"):
        build_release(course, "backprop")


def test_points_promised_by_the_text_are_those_of_the_facts():
    path = ROOT / "source" / "backprop" / "graphs.ipynb"
    found = points_in_text.sections(nbformat.read(path, as_version=4))
    assert [given for _, _, given in found] == [3, 4, 8, 5, 5]


def test_a_solution_outside_a_solution_cell_stops_the_release(course):
    def change(notebook):
        cell(notebook, "example-sum-code").source += "\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION"

    edit(course / "source" / "backprop" / "graphs.ipynb", change)
    with pytest.raises(CourseError, match="non-solution cell"):
        build_release(course, "backprop")
