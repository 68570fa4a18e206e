"""The first step: reading and repairing, without running anything."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import nbformat
import pytest
from grader_support import course_maker as maker

from fairmark.folder import CourseFolder
from fairmark.grading.prepare import prepare, submission_folder
from fairmark.grading.reading import Unreadable, read_notebook
from fairmark.grading.restore import restore
from fairmark.grading.template import load_template


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    root = maker.make_course(tmp_path_factory.mktemp("template"))
    found, notices = load_template(CourseFolder(root), maker.ASSIGNMENT)
    assert notices == []
    return found


def prepared(template, folder, max_kilobytes=100_000):
    return prepare("somebody", submission_folder(folder, [], max_kilobytes), template)


def hand_in(tmp_path, content, name="kite.ipynb"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else nbformat.writes(content).encode()
    path.write_bytes(data)
    return tmp_path


def ids(notebook):
    found = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return [name for name in found if name]


ORDER = ["f1", "f1-forward", "f2", "f2-forward", "f3", "f3-part", "drawing", "essay"]


def test_template_knows_hidden_and_released_text(template):
    cells = template.notebooks[0].by_id()
    assert list(cells) == ORDER
    assert maker.HIDDEN in cells["f1-forward"].source
    assert "HIDDEN" not in cells["f1-forward"].released
    assert maker.SCHEME in cells["essay"].source and maker.SCHEME not in cells["essay"].released
    assert "return 2 * x" not in cells["f1"].source
    assert [c.grade_id for c in cells.values() if c.by_hand] == ["drawing", "essay"]
    assert template.max_score == 16
    assert template.files == {"numbers.txt": b"1 2 3\n"}


def test_a_clean_submission_needs_no_repair(template, tmp_path):
    found = prepared(template, hand_in(tmp_path, maker.full()))
    book = found.notebooks[0]
    assert found.all_repairs() == [] and book.problem == ""
    assert ids(book.notebook) == ORDER
    assert book.untouched == frozenset()
    nbformat.validate(book.notebook)


def test_untouched_cells_are_known(template, tmp_path):
    found = prepared(template, hand_in(tmp_path, maker.filled(f2=maker.ANSWERS["f2"])))
    assert found.notebooks[0].untouched == {"f1", "f3", "drawing"}


@pytest.mark.parametrize(
    "name", ["Copy of kite.ipynb", "kite (1).ipynb", "kite-Copy1.ipynb", "deeper/Kite.ipynb"]
)
def test_names_that_downloads_make(template, tmp_path, name):
    found = prepared(template, hand_in(tmp_path, maker.full(), name))
    assert found.notebooks[0].problem == ""
    assert found.all_repairs() == [f"{name} was graded as kite.ipynb."]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"<html></html>", "web page"),
        (b"PK\x03\x04 zip", "zip archive"),
        (b"%PDF-1.7", "PDF"),
        (b'{"cells": [', "cut off"),
        (b'{"cells": [{"source": "abc', "cut off"),
        (b'{"cells": nonsense}', "not JSON"),
        (b"[1, 2]", "not a notebook"),
        (b'{"a": 1}', "not a notebook"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\x00\x01\x02", "not JSON"),
    ],
)
def test_what_is_no_notebook_is_named(data, words):
    with pytest.raises(Unreadable, match=words):
        read_notebook(data, "x.ipynb")


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.update(cells=[1, None, "x"]),
        lambda raw: raw.update(metadata=[]),
        lambda raw: raw.update(nbformat="four"),
        lambda raw: raw.update(nbformat=9),
        lambda raw: raw.pop("nbformat"),
        lambda raw: raw["cells"][0].update(cell_type="poem"),
        lambda raw: raw["cells"][0].update(source=["a\n", "b"]),
        lambda raw: raw["cells"][0].update(metadata=None),
        lambda raw: raw["cells"][2]["metadata"].update(nbgrader="gone"),
        lambda raw: raw["cells"][2]["metadata"]["nbgrader"].update(grade_id=7),
        lambda raw: raw["cells"][3]["metadata"]["nbgrader"].update(points="many"),
        lambda raw: raw["cells"][3]["metadata"]["nbgrader"].update(schema_version=99),
        lambda raw: raw["cells"][2].pop("source"),
        lambda raw: [cell.update(id="same") for cell in raw["cells"]],
    ],
)
def test_damaged_parts_are_repaired_and_nothing_is_raised(template, tmp_path, change):
    raw = json.loads(nbformat.writes(maker.full()))
    change(raw)
    found = prepared(template, hand_in(tmp_path, json.dumps(raw).encode()))
    book = found.notebooks[0]
    assert book.problem == ""
    nbformat.validate(book.notebook)
    assert {"f1-forward", "f2-forward", "f3-part", "drawing", "essay"} <= set(ids(book.notebook))


def test_old_formats_are_upgraded(template, tmp_path):
    old = nbformat.convert(maker.full(), 3)
    found = prepared(template, hand_in(tmp_path, nbformat.v3.writes_json(old).encode()))
    assert "The notebook was upgraded from format 3." in found.all_repairs()
    assert ids(found.notebooks[0].notebook) == ORDER


def test_other_encodings(template, tmp_path):
    text = nbformat.writes(maker.filled(**{**maker.ANSWERS, "drawing": "Gradé"}))
    for data in (text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("latin-1")):
        found = prepared(template, hand_in(tmp_path, data))
        assert "Gradé" in maker.cell_of(found.notebooks[0].notebook, "drawing").source


def test_duplicates_keep_the_work_and_drop_the_stub(template, tmp_path):
    book = prepared(template, hand_in(tmp_path, maker.duplicated())).notebooks[0]
    assert sorted(ids(book.notebook)) == sorted(ORDER)
    assert [c.source for c in book.notebook.cells].count(maker.ANSWERS["f1"]) == 1
    assert not any("NotImplementedError" in cell.source for cell in book.notebook.cells)


def test_two_different_answers_are_pointed_out(template, tmp_path):
    notebook = maker.duplicated()
    copies = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "f1"]
    copies[1].source = "def f1(x):\n    return x + x"
    book = prepared(template, hand_in(tmp_path, notebook)).notebooks[0]
    assert maker.cell_of(book.notebook, "f1").source == "def f1(x):\n    return x + x"
    assert "look at all of them" in " ".join(book.repairs)
    assert maker.ANSWERS["f1"] in [cell.source for cell in book.notebook.cells]


def test_a_check_moved_above_its_answer_comes_back(template, tmp_path):
    notebook = maker.full()
    notebook.cells.insert(0, notebook.cells.pop(3))
    book = prepared(template, hand_in(tmp_path, notebook)).notebooks[0]
    assert ids(book.notebook)[:2] == ["f1", "f1-forward"]
    assert "Moved back behind the answer: f1-forward." in book.repairs


def test_the_time_of_a_check_is_the_instructors(template, tmp_path):
    kite = template.notebooks[0]
    timed = tuple(
        replace(cell, own={"seconds": 90}) if cell.grade_id == "f2-forward" else cell
        for cell in kite.cells
    )
    template = replace(template, notebooks=(replace(kite, cells=timed),))
    notebook = maker.full()
    maker.cell_of(notebook, "f1-forward").metadata["fairmark"] = {"seconds": 9999}
    found = prepared(template, hand_in(tmp_path, notebook)).notebooks[0].notebook
    assert "fairmark" not in maker.cell_of(found, "f1-forward").metadata
    assert maker.cell_of(found, "f2-forward").metadata["fairmark"] == {"seconds": 90}


def test_all_graded_cells_deleted(template, tmp_path):
    notebook = maker.full()
    notebook.cells = notebook.cells[:2]
    book = prepared(template, hand_in(tmp_path, notebook)).notebooks[0]
    assert book.untouched == {"f1", "f2", "f3", "drawing"}
    assert "f1-forward" in ids(book.notebook)
    assert "The cell for the answer is missing: f1, f2, f3, drawing." in book.repairs


def test_a_retyped_cell(template, tmp_path):
    notebook = maker.full()
    cell = maker.cell_of(notebook, "f1")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]
    book = prepared(template, hand_in(tmp_path, notebook)).notebooks[0]
    assert maker.cell_of(book.notebook, "f1").cell_type == "code"
    assert "The type of the cell was changed and restored: f1." in book.repairs


class TestPythonBackup:
    def write(self, tmp_path, notebook, name="kite.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(maker.python_backup(notebook))
        return tmp_path

    def test_alone(self, template, tmp_path):
        book = prepared(template, self.write(tmp_path, maker.full())).notebooks[0]
        assert ids(book.notebook) == ORDER and book.untouched == frozenset()
        assert book.repairs[0].startswith("kite.py was graded, because kite.ipynb is missing")

    def test_beside_an_untouched_notebook(self, template, tmp_path):
        hand_in(tmp_path, maker.released_notebook())
        self.write(tmp_path, maker.full(), "python_backup/kite.py")
        book = prepared(template, tmp_path).notebooks[0]
        assert book.untouched == frozenset()
        assert "holds no answer" in book.repairs[0]

    def test_beside_a_broken_notebook(self, template, tmp_path):
        hand_in(tmp_path, b"<html>")
        book = prepared(template, self.write(tmp_path, maker.full())).notebooks[0]
        assert book.untouched == frozenset() and "web page" in book.repairs[0]

    def test_untouched_backup_says_nothing(self, template, tmp_path):
        hand_in(tmp_path, maker.full())
        self.write(tmp_path, maker.released_notebook(), "python_backup/kite.py")
        assert prepared(template, tmp_path).all_repairs() == []

    @pytest.mark.parametrize("notebook", [maker.released_notebook, maker.full])
    def test_each_of_the_two_is_restored_once(self, template, tmp_path, monkeypatch, notebook):
        restored = []

        def count(*given):
            restored.append(given)
            return restore(*given)

        monkeypatch.setattr("fairmark.grading.prepare.restore", count)
        hand_in(tmp_path, notebook())
        prepared(template, self.write(tmp_path, maker.filled(f1="def f1(x):\n    return 7")))
        assert len(restored) == 2

    def test_the_notebook_wins_over_other_work(self, template, tmp_path):
        hand_in(tmp_path, maker.full())
        self.write(tmp_path, maker.filled(f1="def f1(x):\n    return 7"))
        book = prepared(template, tmp_path).notebooks[0]
        assert maker.cell_of(book.notebook, "f1").source == maker.ANSWERS["f1"]
        assert "look at both" in book.repairs[0]


def test_links_out_of_the_folder_are_left_out(template, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = hand_in(tmp_path / "work", maker.full())
    os.symlink(secret, folder / "link.txt")
    found = prepared(template, folder)
    assert set(found.files) == {"numbers.txt"}
    assert "link.txt is a link out of the folder" in found.repairs[0]


def test_large_files_are_left_out(template, tmp_path):
    folder = hand_in(tmp_path, maker.full())
    (folder / "big.bin").write_bytes(b"0" * 200_000)
    found = prepared(template, folder, max_kilobytes=100)
    assert "big.bin" not in found.files
    assert "big.bin is too large" in found.repairs[0]


def test_the_instructors_files_win(template, tmp_path):
    folder = hand_in(tmp_path, maker.full())
    (folder / "numbers.txt").write_text("forged")
    assert prepared(template, folder).files["numbers.txt"] == b"1 2 3\n"


def test_identical_copies_are_called_so(template, tmp_path):
    notebook = maker.full()
    for grade_id in ("f1", "f1-forward", "f1-forward"):
        copy = nbformat.from_dict(json.loads(json.dumps(maker.cell_of(notebook, grade_id))))
        copy.id = f"{copy.id}-{len(notebook.cells)}"
        notebook.cells.append(copy)
    book = prepared(template, hand_in(tmp_path, notebook)).notebooks[0]
    told = "\n".join(book.repairs)
    assert "f1 was there 2 times: the identical copies were removed." in told
    assert "f1-forward was there 3 times: the identical copies were removed." in told
    assert "different" not in told
    assert sum("def f1" in cell.source for cell in book.notebook.cells) == 1
