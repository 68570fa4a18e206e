"""The notebooks themselves: run as a student runs them, and as the grader does."""

import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "modules"
RELEASE = ROOT / "release" / "modules"


def executed(path, folder, grading=False):
    """Run a notebook in a folder; return grade id to error text (None for a passed check)."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    client = NotebookClient(
        notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    variables = {**os.environ, "MPLBACKEND": "agg"}
    variables.pop("NBGRADER_EXECUTION", None)
    if grading:
        variables["NBGRADER_EXECUTION"] = "autograde"
    client.execute(env=variables)
    errors, checks = {}, {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        failed = [o.evalue for o in cell.outputs if o.output_type == "error"]
        errors[cell.id] = failed[0] if failed else None
        data = cell.metadata.get("nbgrader", {})
        if data.get("grade"):
            checks[cell.id] = (data["points"], errors[cell.id])
    return errors, checks


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """A folder with both notebooks, and what running them gave."""
    folder = tmp_path_factory.mktemp("solved")
    for path in SOURCE.glob("*.ipynb"):
        shutil.copy(path, folder)
    return folder, {
        name: executed(SOURCE / f"{name}.ipynb", folder) for name in ("modules", "iris")
    }


@pytest.mark.slow
def test_the_solutions_earn_full_marks(solved):
    _, runs = solved
    for name, automatic in (("modules", 16), ("iris", 4)):
        errors, checks = runs[name]
        assert {cell: error for cell, error in errors.items() if error} == {}
        assert sum(points for points, _ in checks.values()) == automatic


@pytest.mark.slow
def test_what_was_handed_in_is_graded_without_training(solved, tmp_path):
    folder, _ = solved
    for name in ("iris_results.json", "iris_best.npz"):
        shutil.copy(folder / name, tmp_path)
    errors, _ = executed(SOURCE / "iris.ipynb", tmp_path, grading=True)
    assert {cell: error for cell, error in errors.items() if error} == {}
    assert not (tmp_path / "experiments").exists()
    record = json.loads((tmp_path / "iris_results.json").read_text())
    assert record == json.loads((folder / "iris_results.json").read_text())


@pytest.mark.slow
def test_a_second_run_refuses_to_overwrite_the_first(solved):
    folder, _ = solved
    errors, _ = executed(SOURCE / "iris.ipynb", folder)
    assert (
        "OVERWRITE" in (errors["combinations"] or "") or "overwrite=True" in errors["combinations"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("grading", [False, True])
def test_the_untouched_release_earns_nothing(tmp_path, grading):
    for path in RELEASE.glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    for name in ("modules", "iris"):
        _, checks = executed(RELEASE / f"{name}.ipynb", tmp_path, grading)
        assert checks and all(error for _, error in checks.values())


def test_points_add_up_to_thirty():
    total = 0
    for path in SOURCE.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            total += cell.metadata.get("nbgrader", {}).get("points", 0)
    assert total == 30
