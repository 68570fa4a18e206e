"""The autograders of the course's own assignments."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from fairmark.cells import is_check
from fairmark.folder import CourseFolder
from fairmark.gradescope.archive import code_of
from fairmark.gradescope.requirements import needs_of
from grader_support.autograder import make_zip, text_of
from grader_support.containers import made_container

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())


def data_for(data_sets, python, whole_data):
    """Do what setup.sh does with the network: lay the data sets beside Python."""
    for name in (data_set.name for data_set in data_sets):
        place = whole_data(name) / name
        if not (python / "data" / name).exists():
            shutil.copytree(place, python / "data" / name)


def check_assignment(assignment, python, folder, whole_data):
    """Reference solutions earn all automatic points, the release none."""
    made = make_zip(
        ROOT, assignment, folder / f"{assignment}.zip", cell_seconds=120, notebook_seconds=600
    )
    data_for(needs_of(code_of(CourseFolder(ROOT), assignment)).data, python, whole_data)
    container = made_container(made, python, folder / assignment)
    books = sorted((ROOT / "source" / assignment).glob("*.ipynb"))
    trained = sorted((ROOT / "tests" / "answers" / assignment / "files").glob("*"))
    files = {path.name: path.read_bytes() for path in [*books, *trained]}
    whole = container.grade(files)
    assert whole.code == 0
    # Checks of results that are handed in fail where none are kept for tests.
    lost = [t for t in whole.content["tests"] if t["score"] < t["max_score"]]
    assert all("beside the notebook" in test["output"] for test in lost), lost
    assert sum(test["max_score"] for test in whole.content["tests"]) == most(books)
    assert whole.score > 0
    release = sorted((ROOT / "release" / assignment).glob("*.ipynb"))
    nothing = container.grade({path.name: path.read_bytes() for path in release})
    assert nothing.code == 0 and nothing.score == 0
    assert "(not decided)" not in " ".join([*whole.points, *nothing.points])


def most(books):
    cells = [cell for path in books for cell in nbformat.read(path, as_version=4).cells]
    return sum(cell.metadata.nbgrader.points for cell in cells if is_check(cell))


def test_backprop(set_up_python, open_folder, whole_data):
    check_assignment("backprop", set_up_python, open_folder, whole_data)


@pytest.mark.slow
@pytest.mark.parametrize("assignment", [a for a in ASSIGNMENTS if a != "backprop"])
def test_every_assignment(assignment, set_up_python, open_folder, whole_data):
    check_assignment(assignment, set_up_python, open_folder, whole_data)


def test_solutions_are_what_earns_the_points():
    """The control: what is handed in above are the instructors' notebooks, solutions and all."""
    book = nbformat.read(ROOT / "source" / "backprop" / "graphs.ipynb", as_version=4)
    assert "BEGIN SOLUTION" in text_of(book)
