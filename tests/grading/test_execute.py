"""The second step on its own: no course, no gradebook."""

from __future__ import annotations

import pickle

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from chainrule.course.grading.execute import execute, points_earned
from chainrule.course.grading.model import Limits, PreparedNotebook, Status


def check(grade_id, source, points=1.0):
    meta = {"grade": True, "solution": False, "grade_id": grade_id, "points": points}
    return new_code_cell(source, metadata={"nbgrader": meta})


def book(*cells, name="book"):
    notebook = new_notebook(cells=list(cells))
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "x", "language": "python"}
    return PreparedNotebook(name, notebook)


def run(*cells, files=None, **limits):
    return execute([book(*cells)], files or {}, Limits(**limits))


def result(text):
    cell = check("x", "")
    cell.outputs = [new_output("execute_result", {"text/plain": text}, execution_count=1)]
    return cell


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("1.5", 1.5),
        ("0", 0.0),
        ("np.float64(1.5)", 1.5),
        ("np.int64(2)", 2.0),
        ("tensor(1.5000)", 1.5),
        ("tensor(1.5000, dtype=torch.float64)", 1.5),
        ("7", 4.0),
        ("-3", 0.0),
        ("nan", 0.0),
        ("'a text'", 4.0),
        ("True", 4.0),
    ],
)
def test_the_last_number_is_the_mark(text, points):
    found, remark = points_earned(result(text), 4.0)
    assert found == points
    assert bool(remark) == (points < 4)


def test_a_check_without_a_number_earns_all():
    assert points_earned(check("x", "pass"), 4.0) == (4.0, "")


def test_surroundings_of_the_kernel(monkeypatch):
    """Its own home, a bare environment, the files, plots, and a result that can travel."""
    monkeypatch.setenv("SECRET_TOKEN", "x")
    found = run(
        new_code_cell("import os, pathlib, sys, warnings\nimport matplotlib.pyplot as plt"),
        check("mode", "assert os.environ['NBGRADER_EXECUTION'] == 'autograde'"),
        check("secret", "assert 'SECRET_TOKEN' not in os.environ"),
        check(
            "home",
            "assert pathlib.Path.home() != pathlib.Path.cwd()\nassert 'chainrule-' in str(pathlib.Path.home())",
        ),
        check("file", "assert open('data/a.txt').read() == 'hello'"),
        check("outside", "assert not os.path.exists('../evil.txt')"),
        check("empty", "assert sorted(os.listdir('.')) == ['data']"),
        check("noise", "warnings.warn('careful')\nprint('50%', file=sys.stderr)"),
        new_code_cell("plt.plot([1, 2]); plt.show()"),
        check("wrong", "assert 1 == 2, 'one is not two'", points=3),
        files={"data/a.txt": b"hello", "../evil.txt": b"no", "/evil.txt": b"no"},
    )
    one = found.notebooks[0]
    assert one.failures == {"wrong": "one is not two"}
    names = ["mode", "secret", "home", "file", "outside", "empty", "noise"]
    assert one.points == {**dict.fromkeys(names, 1.0), "wrong": 0.0}
    assert (found.status, found.reason) == (Status.GRADED, "")
    assert "image/png" in one.notebook.cells[8].outputs[0].data
    assert one.peak_mb > 20 and one.seconds > 0
    assert pickle.loads(pickle.dumps(found)).notebooks[0].points == one.points  # noqa: S301


def test_limits_on_output_and_restart_after_death():
    found = run(
        new_code_cell("print('x' * 3_000_000)\nprint('more')"),
        new_code_cell("import os\nvalue = 41"),
        new_code_cell("value += 1"),
        check("before", "assert value == 42"),
        check("dies", "os._exit(0)"),
        check("after", "assert value == 42, 'the state was built again, without the checks'"),
        new_code_cell("1 / 0"),
        check("late", "assert value == 42"),
        output_bytes=10_000,
    )
    one = found.notebooks[0]
    assert one.points == {"before": 1.0, "dies": 0.0, "after": 1.0, "late": 1.0}
    assert one.undecided == ["dies"]
    assert found.status is Status.PARTLY and found.reason == "dies ended the Python process"
    text = one.notebook.cells[0].outputs[0].text
    assert len(text) < 11_000 and "cut off" in text
    assert one.notebook.cells[6].outputs[0].ename == "ZeroDivisionError"


def test_a_loop_that_cannot_be_interrupted():
    loop = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    found = run(
        new_code_cell("value = 1"),
        check("before", "assert value"),
        new_code_cell(loop),
        check("after", "assert value"),
        cell_seconds=1,
    )
    one = found.notebooks[0]
    assert one.points == {"before": 1.0, "after": 1.0}
    assert found.status is Status.PARTLY
    assert found.reason == "cell 3 did not end within 1 s and could not be interrupted"


def test_time_of_a_notebook_and_too_many_deaths():
    slow = book(
        check("early", "pass"),
        new_code_cell("import time\ntime.sleep(60)"),
        check("never", "pass"),
        name="slow",
    )
    deadly = book(
        new_code_cell("import os"),
        check("one", "os._exit(1)"),
        check("two", "os._exit(1)"),
        check("three", "pass"),
        name="deadly",
    )
    gone = PreparedNotebook("gone", None, "gone.ipynb is empty")
    found = execute(
        [slow, deadly, gone], {}, Limits(cell_seconds=30, notebook_seconds=2, restarts=1)
    )
    assert found.notebooks[0].points == {"early": 1.0, "never": 0.0}
    assert found.notebooks[0].failures["never"] == "The check was not reached."
    assert found.notebooks[1].points == {"one": 0.0, "two": 0.0, "three": 0.0}
    assert found.notebooks[1].undecided == ["one", "two", "three"]
    assert found.status is Status.PARTLY
    assert "slow: cell 2 did not end within 2 s" in found.reason
    assert "the notebook took longer than 2 s" in found.reason
    assert "gone.ipynb is empty" in found.reason


def test_a_notebook_finds_its_siblings_without_their_checks():
    secret = "assert value == 3, 'the hidden value'"
    layers = book(new_code_cell("value = 3"), check("first", secret), name="layers")
    reads = (
        "import os, nbformat\n"
        "sources = [cell.source for cell in nbformat.read('layers.ipynb', 4).cells]\n"
        "assert sources == ['value = 3'], sources\n"
        "assert os.environ['CHAINRULE_OFFLINE'] == '1' and os.environ['CHAINRULE_DATA']"
    )
    cifar = book(check("second", reads), name="cifar")
    done = execute([layers, cifar], {}, Limits())
    assert [run.points for run in done.notebooks] == [{"first": 1.0}, {"second": 1.0}]
