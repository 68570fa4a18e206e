"""Archives of Canvas, Gradescope and others, good ones and hostile ones."""

from __future__ import annotations

import io
import json
import stat
import zipfile

import nbformat
import pytest
import typer
from grader_support import course_maker as maker
from grader_support import quick
from grader_support.marks import gradebook
from typer.testing import CliRunner

from fairmark.collect.archives import clean_name
from fairmark.collect.collect import Form, collect, student_id
from fairmark.commands import collect as collect_command
from fairmark.folder import CourseFolder
from fairmark.grading import engine
from fairmark.grading.template import load_template
from fairmark.handin_times import records_of
from fairmark.model import GradingError

FULL = nbformat.writes(maker.full()).encode()


def zipped(files: dict[str, bytes | str]) -> bytes:
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return store.getvalue()


def put(tmp_path, files, name="download.zip"):
    path = tmp_path / name
    path.write_bytes(zipped(files))
    return path


def take(course, archive, form=None):
    found = collect(CourseFolder(course), "kite", archive, form)
    return found, {row.student: row for row in found.rows}


def there(course, student):
    folder = course / "submitted" / student / "kite"
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def grades(course):
    return {r.student: r for r in engine.grade(course, "kite", executor=quick.in_this_process)}


GRADESCOPE = """---
submission_101:
  :submitters:
  - :name: Ann Bee
    :sid: '007'
    :email: ann@example.org
  :created_at: 2026-03-01 10:00:00.000000000 +01:00
  :score: 0.0
submission_102:
  :submitters:
  - :name: Bob Cee
    :sid:
    :email: bob@example.org
  - :name: Cid Dee
    :sid: '009'
    :email: cid@example.org
  :created_at: 2026-03-02 10:00:00.000000000 Z
"""


def test_gradescope(course, tmp_path):
    base = "assignment_5_export"
    archive = put(
        tmp_path,
        {
            f"{base}/submission_metadata.yml": GRADESCOPE,
            f"{base}/submission_101/kite.ipynb": FULL,
            f"{base}/submission_101/timestamp.txt": "2020-01-01",
            f"{base}/submission_102/kite.ipynb": FULL,
        },
    )
    found, rows = take(course, archive)
    assert found.form is Form.GRADESCOPE and list(rows) == ["007", "009", "bob"]
    assert rows["007"].time == "2026-03-01 09:00:00 UTC"
    assert rows["007"].notices == ["timestamp.txt was left out: the time is recorded here"]
    assert there(course, "009") == ["kite.ipynb", "timestamp.txt"]
    results = grades(course)
    assert [results[name].score for name in rows] == [9, 9, 9]
    assert all(result.repairs == [] for result in results.values())
    with gradebook(course) as book:
        row = book.find_submission("kite", "007")
        assert row.timestamp.isoformat() == "2026-03-01T09:00:00"
        assert (row.student.first_name, row.student.last_name) == ("Ann", "Bee")
        assert book.find_student("bob").email == "bob@example.org"


def test_canvas(course, tmp_path):
    load_template(CourseFolder(course), "kite")  # makes the gradebook
    with gradebook(course) as book:
        book.add_student("dee", lms_user_id="333")
    archive = put(
        tmp_path,
        {
            "beeann_111_9001_kite.ipynb": FULL,
            "beeann_111_9001_picture.png": b"png",
            "ceebob_LATE_222_9002_kite-1.ipynb": FULL,
            "deecid_333_9003_dee.zip": zipped({"dee/kite.ipynb": FULL, "dee/a.txt": "a"}),
        },
    )
    found, rows = take(course, archive)
    assert found.form is Form.CANVAS and list(rows) == ["beeann-111", "ceebob-222", "dee"]
    assert there(course, "beeann-111") == ["kite.ipynb", "picture.png"]
    assert rows["ceebob-222"].late and rows["ceebob-222"].time == ""
    assert rows["ceebob-222"].notices == ["kite-1.ipynb was taken for kite.ipynb"]
    assert there(course, "dee") == ["a.txt", "kite.ipynb"]
    assert [row.score for row in grades(course).values()] == [9, 9, 9]
    assert records_of(course, "kite")["ceebob-222"]["late"] is True


def test_zips_and_folders(course, tmp_path):
    archive = put(
        tmp_path,
        {
            "ann.zip": zipped({"ann/kite.ipynb": FULL}),
            "bob.zip": zipped({"kite.ipynb": FULL}),
            "cid/kite.ipynb": FULL,
            "dan/kite/kite.ipynb": FULL,
            "readme.txt": "hello",
            "__MACOSX/ann.zip": b"",
        },
    )
    found, rows = take(course, archive)
    assert found.form is Form.ZIPS and list(rows) == ["ann", "bob", "cid", "dan"]
    assert found.notices == ["'readme.txt' belongs to no student and was left out"]
    assert {there(course, name)[0] for name in rows} == {"kite.ipynb"}
    folder = tmp_path / "folder" / "all"
    folder.mkdir(parents=True)
    (folder / "eve.zip").write_bytes(zipped({"kite.ipynb": FULL}))
    assert list(take(course, tmp_path / "folder")[1]) == ["eve"]


