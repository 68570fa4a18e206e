"""The notebooks themselves: as the grader runs them, untouched, and in full."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "neuralnet"
RELEASE = ROOT / "release" / "neuralnet"
HANDED_IN = ROOT / "tests" / "answers" / "neuralnet" / "files"
POINTS = {"layers": 30, "cifar": 20}


def executed(path, folder, grading):
    """Run a notebook in a folder; return cell id to error text, and checks with points."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    client = NotebookClient(
        notebook, timeout=900, allow_errors=True, resources={"metadata": {"path": str(folder)}}
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
        failed = [output.evalue for output in cell.outputs if output.output_type == "error"]
        if failed:
            errors[cell.id] = failed[0]
        data = cell.metadata.get("nbgrader", {})
        if data.get("grade"):
            checks[cell.id] = (data["points"], cell.id not in errors)
    return errors, checks


def earned(checks):
    return sum(points for points, passed in checks.values() if passed)


@pytest.mark.parametrize("name", POINTS)
def test_points_add_up(name):
    cells = nbformat.read(SOURCE / f"{name}.ipynb", as_version=4).cells
    assert sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells) == POINTS[name]


def test_what_was_handed_in_is_graded_without_training(tmp_path):
    for path in (*SOURCE.glob("*.ipynb"), *HANDED_IN.iterdir()):
        shutil.copy(path, tmp_path)
    for name, automatic in (("layers", 30), ("cifar", 16)):
        errors, checks = executed(SOURCE / f"{name}.ipynb", tmp_path, grading=True)
        assert errors == {}
        assert earned(checks) == automatic
    for path in HANDED_IN.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("grading", [False, True])
def test_the_untouched_release_earns_nothing(tmp_path, grading):
    for path in RELEASE.glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    for name in POINTS:
        errors, checks = executed(RELEASE / f"{name}.ipynb", tmp_path, grading)
        assert checks and earned(checks) == 0
        assert "NameError" not in str(errors)


def test_a_missing_layers_notebook_is_named(tmp_path):
    for path in HANDED_IN.iterdir():
        shutil.copy(path, tmp_path)
    errors, checks = executed(SOURCE / "cifar.ipynb", tmp_path, grading=True)
    assert "There is no layers.ipynb" in errors["step-loss"]
    assert {name for name, (_, passed) in checks.items() if not passed} == {
        "step-loss",
        "step-gradients",
        "more-layers-check",
    }


@pytest.mark.slow
def test_the_reference_trains_to_full_marks(tmp_path, whole_data, monkeypatch):
    monkeypatch.setenv("CHAINRULE_DATA", str(whole_data("cifar10")))
    for path in SOURCE.glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    errors, checks = executed(SOURCE / "cifar.ipynb", tmp_path, grading=False)
    assert errors == {}
    assert earned(checks) == 16
    # A second time, the run on the test set is refused, and everything else goes on.
    before = (tmp_path / "test_run.json").read_bytes()
    errors, checks = executed(SOURCE / "cifar.ipynb", tmp_path, grading=False)
    assert errors == {}
    assert (tmp_path / "test_run.json").read_bytes() == before
