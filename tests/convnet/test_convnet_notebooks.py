"""The executed reference earns full marks without training; the untouched release none."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytest.importorskip("torch")

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("gradients", "fashion_mnist", "cifar10")


def earned(notebook):
    """Return grade id to whether the check passed."""
    checks = {}
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and data.get("grade") and not data.get("solution"):
            checks[data["grade_id"]] = not any(o.output_type == "error" for o in cell.outputs)
    return checks


def execute(folder: Path, name: str):
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=600, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return notebook


@pytest.mark.parametrize("name", NAMES)
def test_reference_earns_everything_without_training(name, tmp_path, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    for file in (ROOT / "tests/answers/convnet/files").glob("*"):
        shutil.copy(file, tmp_path)
    shutil.copy(ROOT / f"source/convnet/{name}.ipynb", tmp_path)
    notebook = execute(tmp_path, name)
    failed = [check for check, passed in earned(notebook).items() if not passed]
    assert failed == []
    text = "".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", []))
    assert "Downloading" not in text
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.rstrip().endswith("\nearned"):
            shown = [o for o in cell.outputs if o.output_type == "execute_result"]
            most = cell.metadata.nbgrader.points
            assert float(shown[-1].data["text/plain"]) == most


@pytest.mark.parametrize("name", NAMES)
def test_untouched_release_earns_nothing(name, tmp_path, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shutil.copy(ROOT / f"release/convnet/{name}.ipynb", tmp_path)
    assert not any(earned(execute(tmp_path, name)).values())
