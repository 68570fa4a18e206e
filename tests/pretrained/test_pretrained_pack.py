"""What `chainrule pack` takes along for pretrained, and what it says is missing."""

import shutil
from pathlib import Path

from chainrule.handin.submission import review

ROOT = Path(__file__).resolve().parents[2]


def test_photographs_and_predictions_are_taken_along(tmp_path):
    shutil.copy(ROOT / "source/pretrained/pretrained.ipynb", tmp_path)
    for path in (ROOT / "tests/answers/pretrained/files").glob("*"):
        shutil.copy(path, tmp_path)
    found = review(tmp_path)
    names = {path.name for path in found.files}
    assert names == {"pretrained.ipynb", "img1.jpg", "img2.jpg", "predictions.json"}
    for name in ("img1_predictions.png", "img2_predictions.png"):
        assert any(f"writes {name}, and there is no such file" in s for s in found.missing)
        (tmp_path / name).write_bytes(b"png")
    assert [s for s in review(tmp_path).missing if "no such file" in s] == []


def test_the_optional_task_may_stay_open(tmp_path):
    shutil.copy(ROOT / "release/pretrained/pretrained.ipynb", tmp_path)
    said = [s for s in review(tmp_path).missing if "still open" in s]
    assert "pretrained.ipynb: task classify is still open" in said
    assert not any("task turned" in sentence for sentence in said)
