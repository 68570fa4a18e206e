"""`chainrule pack` says what is missing and makes a zip that can be handed in."""

import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from chainrule.cli import app
from chainrule.handin.notebooks import NotebookError
from chainrule.handin.submission import review

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "submissions"


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copy(EXAMPLES / "ex01-full" / "backprop" / "graphs.ipynb", tmp_path)
    return tmp_path


def edit(folder: Path, change) -> None:
    notebook = nbformat.read(folder / "graphs.ipynb", as_version=4)
    change({cell.id: cell for cell in notebook.cells}, notebook)
    nbformat.write(notebook, folder / "graphs.ipynb")


def pack(folder: Path, *options: str):
    return CliRunner().invoke(app, ["pack", "backprop", "--folder", str(folder), *options])


def test_a_drawing_file_is_taken_along(folder):
    (folder / "my.png").write_bytes(b"png")
    edit(folder, lambda cell, _: cell["f4-drawing-answer"].update(source="![graph](my.png)"))
    done = pack(folder, "--student", "s0042")
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(folder / "s0042.zip") as archive:
        assert sorted(archive.namelist()) == ["s0042/graphs.ipynb", "s0042/my.png"]
        assert archive.read("s0042/graphs.ipynb") == (folder / "graphs.ipynb").read_bytes()


def test_what_is_missing_is_named_and_the_zip_is_made_all_the_same(tmp_path):
    shutil.copy(ROOT / "release" / "backprop" / "graphs.ipynb", tmp_path)
    done = pack(tmp_path, "--student", "s1")
    assert done.exit_code == 1
    text = " ".join(done.output.split())
    for words in ("task f1 is still open", "task f4 is still open", "not signed", "no drawing"):
        assert words in text
    assert (tmp_path / "s1.zip").exists()


def test_dry_run_writes_nothing(folder):
    done = pack(folder, "--dry-run")
    assert done.exit_code == 1  # the drawing is missing
    assert [p.name for p in folder.iterdir()] == ["graphs.ipynb"]


@pytest.mark.parametrize("student", ["", "../up", "a b", "a/b", "-x"])
def test_ids_that_cannot_name_a_folder_are_refused(folder, student):
    done = pack(folder, f"--student={student}")
    assert done.exit_code == 2
    assert list(folder.glob("*.zip")) == []


def test_images_outside_the_folder_and_absent_ones_are_named(folder):
    source = "![a](../secret.png) ![b](absent.png) and `![c](code.png)`"
    edit(folder, lambda cell, _: cell["f4-drawing-answer"].update(source=source))
    missing = " ".join(review(folder).missing)
    assert "put the image beside the notebook" in missing
    assert "absent.png, and there is no such file" in missing
    assert "code.png" not in missing


def test_a_drawing_made_in_code_counts(folder):
    def draw(cell, notebook):
        notebook.cells.append(nbformat.v4.new_code_cell("Graph(out).draw()"))

    edit(folder, draw)
    assert review(folder).missing == []


def test_a_cell_that_is_there_twice_is_named(folder):
    def double(cell, notebook):
        copy = nbformat.from_dict(dict(cell["f1"]))
        copy.id = "copy"
        notebook.cells.append(copy)

    edit(folder, double)
    assert any("f1 is there twice" in sentence for sentence in review(folder).missing)


def test_the_wrong_assignment_is_named(folder):
    done = CliRunner().invoke(app, ["pack", "fitting", "--folder", str(folder), "--student", "a"])
    assert done.exit_code == 2
    assert "belongs to backprop" in done.output


def test_a_folder_without_a_notebook_of_the_course(tmp_path):
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "other.ipynb")
    with pytest.raises(NotebookError, match="no notebook of the course"):
        review(tmp_path)


def test_the_backup_alone_can_be_packed(tmp_path):
    shutil.copy(EXAMPLES / "ex08-backup" / "backprop" / "graphs.py", tmp_path)
    result = review(tmp_path)
    assert [path.name for path in result.files] == ["graphs.py"]
    assert any("task f3 is still open" in sentence for sentence in result.missing)


def test_a_file_that_is_too_large_leaves_no_half_made_zip(folder, monkeypatch):
    monkeypatch.setattr("chainrule.handin.submission.LARGEST_FILE", 100)
    done = pack(folder, "--student", "s1")
    assert done.exit_code == 2
    assert "larger than" in done.output
    assert [p.name for p in folder.iterdir()] == ["graphs.ipynb"]
