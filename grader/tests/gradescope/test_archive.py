"""What the archive holds, and what it must not hold."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from importlib.metadata import version

import nbformat
import typer
from grader_support import course_maker as maker
from grader_support.autograder import make_zip, unpack
from typer.testing import CliRunner

from fairmark.commands import export
from fairmark.folder import CourseFolder
from fairmark.gradescope.packed import Settings, pack_assignment, unpack_assignment
from fairmark.gradescope.requirements import imports_of, needs_of
from fairmark.grading.gradebook import open_gradebook
from fairmark.grading.template import load_template
from fairmark.model import Template

app = typer.Typer()
app.command()(export.command)


def call(*arguments):
    return CliRunner().invoke(app, [str(item) for item in arguments], catch_exceptions=False)


def one_line(text):
    return " ".join(text.split())


def contents(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_files_that_gradescope_asks_for_are_at_the_top(kite_zip):
    with zipfile.ZipFile(kite_zip) as archive:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["assignment/assignment.json"] == 0o644
    assert contents(kite_zip)["data.sh"] == contents(kite_zip)["environment.sh"] == b""
    tops = {name.split("/")[0] for name in modes}
    assert tops == {
        *("setup.sh", "run_autograder", "README.md", "requirements.txt", "constraints.txt"),
        *("data.sh", "environment.sh", "wheels", "assignment"),
    }
    readme = contents(kite_zip)["README.md"].decode()
    assert "For instructors only" in readme and "gives 9 points" in readme and "{" not in readme


def test_scripts_are_valid_bash(kite_zip, tmp_path):
    unpack(kite_zip, tmp_path)
    for name in ("setup.sh", "run_autograder"):
        text = (tmp_path / name).read_text()
        assert text.startswith("#!/usr/bin/env bash\n") and "\r" not in text
        subprocess.run(["bash", "-n", tmp_path / name], check=True)


def test_no_solution_no_scheme_and_no_student_is_packed(tmp_path):
    course = maker.make_course(tmp_path / "course")
    other = course / "source" / "other"
    other.mkdir()
    nbformat.write(maker.source_notebook(), other / "secret-of-the-other.ipynb")
    maker.hand_in(course, "ann-the-student", maker.full())
    with open_gradebook(f"sqlite:///{course}/gradebook.db", "kites") as gradebook:
        gradebook.add_student("bob-the-student")
    found = contents(make_zip(course, "kite", tmp_path / "kite.zip"))
    everything = b"\n".join([*found.values(), *map(str.encode, found)])
    for secret in ("return 2 * x", "A drawing.", maker.SCHEME, "-the-student", "of-the-other"):
        assert secret.encode() not in everything, secret
    # The control: the search does find what has to be there.
    assert maker.HIDDEN.encode() in found["assignment/assignment.json"]
    assert found["assignment/files/numbers.txt"] == b"1 2 3\n"


def test_the_gradebook_stays_as_it_is(tmp_path):
    course = maker.make_course(tmp_path / "course")
    make_zip(course, "kite", tmp_path / "kite.zip")
    there = sorted(p.name for p in course.iterdir())
    assert there == [".fairmark", "nbgrader_config.py", "source"]
    # How the checks are judged, which the reference was run for.
    assert [p.name for p in (course / ".fairmark").iterdir() if p.is_dir()] == ["calibration"]


def test_the_wheel_is_one_that_pip_takes(kite_zip, tmp_path):
    unpack(kite_zip, tmp_path)
    (wheel,) = (tmp_path / "wheels").iterdir()
    assert wheel.name == f"fairmark-{version('fairmark')}-py3-none-any.whl"
    listed = {row[0] for row in csv.reader(io.StringIO(record_of(wheel)))}
    assert listed == set(contents(wheel))
    target = tmp_path / "target"
    pip = [sys.executable, "-m", "pip", "-q", "install", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", target, wheel], check=True)
    assert (target / "fairmark" / "gradescope" / "files" / "setup.sh").is_file()
    assert not list((target / "fairmark").rglob("*.ipynb"))


def record_of(wheel):
    return next(d for n, d in contents(wheel).items() if n.endswith("/RECORD")).decode()


def test_the_same_course_gives_the_same_bytes(tmp_path):
    course = maker.make_course(tmp_path / "course")
    first = make_zip(course, "kite", tmp_path / "1.zip").read_bytes()
    assert make_zip(course, "kite", tmp_path / "2.zip").read_bytes() == first


def test_what_is_unpacked_is_what_was_packed(tmp_path):
    template, _ = load_template(CourseFolder(maker.make_course(tmp_path / "c")), "kite")
    settings = Settings("after_due_date", 7.0, 70.0, ("*.bak",), 5)
    for name, data in pack_assignment(template, settings).items():
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_bytes(data)
    found, read = unpack_assignment(tmp_path / "out")
    assert read == settings and isinstance(found, Template)
    assert found.files == template.files and found.max_score == template.max_score
    for mine, theirs in zip(found.notebooks[0].cells, template.notebooks[0].cells, strict=True):
        assert (mine.grade_id, mine.released, dict(mine.meta)) == (
            *(theirs.grade_id, theirs.released),
            dict(theirs.meta),
        )
        assert mine.source == (theirs.released if theirs.by_hand else theirs.source)


def test_packages_that_the_assignment_needs_are_named():
    plain = needs_of(["import math"])
    # nbgrader comes along with the grader, whose wheel is in the archive.
    assert plain.required == [] and any(line.startswith("nbgrader==") for line in plain.tested)
    assert not any(line.startswith("torch") for line in plain.required)
    assert f"numpy=={version('numpy')}" in plain.tested
    own = needs_of(["import helper\nimport nowhere_to_be_had"], ["helper.py"])
    assert own.missing == ["nowhere_to_be_had"]
    optional = needs_of(["try:\n    import nowhere_to_be_had\nexcept ImportError:\n    pass"])
    assert optional.missing == []


def test_relative_imports_are_followed():
    text = "from . import a\nfrom .b import c\nfrom ..d import e\ndef f():\n    import g"
    found = {item.module: item.late for item in imports_of(text, "course.checks")}
    assert {"course.checks.a", "course.checks.b", "course.d"} <= set(found)
    assert found["g"] and not found["course.d"]


def test_the_command_writes_the_archive_and_says_what_it_gives(tmp_path):
    course = maker.make_course(tmp_path / "course")
    done = call(
        *("kite", "--gradescope-autograder", tmp_path / "a.zip", "--course", course),
        *("--visibility", "after_due_date", "--cell-seconds", 9),
    )
    assert done.exit_code == 0
    assert "9 points by program, 7 by hand" in done.stderr and "hidden tests" in done.stderr
    packed = json.loads(contents(tmp_path / "a.zip")["assignment/assignment.json"])
    assert packed["settings"]["visibility"] == "after_due_date"
    assert packed["settings"]["cell_seconds"] == 9


def test_the_archive_has_a_name_of_its_own(tmp_path, monkeypatch):
    course = maker.make_course(tmp_path / "course")
    monkeypatch.chdir(course)
    assert call("kite", "--gradescope-autograder").exit_code == 0
    assert zipfile.is_zipfile(course / "kite-autograder.zip")


def test_mistakes_in_the_call_are_explained(tmp_path):
    course = maker.make_course(tmp_path / "course")
    flag = ("--gradescope-autograder", "--course", course)
    mistakes = {
        ("kyte", *flag): "no assignment 'kyte'. There are: kite.",
        ("kite", *flag, "--visibility", "never"): "no visibility 'never'",
        ("kite", tmp_path / "a.zip", "--course", course): "say --to",
        ("kite", course / "source" / "kite", *flag): "cannot be written",
    }
    for arguments, words in mistakes.items():
        done = call(*arguments)
        assert done.exit_code == 2 and words in one_line(done.stderr), arguments


def test_an_assignment_without_checks_is_refused(tmp_path):
    course = maker.make_course(tmp_path / "course")
    path = course / "source" / "kite" / "kite.ipynb"
    book = nbformat.read(path, as_version=4)
    book.cells = [c for c in book.cells if not c.metadata.get("nbgrader", {}).get("locked")]
    nbformat.write(book, path)
    done = call("kite", "--gradescope-autograder", tmp_path / "a.zip", "--course", course)
    assert done.exit_code == 2 and "no check" in one_line(done.stderr)


def test_the_help_names_what_is_used_where_nothing_is_said():
    """Square brackets would be taken for markup, and vanish."""
    said = one_line(call("--help").stdout.replace("│", " "))
    for words in ("ASSIGNMENT-autograder.zip", "the present folder", "print"):
        assert f"(default: {words})" in said
