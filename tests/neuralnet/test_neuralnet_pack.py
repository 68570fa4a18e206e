"""What is handed in of neuralnet: two notebooks, parameters, the record of the test run."""

import shutil
from pathlib import Path

from chainrule.handin.submission import pack, review

ROOT = Path(__file__).resolve().parents[2]
FILES = {"best.npz", "overfit.npz", "test_run.json"}


def test_files_are_packed(tmp_path):
    for path in (ROOT / "source" / "neuralnet").glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    for path in (ROOT / "tests" / "answers" / "neuralnet" / "files").iterdir():
        shutil.copy(path, tmp_path)
    found = review(tmp_path)
    names = pack(found, tmp_path, "ada", tmp_path / "ada.zip")
    assert {f"ada/{name}" for name in FILES | {"layers.ipynb", "cifar.ipynb"}} == set(names)


def test_missing_files_are_named_and_optional_tasks_are_not(tmp_path):
    for path in (ROOT / "release" / "neuralnet").glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    missing = " ".join(review(tmp_path).missing)
    for name in FILES:
        assert f"writes {name}" in missing
    assert "task step is still open" in missing
    assert "task more-" not in missing