def test_again_says_what_changed(course, tmp_path):
    take(course, put(tmp_path, {"ann/kite.ipynb": FULL, "bob/kite.ipynb": FULL}))
    new = put(tmp_path, {"ann/kite.ipynb": FULL, "bob/other.ipynb": FULL, "cid/kite.ipynb": FULL})
    _, rows = take(course, new)
    assert [row.outcome for row in rows.values()] == ["unchanged", "changed", "new"]
    assert there(course, "bob") == ["other.ipynb"]
    assert set(records_of(course, "kite")) == {"ann", "bob", "cid"}


def link(name, target):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


def test_hostile_archives_write_nothing_outside(course, tmp_path):
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w") as archive:
        archive.writestr("kite.ipynb", FULL)
        for name in ("../../evil.txt", "/tmp/evil.txt", "C:/evil.txt", "a/..\\..\\evil.txt"):
            archive.writestr(name, "evil")
        archive.writestr(*link("secret.txt", "/etc/passwd"))
        archive.writestr("clash", "a file")
        archive.writestr("clash/inside.txt", "and a folder")
    before = {p for p in tmp_path.rglob("*") if "course" not in str(p)}
    outer = put(tmp_path, {"ann.zip": store.getvalue(), "../bob.zip": FULL, "bob/kite.ipynb": FULL})
    found, rows = take(course, outer)
    assert there(course, "ann") == ["clash", "kite.ipynb"]
    told = "\n".join(rows["ann"].notices)
    assert told.count("leads out of the folder") == 4
    assert "'secret.txt' is a link or a device" in told
    assert "a file and a folder at once" in told
    assert "leads out of the folder" in found.notices[0]
    assert not [p for p in tmp_path.rglob("evil*")]
    assert {p for p in tmp_path.rglob("*") if p.name == "bob.zip"} == set()
    assert before is not None and grades(course)["bob"].score == 9


def test_bombs_are_refused(course, tmp_path):
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.max_file_size = 1000\n"
    )
    bomb = zipped({"kite.ipynb": FULL, "zeros.bin": b"\0" * 5_000_000})
    assert len(bomb) < 50_000
    many = zipped({f"f{i}.txt": "" for i in range(3000)})
    archive = put(
        tmp_path, {"ann.zip": bomb, "bob.zip": many, "cid.zip": zipped({"kite.ipynb": FULL})}
    )
    _, rows = take(course, archive)
    assert there(course, "ann") == ["kite.ipynb"]
    assert "zeros.bin is larger than 1 MB" in rows["ann"].notices[0]
    assert "holds 3000 files" in rows["bob"].notices[0]
    results = grades(course)
    assert results["ann"].score == results["cid"].score == 9
    assert "there is: bob.zip" in results["bob"].reason


def test_damaged_and_encrypted(course, tmp_path):
    good = zipped({"kite.ipynb": FULL})
    broken = bytearray(good)
    broken[60:90] = b"\xff" * 30
    secret = bytearray(good)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        secret[secret.index(mark) + offset] |= 1
    files = {"ann.zip": bytes(broken), "bob.zip": bytes(secret), "cid.zip": good[:-30]}
    _, rows = take(course, put(tmp_path, {**files, "dan.zip": good}))
    assert all(rows[name].notices for name in ("ann", "bob", "cid"))
    assert grades(course)["dan"].score == 9


def test_an_id_cannot_lead_elsewhere(course, tmp_path):
    _, rows = take(course, put(tmp_path, {".. /kite.ipynb": FULL, "Zoë B/kite.ipynb": FULL}))
    assert set(rows) == {"unknown", "Zo-B"}
    assert student_id("../../x") == "x"
    for bad in ("../x", "/x", "a/../../x", "C:\\x", "", ".", "a\nb", "x" * 300, "a/" * 30 + "x"):
        assert clean_name(bad) is None
    assert clean_name("./a//b.txt") == "a/b.txt"


def test_the_command(course, tmp_path):
    app = typer.Typer()
    app.command()(collect_command.command)

    def call(*arguments):
        done = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
        return done.exit_code, " ".join(done.output.split())

    archive = put(tmp_path, {"x_LATE_1_2_kite.ipynb": FULL})
    code, text = call("kite", archive, "--course", course)
    assert code == 0 and "x-1" in text and "no penalty will be taken" in text
    assert call("kite", tmp_path / "no.zip", "--course", course)[0] == 2
    assert "no assignment 'ball'" in call("ball", archive, "--course", course)[1]
    assert "no form 'moodle'" in call("kite", archive, "--course", course, "--form", "moodle")[1]
    (tmp_path / "text.zip").write_text("hello")
    assert "no zip archive" in call("kite", tmp_path / "text.zip", "--course", course)[1]
    assert "no submission" in call("kite", put(tmp_path, {}, "e.zip"), "--course", course)[1]


def test_damaged_metadata_is_told(course, tmp_path):
    archive = put(tmp_path, {"submission_metadata.yml": "- [", "submission_1/kite.ipynb": FULL})
    with pytest.raises(GradingError, match="cannot be read"):
        take(course, archive)
    assert json.dumps(records_of(course, "kite")) == "{}"
