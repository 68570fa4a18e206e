"""The reference decides how a check is judged, it is said, and it travels wherever marks are made."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgrader")

from grader_support import course_maker as maker
from grader_support.autograder import make_zip, unpack
from grader_support.stock_nbgrader import api_of, marks
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from fairmark.cli import app
from fairmark.execution.executor import SandboxedExecutor
from fairmark.folder import CourseFolder
from fairmark.gradescope.packed import unpack_assignment
from fairmark.grading.calibration import calibrate
from fairmark.grading.engine import grade
from fairmark.grading.scene import scene_of
from fairmark.grading.template import generate, template_of
from fairmark.grading.trials import absent_file
from fairmark.judged import Judge, Judged
from fairmark.limits import Limits
from fairmark.model import GradingError, Status

ASSIGNMENT = "ps"
#: The check defines a global that the solution reads: in two processes it is not there.
SCALED = "def scaled(x):\n    ### BEGIN SOLUTION\n    return factor * x\n    ### END SOLUTION"
SCALED_CHECK = "factor = 3\nassert scaled(2) == 6, 'scaled(2) should be 6'"
DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
DOUBLE_CHECK = (
    "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(-1) == -2\n### END HIDDEN TESTS"
)
STUB = "raise NotImplementedError()"


def check(grade_id, source, points=2):
    return new_code_cell(
        source, id=grade_id, metadata=maker.meta(grade_id, points=points, kind="check")
    )


def answer(grade_id, source):
    return new_code_cell(source, id=grade_id, metadata=maker.meta(grade_id, kind="answer"))


def usual():
    return [
        answer("double", DOUBLE),
        check("t-double", DOUBLE_CHECK),
        answer("scaled", SCALED),
        check("t-scaled", SCALED_CHECK, points=3),
    ]


def make_course(root: Path, cells, config="c = get_config()\n") -> Path:
    folder = root / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "ps.ipynb")
    (root / "nbgrader_config.py").write_text(config)
    return root


def hand_in(root: Path, student: str, **answers: str) -> None:
    notebook = generate(CourseFolder(root), ASSIGNMENT).released["ps"]
    for grade_id, text in answers.items():
        maker.cell_of(notebook, grade_id).source = text
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "ps.ipynb")


def without_marks(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if "###" not in line)


RIGHT = {"double": without_marks(DOUBLE), "scaled": without_marks(SCALED)}
WRONG = {"double": "def double(x):\n    return x * x", "scaled": "def scaled(x):\n    return x"}


def found_in(course: Path, **options):
    folder = CourseFolder(course)
    template = template_of(folder, ASSIGNMENT, generate(folder, ASSIGNMENT))
    return calibrate(folder, template, SandboxedExecutor(**options), Limits())


def ways(calibration) -> dict[str, str]:
    return {check.grade_id: str(check.judged) for check in calibration.checks}


def graded(course: Path, *arguments: str):
    return CliRunner().invoke(
        app, ["grade", ASSIGNMENT, "--course", str(course), "--workers", "0", *arguments]
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory, sandbox) -> Path:
    root = make_course(tmp_path_factory.mktemp("calibrated"), usual())
    hand_in(root, "right", **RIGHT)
    hand_in(root, "wrong", **WRONG)
    hand_in(root, "untouched")
    return root


def test_what_the_reference_passes_apart_is_judged_apart_and_the_rest_beside(course):
    found = found_in(course)
    assert ways(found) == {"t-double": "apart", "t-scaled": "beside"}
    assert found.beside[0].why.startswith("the solution reads `factor`, which t-scaled defines")
    assert found.reference and not found.failing and not found.free and not found.untried


def test_it_is_said_and_the_marks_are_right(course, tmp_path):
    done = graded(course, "--json", str(tmp_path / "rows.json"))
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "1 of 2 checks, with 3 points, are judged beside the students' code" in said
    assert "t-scaled (3 points): the solution reads `factor`, which t-scaled defines" in said
    rows = {row["student"]: row for row in json.loads((tmp_path / "rows.json").read_text())}
    assert rows["right"]["checks"] == {"t-double": 2.0, "t-scaled": 3.0}
    assert rows["wrong"]["checks"] == rows["untouched"]["checks"] == {"t-double": 0, "t-scaled": 0}
    for row in rows.values():
        assert row["status"] == "graded"
        assert list(row["judged"]) == ["t-scaled"]
        assert row["judged"]["t-scaled"].startswith("beside: the solution reads `factor`")
    page = (course / ".fairmark" / "results" / "ps.html").read_text()
    assert "How the checks are judged" in page and "the solution reads `factor`" in page


def test_what_was_found_is_kept_until_something_changes(course, monkeypatch):
    found_in(course)
    runs = []
    run = SandboxedExecutor.__call__
    monkeypatch.setattr(
        SandboxedExecutor, "__call__", lambda self, *given: runs.append(1) or run(self, *given)
    )
    first = found_in(course)
    assert first.kept and runs == []
    helper = course / "source" / ASSIGNMENT / "numbers.txt"
    helper.write_text("1 2 3")
    second = found_in(course)
    assert not second.kept and second.checks == first.checks
    # The reference both ways, and the untouched release.
    assert len(runs) == 3
    helper.unlink()


def test_a_damaged_record_is_made_anew(course):
    place = course / ".fairmark" / "calibration" / "ps.json"
    found_in(course)
    for text in ("not json", "{}", place.read_text().replace('"beside"', '"sideways"')):
        place.write_text(text)
        assert ways(found_in(course)) == {"t-double": "apart", "t-scaled": "beside"}


@pytest.mark.parametrize(("judge", "points"), [("apart", 0.0), ("beside", 3.0)])
def test_the_instructor_may_force_it(course, judge, points):
    rows = {row.student: row for row in grade(course, ASSIGNMENT, judge=Judge(judge))}
    assert rows["right"].checks == {"t-double": 2.0, "t-scaled": points}
    assert rows["wrong"].checks == {"t-double": 0.0, "t-scaled": 0.0}
    ways = {name: said.split(":")[0] for name, said in rows["right"].judged.items()}
    assert ways == ({} if judge == "apart" else {"t-double": "beside", "t-scaled": "beside"})


def test_a_check_that_the_reference_fails_both_ways_stops_the_grading(tmp_path, sandbox):
    cells = [*usual(), check("t-broken", "assert double(1) == 3, 'double(1) should be 3'", 4)]
    root = make_course(tmp_path / "c", cells)
    hand_in(root, "right", **RIGHT)
    done = graded(root)
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert "The reference solution of ps fails a check" in said
    assert "- t-broken (4 points): double(1) should be 3 Mend the check or the solution." in said
    assert not (root / "autograded").exists()
    assert not (root / ".fairmark" / "calibration").exists()
    done = graded(root, "--anyway", "--json", str(tmp_path / "rows.json"))
    assert done.exit_code == 1, done.output
    (row,) = json.loads((tmp_path / "rows.json").read_text())
    assert row["checks"] == {"t-double": 2.0, "t-scaled": 3.0, "t-broken": 0.0}
    assert row["status"] == "partly graded"
    assert "t-broken is not decided: the reference solution fails it too" in row["reason"]
    assert row["judged"]["t-broken"] == "undecided: double(1) should be 3"


def test_a_check_that_the_untouched_release_passes_is_named(tmp_path, sandbox):
    root = make_course(tmp_path, [*usual(), check("t-free", "assert callable(double)", 1)])
    found = found_in(root)
    assert [(c.grade_id, c.free) for c in found.free] == [("t-free", 1.0)]
    assert "t-free (1 point) gives 1 to the untouched release." in found.sentences()


def test_without_a_reference_all_is_judged_beside_and_that_is_said(tmp_path, sandbox):
    cells = usual()
    for cell in cells[::2]:
        cell.source = cell.source.split("\n")[0] + "\n    # YOUR CODE HERE\n    " + STUB
    root = make_course(tmp_path, cells)
    hand_in(root, "right", **RIGHT)
    hand_in(root, "wrong", **WRONG)
    done = graded(root)
    assert "There is no reference solution in source/ to run" in " ".join(done.output.split())
    rows = {row.student: row.score for row in grade(root, ASSIGNMENT)}
    assert rows == {"right": 5.0, "wrong": 0.0}


def test_a_file_that_the_reference_lacks_decides_nothing(tmp_path, sandbox):
    cells = [
        answer("train", "### BEGIN SOLUTION\ntrained = 1\n### END SOLUTION"),
        check("t-file", "assert open('weights.txt').read() == 'trained'"),
    ]
    root = make_course(tmp_path, cells)
    found = found_in(root)
    assert ways(found) == {"t-file": "apart"}
    assert "it needs weights.txt, which is not in" in found.untried[0].untried
    folder = root / "reference" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "weights.txt").write_text("trained")
    assert found_in(root).untried == []


@pytest.mark.parametrize(
    ("why", "name"),
    [
        ("FileNotFoundError: [Errno 2] No such file or directory: 'a/b.csv'", "a/b.csv"),
        ("There is no file given.txt beside the notebook.", ""),
        ("double(1) should be 2", ""),
    ],
)
def test_the_lack_of_a_file(why, name):
    assert absent_file(why, ["given.txt"]) == name


def test_whoever_reads_what_a_beside_check_defines_is_judged_beside_too(tmp_path, sandbox):
    cells = [
        *usual(),
        check("t-again", "assert scaled(5) == 5 * factor"),
        check("t-apart", "factor = 1\nassert double(factor) == 2"),
    ]
    found = found_in(make_course(tmp_path, cells))
    assert ways(found) == {
        "t-double": "apart",
        "t-scaled": "beside",
        "t-again": "beside",
        "t-apart": "apart",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import math\nmath.sqrt = None\nroot(4)", ["the check replaces `math.sqrt`"]),
        ("with mock.patch('math.sqrt'):\n    root(4)", ["the check replaces `math.sqrt`"]),
        ("del np.linalg.inv", ["the check replaces `np.linalg.inv`"]),
        ("sum = None\ntotal([1])", ["the check hides `sum`"]),
        ("with np.errstate(all='raise'):\n    f(0)", ["the check makes warnings errors"]),
        ("with np.errstate(all='ignore'):\n    f(0)", []),
        ("warnings.simplefilter('error')", ["the check makes warnings errors"]),
        ("with warnings.catch_warnings():\n    pass", []),
        ("sys.setrecursionlimit(99)", ["the check sets Python's recursion limit"]),
        ("os.environ['A'] = 'b'", ["the check replaces `os.environ['A']`"]),
        ("def helper():\n    total = 1\nassert f(2) == 4\nx.size = 1\nmap_ = {}", []),
        ("not python (", []),
    ],
)
def test_what_a_check_sets_up_for_the_code_that_it_calls(text, said):
    assert scene_of(text, ["import os, sys, warnings\nimport numpy as np"]) == said


def test_a_check_that_forbids_something_is_judged_beside(tmp_path, sandbox):
    """Apart, it would pass for everybody: what it takes away is there in the other process."""
    root_ = "def root(x):\n    ### BEGIN SOLUTION\n    return x ** 0.5\n    ### END SOLUTION"
    forbids = (
        "import math\nkept = math.sqrt\nmath.sqrt = None\ntry:\n    assert root(4) == 2\n"
        "finally:\n    math.sqrt = kept"
    )
    course = make_course(tmp_path, [answer("square", root_), check("t-root", forbids)])
    found = found_in(course)
    assert ways(found) == {"t-root": "beside"}
    assert found.beside[0].why == "the check replaces `math.sqrt` for the code that it calls"
    hand_in(course, "right", square=without_marks(root_))
    hand_in(course, "wrong", square="import math\ndef root(x):\n    return math.sqrt(x)")
    rows = {row.student: row for row in grade(course, ASSIGNMENT)}
    assert rows["right"].checks == {"t-root": 2.0} and rows["wrong"].checks == {"t-root": 0.0}
    assert rows["right"].status is rows["wrong"].status is Status.GRADED


def test_part_of_the_points_for_the_reference_is_no_failure(tmp_path, sandbox):
    """The check may give less than all on purpose: it does so in stock nbgrader, too."""
    found = found_in(make_course(tmp_path, [*usual(), check("t-part", "double(1) / 4", 2)]))
    assert ways(found)["t-part"] == "apart"
    assert found.sentences()[-1] == "t-part (2 points) gives the reference 0.5, both ways."


def test_a_reference_that_cannot_be_read_is_an_error(tmp_path):
    root = make_course(tmp_path, usual())
    (root / "source" / ASSIGNMENT / "ps.ipynb").write_text("{}")
    with pytest.raises(GradingError, match="cannot be released by nbgrader"):
        found_in(root)


# -- wherever marks are made -------------------------------------------------------------------
PLUGIN = "c = get_config()\nfrom fairmark.nbgrader_plugin import configure_grading\nconfigure_grading(c)\n"


def test_nbgraders_own_command_judges_the_same(
    tmp_path, sandbox, programs_on_the_path, monkeypatch
):
    root = make_course(tmp_path, usual(), PLUGIN)
    monkeypatch.chdir(root)
    api = api_of(root)
    assert api.generate_assignment(ASSIGNMENT, force=True)["success"]
    for student, answers in (("right", RIGHT), ("wrong", WRONG)):
        hand_in(root, student, **answers)
        done = api.autograde(ASSIGNMENT, student, force=True)
        assert done["success"], done
    assert marks(root, ASSIGNMENT, "right") == {
        "t-double": (2.0, 2.0, False),
        "t-scaled": (3.0, 3.0, False),
    }
    assert [mark[0] for mark in marks(root, ASSIGNMENT, "wrong").values()] == [0.0, 0.0]


def test_nbgraders_own_command_stops_where_the_reference_fails(
    tmp_path, sandbox, programs_on_the_path, monkeypatch
):
    cells = [*usual(), check("t-broken", "assert double(1) == 3, 'double(1) should be 3'", 4)]
    root = make_course(tmp_path, cells, PLUGIN)
    monkeypatch.chdir(root)
    api = api_of(root)
    assert api.generate_assignment(ASSIGNMENT, force=True)["success"]
    hand_in(root, "right", **RIGHT)
    done = api.autograde(ASSIGNMENT, "right", force=True)
    assert not done["success"] and "t-broken (4 points)" in done["log"] + done.get("error", "")
    done = api_of(root, anyway=True).autograde(ASSIGNMENT, "right", force=True)
    assert done["success"], done
    assert marks(root, ASSIGNMENT, "right")["t-broken"] == (0.0, 4.0, True)


def test_the_outcome_travels_to_gradescope_and_the_reference_does_not(course, tmp_path):
    archive = make_zip(course, ASSIGNMENT, tmp_path / "ps.zip")
    unpack(archive, tmp_path / "zip")
    template, _ = unpack_assignment(tmp_path / "zip" / "assignment")
    judged = {c.grade_id: c.judged for c in template.notebooks[0].cells if c.check}
    assert judged == {"t-double": Judged.APART, "t-scaled": Judged.BESIDE}
    text = (tmp_path / "zip" / "assignment" / "assignment.json").read_text()
    assert "factor * x" not in text and "2 * x" not in text


def test_workers_and_a_cluster_judge_the_same(course):
    dask = pytest.importorskip("distributed")
    alone = [(r.student, r.checks, r.judged) for r in grade(course, ASSIGNMENT)]
    several = grade(course, ASSIGNMENT, workers=2, judge=Judge.BESIDE)
    assert {r.status for r in several} == {Status.GRADED}
    with dask.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        done = graded(course, "--regrade", "--scheduler", cluster.scheduler_address)
        assert done.exit_code == 0, done.output
    assert [(r.student, r.checks, r.judged) for r in grade(course, ASSIGNMENT)] == alone


# -- what was noticed --------------------------------------------------------------------------
ODD = (
    "class Odd:\n    def __init__(self, size):\n        self.size = size\n"
    "    def __eq__(self, other):\n        return self.size == other\n"
    "def double(x):\n    return Odd(2 * x)"
)


def test_what_was_noticed_is_told_to_the_instructor_and_not_to_the_student(tmp_path, sandbox):
    root = make_course(tmp_path / "c", usual())
    hand_in(root, "odd", **{**RIGHT, "double": ODD})
    done = graded(root, "--json", str(tmp_path / "rows.json"))
    assert done.exit_code == 1
    (row,) = json.loads((tmp_path / "rows.json").read_text())
    assert row["status"] == "needs review" and row["checks"] == {"t-double": 0.0, "t-scaled": 3.0}
    assert "passes in the notebook's: look at the answer, 2 points depend on it" in row["reason"]
    assert marks(root, ASSIGNMENT, "odd")["t-double"] == (0.0, 2.0, True)
    fed = CliRunner().invoke(app, ["feedback", ASSIGNMENT, "--course", str(root)])
    assert fed.exit_code == 0, fed.output
    page = (root / "feedback" / "odd" / ASSIGNMENT / "ps.html").read_text()
    assert "not everything can be decided by a program (t-double)" in page
    assert "3 of 5 points" in page and ">double<" in page
    assert "depend" not in page and "in a process of its own" not in page
    csv = CliRunner().invoke(app, ["export", ASSIGNMENT, "--course", str(root)])
    assert "needs review" in csv.output


def test_gradescope_tells_the_student_no_more(course, tmp_path):
    from fairmark.gradescope.packed import Settings
    from fairmark.gradescope.results_json import results_of
    from fairmark.model import Execution, NotebookRun, Prepared

    folder = CourseFolder(course)
    template = template_of(folder, ASSIGNMENT, generate(folder, ASSIGNMENT))
    run = NotebookRun("ps", None, {"t-double": 0.0, "t-scaled": 0.0}, undecided=["t-scaled"])
    run.noticed, run.status, run.reason = (
        ["cell 1 exchanges x"],
        Status.REVIEW,
        "cell 1 exchanges x",
    )
    execution = Execution([run], Status.REVIEW, run.reason, 0.1, 1.0)
    content = results_of(template, Prepared("s", ASSIGNMENT, ()), execution, Settings())
    shown = content["output"] + "".join(test["output"] for test in content["tests"])
    assert "not everything can be decided by a program (t-scaled)" in shown
    assert "exchanges" not in shown
