"""Plain `nbgrader autograde`, configured as this course is, executes as safely as `grade`."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

pytest.importorskip("nbgrader")

from fairmark import nbgrader_plugin as preprocessor
from fairmark.grading.engine import grade
from fairmark.model import GradingError, NotebookRun, Status
from fairmark.nbgrader_plugin import NO_POINTS, SafeExecute, show_points
from grader_support.stock_nbgrader import api_of, marks
from nbgrader import utils
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[2]
#: For the check that is never decided; all others have the usual time.
SECONDS = 2
CONFIG = """
from pathlib import Path
from chainrule.course.release import configure_release
from fairmark.nbgrader_plugin import configure_feedback, configure_grading
c = get_config()
configure_release(c, Path(__file__).resolve().parent)
configure_grading(c)
configure_feedback(c)
"""

SECRET = "canary-5afe0000a2709ade"
CHECKS = {
    "double-check": (
        3,
        "import numpy as np\nnp.testing.assert_allclose(double(np.ones(2)), 2 * np.ones(2))\n"
        "### BEGIN HIDDEN TESTS\n"
        f"np.testing.assert_allclose(double(-1.5), -3.0)  # {SECRET}\n"
        "### END HIDDEN TESTS",
    ),
    "next-check": (4, "assert following(1) == 2, 'following(1) should be 2'"),
    "part-check": (2, "sum(share(n) == n for n in range(4)) / 2"),
}
FULL = {
    "double": "def double(x):\n    return 2 * x",
    "following": "def following(n):\n    return n + 1",
    "share": "def share(n):\n    return n",
    "words": "Because of the chain rule.",
    "reuse": "def twice(x):\n    return double(double(x))",
}
LOOKS_FOR_TESTS = f"""
import inspect, os, pathlib
def double(x):
    seen = [str(In), str(globals()), os.environ.get("HOME", "")]
    seen += [str(frame.frame.f_locals) for frame in inspect.stack()]
    for place in [".", "..", "../..", "../../../source", "/proc/self/cwd"]:
        for path in pathlib.Path(place).rglob("*"):
            try:
                seen.append(path.read_text(errors="replace"))
            except OSError:
                pass
    known = any({SECRET[:9]!r} + {SECRET[9:]!r} in text for text in seen)
    return 2 * x if known else None
"""
FORGES = """
import numpy as np
np.testing.assert_allclose = lambda *args, **kwargs: None
def double(x):
    return 0 * x
"""
NOISY = """
import sys, warnings
def double(x):
    warnings.warn("an honest warning")
    print("50%|#####", file=sys.stderr)
    return 2 * x
