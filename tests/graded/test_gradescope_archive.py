"""What the archives of the course's own assignments hold, and what they must not hold."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from fairmark.folder import CourseFolder
from fairmark.gradescope.archive import code_of
from fairmark.gradescope.requirements import needs_of
from grader_support.autograder import unpack

from chainrule import grader_hints
from chainrule.commands.data import IMAGE_SETS
from chainrule.course import secrecy

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_secret_of_the_course_is_in_the_wheel(backprop_zip, tmp_path):
    unpack(backprop_zip, tmp_path)
    wheels = sorted((tmp_path / "wheels").iterdir())
    assert [wheel.name.partition("-")[0] for wheel in wheels] == ["chainrule", "fairmark"]
    assert all(secrecy.check_folder(ROOT, wheel) > 20 for wheel in wheels)
    # The control: in the checks of the assignment the same search does find something.
    found = secrecy.find(ROOT, secrecy.files_of(tmp_path / "assignment"))
    canaries = [leak.secret for leak in found if leak.secret.text.startswith("canary-")]
    assert canaries and all("backprop" in secret.origin for secret in canaries)


def test_solutions_of_the_course_are_nowhere_in_the_archive(backprop_zip, tmp_path):
    unpack(backprop_zip, tmp_path)
    canaries = {
        line.split("canary-")[1][:16]
        for path in (ROOT / "source").glob("*/*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        for line in solution_lines(cell.source)
        if "canary-" in line
    }
    assert len(canaries) > 10
    for name, data in secrecy.files_of(tmp_path):
        assert not [c for c in canaries if c.encode() in data], name


def solution_lines(text):
    inside = False
    for line in text.splitlines():
        inside = inside or "BEGIN SOLUTION" in line
        if inside:
            yield line
        inside = inside and "END SOLUTION" not in line


def test_data_sets_that_the_assignments_compare_with_are_named():
    expected = {
        "backprop": [],
        "convnet": ["cifar10", "fashion-mnist"],
        "fitting": [],
        "modules": [],
        "neuralnet": ["cifar10"],
        "pretrained": [],
    }
    course = CourseFolder(ROOT)
    found = {name: needs_of(code_of(course, name)) for name in expected}
    assert {name: [data.name for data in needs.data] for name, needs in found.items()} == expected
    assert all(needs.packages == ["chainrule"] for needs in found.values())
    # These are the names that setup.sh hands to `chainrule data`.
    assert set(grader_hints.DATA_SETS) == set(IMAGE_SETS)


def test_torch_comes_with_what_is_imported_late():
    pytest.importorskip("torch")
    needs = needs_of(["%matplotlib inline\nimport torch\nimport chainrule"])
    assert any(line.startswith("torch") for line in needs.required)
    assert "efficientnet-lite-pytorch" in needs.required
    assert not any("+" in line for line in needs.tested)
