"""What `chainrule pack` takes along for convnet, and what it says is missing."""

import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chainrule.cli import app
from chainrule.handin.submission import review

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = {"gradients.ipynb", "fashion_mnist.ipynb", "cifar10.ipynb"}


@pytest.fixture
def folder(tmp_path):
    """The reference with all files that it writes."""
    for path in (ROOT / "source" / "convnet").glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    for path in (ROOT / "tests" / "answers" / "convnet" / "files").glob("*"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_all_notebooks_and_files_are_packed(folder):
    files = {path.name for path in (ROOT / "tests/answers/convnet/files").glob("*")}
    done = CliRunner().invoke(app, ["pack", "convnet", "--folder", str(folder), "--student", "s1"])
    assert done.exit_code == 1 and "not signed" in " ".join(done.output.split())
    with zipfile.ZipFile(folder / "s1.zip") as archive:
        assert set(archive.namelist()) == {f"s1/{name}" for name in NOTEBOOKS | files}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cnn.pt", "fashion_mnist.ipynb writes cnn.pt, and there is no such file yet"),
        ("predictions.csv", "cifar10.ipynb writes predictions.csv"),
        ("gradients.ipynb", "gradients.ipynb belongs to this assignment and is not here"),
    ],
)
def test_what_is_missing_is_named(folder, name, words):
    (folder / name).unlink()
    assert any(words in sentence for sentence in review(folder).missing)


def test_open_tasks_are_named_and_optional_ones_are_not(tmp_path):
    for path in (ROOT / "release" / "convnet").glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    said = [s for s in review(tmp_path).missing if "still open" in s]
    assert "fashion_mnist.ipynb: task train is still open" in said
    assert not any("entry-" in sentence or "training-code" in sentence for sentence in said)