"""
HANDED_IN = {
    "a-full": FULL,
    "b-noisy": FULL | {"double": NOISY},
    "c-endless": FULL | {"following": "def following(n):\n    while True:\n        pass"},
    "d-dead": FULL | {"following": "import os\ndef following(n):\n    os._exit(1)"},
    "e-forged": FULL | {"double": FORGES},
    "f-peeps": FULL | {"double": LOOKS_FOR_TESTS},
    "g-part": FULL | {"share": "def share(n):\n    return min(n, 1)"},
    "h-broken": FULL | {"double": "def double(x):\n    return 2 * y"},
    "z-full": FULL,
}


# -- a small course -----------------------------------------------------------------
def cell(grade_id, source, maker=new_code_cell, **flags):
    data = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    data |= {"grade_id": grade_id, **flags}
    return maker(source, metadata={"nbgrader": data}, id=grade_id)


def check(grade_id, points, source):
    return cell(grade_id, source, grade=True, locked=True, points=points)


def notebooks(answers, *, released=False):
    """Two notebooks of an assignment; the second uses what the first defines."""
    tests = {
        name: check(name, points, text.split("\n###")[0] if released else text)
        for name, (points, text) in CHECKS.items()
    }
    # A student may write any time there; the one in source/ counts.
    tests["next-check"].metadata["fairmark"] = {"seconds": 250 if released else SECONDS}
    first = [
        cell("double", answers["double"], solution=True),
        tests["double-check"],
        cell("following", answers["following"], solution=True),
        tests["next-check"],
        cell("share", answers["share"], solution=True),
        tests["part-check"],
        cell("words", answers["words"], new_markdown_cell, grade=True, solution=True, points=5),
    ]
    second = [
        cell(
            "given",
            "from chainrule.handin.student_code import load_definitions\n"
            'double = load_definitions("first", needs=["double"]).double',
            locked=True,
        ),
        cell("reuse", answers["reuse"], solution=True),
        check("reuse-check", 2, "assert twice(3) == 12"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = {"first": new_notebook(cells=first), "second": new_notebook(cells=second)}
    for notebook in made.values():
        notebook.metadata.kernelspec = kernel
    return made


def write(folder, answers, **options):
    folder.mkdir(parents=True)
    for name, notebook in notebooks(answers, **options).items():
        nbformat.write(notebook, folder / f"{name}.ipynb")


def make_course(root, config=CONFIG, handed_in=HANDED_IN):
    solutions = {
        name: f"### BEGIN SOLUTION\n{text}\n### END SOLUTION" for name, text in FULL.items()
    }
    write(root / "source" / "small", solutions)
    for student, answers in handed_in.items():
        write(root / "submitted" / student / "small", answers, released=True)
    shutil.copy(ROOT / "_config.yml", root)
    (root / "nbgrader_config.py").write_text(config)
    return root


def autograde(course, **settings):
    api = api_of(course, **settings)
    made = api.generate_assignment("small")
    assert made["success"], made
    return api.autograde("small", "*")


def points(course, student):
    return {
        name: auto
        for name, (auto, _, _) in marks(course, "small", student).items()
        if name != "words"
    }


def graded_cell(course, student, grade_id, name="first"):
    path = course / "autograded" / student / "small" / f"{name}.ipynb"
    found = nbformat.read(path, as_version=4).cells
    return next(c for c in found if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.fixture(scope="module")
def stock(tmp_path_factory, sandbox, programs_on_the_path):
    """A class, graded with the command itself."""
    course = make_course(tmp_path_factory.mktemp("stock"))
    assert api_of(course).generate_assignment("small")["success"]
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", "small"],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(course=course, said=done.stderr)


@pytest.fixture(scope="module")
def ours(tmp_path_factory, sandbox):
    course = make_course(tmp_path_factory.mktemp("ours"))
    found = grade(course, "small", executor=sandbox)
    return {result.student: result for result in found}


# -- marks ----------------------------------------------------------------------------
EVERYTHING = {"double-check": 3.0, "next-check": 4.0, "part-check": 2.0, "reuse-check": 2.0}


@pytest.mark.parametrize(
    ("student", "lost"),
    [
        ("a-full", {}),
        ("b-noisy", {}),
        ("c-endless", {"next-check": 0.0}),
        ("d-dead", {"next-check": 0.0}),
        ("e-forged", {"double-check": 0.0, "reuse-check": 0.0}),
        ("f-peeps", {"double-check": 0.0, "reuse-check": 0.0}),
        ("g-part", {"part-check": 1.0}),
        ("h-broken", {"double-check": 0.0, "reuse-check": 0.0}),
        ("z-full", {}),
    ],
)
def test_points_are_fair_and_those_of_our_own_grader(stock, ours, student, lost):
    assert points(stock.course, student) == EVERYTHING | lost
    mine = {name: mark for name, mark in ours[student].checks.items() if name != "words"}
    assert points(stock.course, student) == mine


def test_a_check_that_was_not_decided_waits_for_a_person(stock, ours):
    for student in HANDED_IN:
        found = marks(stock.course, "small", student)
        waiting = {name for name, (_, _, waits) in found.items() if waits}
        undecided = {"next-check"} if student in ("c-endless", "d-dead") else set()
        assert waiting == undecided | {"words"}
        assert (ours[student].status is Status.PARTLY) == bool(undecided)


def test_the_gradebook_is_as_plain_nbgrader_makes_it(stock, tmp_path):
    plain = make_course(tmp_path, "c = get_config()\n", {"g-part": HANDED_IN["g-part"]})
    assert autograde(plain)["success"]
    assert marks(plain, "small", "g-part") == marks(stock.course, "small", "g-part")


def test_formgrader_sees_graded_submissions(stock):
    found = {row["student"]: row for row in api_of(stock.course).get_submissions("small")}
    assert set(found) == set(HANDED_IN)
    for row in found.values():
        assert row["autograded"] and row["needs_manual_grade"]  # the words wait for a person
        assert row["max_score"] == 16.0
    assert found["a-full"]["score"] == 11.0 and found["d-dead"]["score"] == 7.0


def test_feedback_can_be_generated(stock):
    done = api_of(stock.course).generate_feedback("small", "d-dead")
    assert done["success"], done
    page = (stock.course / "feedback" / "d-dead" / "small" / "first.html").read_text()
    assert "ended the Python process" in page


# -- what is left in the notebook -------------------------------------------------------
def test_a_warning_is_shown_and_costs_nothing(stock):
    outputs = graded_cell(stock.course, "b-noisy", "double-check").outputs
    assert "an honest warning" in "".join(out.text for out in outputs)
    assert {out.name for out in outputs} == {"stdout"}


@pytest.mark.parametrize(
    ("student", "words"),
    [("c-endless", f"did not end within {SECONDS} s"), ("d-dead", "ended the Python process")],
)
def test_a_check_that_was_not_decided_says_so(stock, student, words):
    error = graded_cell(stock.course, student, "next-check").outputs[-1]
    assert (error.output_type, error.ename) == ("error", NO_POINTS)
    assert words in error.evalue
    assert f"first: next-check {words}" in stock.said


def test_a_failed_check_keeps_its_error(stock):
    error = graded_cell(stock.course, "h-broken", "double-check").outputs[-1]
    assert (error.output_type, error.ename) == ("error", "NameError")


def test_the_students_files_are_not_changed(stock):
    for student, answers in HANDED_IN.items():
        assert graded_cell(stock.course, student, "double").source == answers["double"]
        assert SECRET in graded_cell(stock.course, student, "double-check").source


# -- where there is no sandbox ------------------------------------------------------------
def test_without_a_sandbox_it_stops_and_leaves_nothing(tmp_path, monkeypatch, programs_on_the_path):
    def refuse(*settings):
        raise GradingError("No namespaces on this machine.")

    students = {"a-full": FULL, "z-full": FULL}
    course = make_course(tmp_path, handed_in=students)
    with monkeypatch.context() as patch:
        patch.setattr(preprocessor, "_executor", refuse)
        done = autograde(course)
    assert not done["success"]
    assert "SystemExit: No namespaces on this machine." in done["error"]
    assert "--SafeExecute.no_sandbox=True" in done["error"]
    assert "z-full" not in done["log"]
    assert not list(course.glob("autograded/*/*"))
    done = autograde(course, no_sandbox=True)
    assert done["success"], done
    assert [points(course, student) for student in students] == [EVERYTHING, EVERYTHING]


# -- limits -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("timeout", "expected"),
    [(7, (7, 300)), (600, (600, 600)), (None, (300, 300)), (-1, (300, 300))],
)
def test_the_time_of_a_cell_is_nbgraders_setting(timeout, expected):
    config = Config({"Execute": {"timeout": timeout}})
    limits = SafeExecute(config=config)._limits()
    assert (limits.cell_seconds, limits.notebook_seconds) == expected


# -- outputs, one by one ---------------------------------------------------------------------
def text(name, words="words"):
    return new_output("stream", name=name, text=words)


def result(words):
    return new_output("execute_result", {"text/plain": words}, execution_count=1)


ERROR = new_output("error", ename="AssertionError", evalue="no", traceback=["no"])
PICTURE = new_output("execute_result", {"image/png": "aGk="}, execution_count=1)


@pytest.mark.parametrize(
    ("outputs", "earned", "why"),
    [
        ([], 2.0, ""),
        ([text("stdout"), text("stderr")], 2.0, ""),
        ([text("stderr"), result("1.5")], 1.5, "part"),
        ([result("np.float64(0.5)")], 0.5, "part"),
        ([result("-1")], 0.0, "part"),
        ([result("7")], 2.0, ""),
        ([result("'seven'")], 2.0, ""),
        ([PICTURE], 2.0, ""),
        ([text("stderr"), ERROR], 0.0, "no"),
        ([ERROR, text("stdout")], 2.0, ""),
        ([result("2"), ERROR], 0.0, "no"),
        ([], 0.0, "The output was cut off."),
    ],
)
def test_nbgrader_reads_the_points_that_the_engine_gave(outputs, earned, why):
    made = check("c", 2, "pass")
    made.outputs = [nbformat.from_dict(output) for output in outputs]
    run = NotebookRun("n", new_notebook(cells=[made]), {"c": earned}, {"c": why} if why else {})
    show_points(run)
    assert utils.determine_grade(made) == (earned, 2.0)
    assert not any(out.get("name") == "stderr" for out in made.outputs)
    nbformat.validate(run.notebook)


@pytest.mark.parametrize("points_of_it", [0, 2])
def test_an_undecided_check_ends_with_its_reason(points_of_it):
    made = check("c", points_of_it, "pass")
    made.outputs = [text("stdout"), nbformat.from_dict(result("2"))]
    why = "The check was not reached."
    run = NotebookRun("n", new_notebook(cells=[made]), {"c": 0.0}, {"c": why}, ["c"])
    show_points(run)
    assert made.outputs[-1].evalue == why
    assert math.isclose(utils.determine_grade(made)[0], 0.0)
