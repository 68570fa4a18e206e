"""The second step as grading calls it: surroundings, limits, files, restarts."""

from __future__ import annotations

import contextlib
import os
import pickle
import stat
import threading

import pytest
from grader_support.notebooks import EXECUTOR, book, check, execute, run
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.execution.executor import SandboxedExecutor, close_servers, libraries_of, server_for
from fairmark.execution.forkserver import Server, SharedServer
from fairmark.execution.sandbox import why_no_filter
from fairmark.model import GradingError, Limits, PreparedNotebook, Status


def test_surroundings_of_a_notebook(monkeypatch):
    """Its own home, a bare environment, the files, plots, and a result that can travel."""
    monkeypatch.setenv("SECRET_TOKEN", "x")
    found = execute(
        "import os, pathlib, sys, warnings\nimport matplotlib.pyplot as plt",
        "def env(name): return os.environ.get(name)\n"
        "def home(): return str(pathlib.Path.home()), str(pathlib.Path.cwd())\n"
        "def here(): return sorted(os.listdir('.')), os.path.exists('../evil.txt')\n"
        "def noise():\n    warnings.warn('careful')\n    print('50%', file=sys.stderr)",
        check("mode", "assert env('NBGRADER_EXECUTION') == 'autograde'"),
        check("offline", "assert env('CHAINRULE_OFFLINE') == '1'"),
        check("secret", "assert env('SECRET_TOKEN') is None"),
        check("home", "home, work = home()\nassert home != work"),
        check("file", "assert open('data/a.txt').read() == 'hello'"),
        check("files", "assert here() == (['book.ipynb', 'data'], False)"),
        check("noise", "noise()"),
        "plt.plot([1, 2]); plt.show()",
        check("wrong", "assert 1 == 2, 'one is not two'", points=3),
        files={"data/a.txt": b"hello", "../evil.txt": b"no", "/evil.txt": b"no"},
    )
    one = found.notebooks[0]
    assert one.failures == {"wrong": "one is not two"}
    names = ["mode", "offline", "secret", "home", "file", "files", "noise"]
    assert one.points == {**dict.fromkeys(names, 1.0), "wrong": 0.0}
    assert (found.status, found.reason) == (Status.GRADED, "")
    assert "image/png" in one.notebook.cells[9].outputs[0].data
    assert one.peak_mb > 20 and one.seconds > 0
    assert pickle.loads(pickle.dumps(found)).notebooks[0].points == one.points  # noqa: S301


def test_output_is_cut_and_a_dead_process_costs_what_it_breaks():
    found = execute(
        "print('x' * 3_000_000)\nprint('more')",
        "import os\nvalue = 41",
        "value += 1\ndef get(): return value\ndef die(): os._exit(0)",
        check("before", "assert get() == 42"),
        check("dies", "die()"),
        check("after", "assert get() == 42, 'the state was built again, without the checks'"),
        "1 / 0",
        check("late", "assert get() == 42"),
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
    found = execute(
        "value = 1",
        check("before", "assert value"),
        loop,
        check("after", "assert value"),
        cell_seconds=1,
    )
    one = found.notebooks[0]
    assert one.points == {"before": 1.0, "after": 1.0}
    # Every check was decided: nobody has to look, but the reason is told.
    assert found.status is Status.GRADED
    assert found.reason == "cell 3 did not end within 1 s and could not be interrupted"


def test_time_of_a_notebook_and_too_many_deaths():
    slow = book(
        check("early", "pass"), "import time\ntime.sleep(60)", check("never", "pass"), name="slow"
    )
    deadly = book(
        "import os\ndef die(): os._exit(1)",
        check("one", "die()"),
        check("two", "die()"),
        check("three", "pass"),
        name="deadly",
    )
    gone = PreparedNotebook("gone", None, "gone.ipynb is empty")
    limits = Limits(cell_seconds=30, notebook_seconds=2, restarts=1)
    found = EXECUTOR([slow, deadly, gone], {}, limits)
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
    layers = book("value = 3", check("first", secret), name="layers")
    reads = (
        "import nbformat\n"
        "def texts(name): return [cell.source for cell in nbformat.read(name, 4).cells]"
    )
    cifar = book(reads, check("second", "assert texts('layers.ipynb') == ['value = 3']"))
    done = EXECUTOR([layers, cifar], {}, Limits())
    assert [run.points for run in done.notebooks] == [{"first": 1.0}, {"second": 1.0}]


def test_checks_import_the_instructors_modules_but_not_the_students():
    cells = [
        check("ours", "import helper\nassert helper.twice(2) == 4"),
        check("theirs", "import cheat\nassert cheat.win()"),
        check("numpy", "import numpy\nassert numpy.arange(3).sum() == 3"),
    ]
    files = {
        "helper.py": b"def twice(x): return 2 * x",
        "cheat.py": b"def win(): return True",
        "numpy.py": b"raise SystemExit",
    }
    notebook = PreparedNotebook(
        "book", new_notebook(cells=[new_code_cell("x = 1"), *cells]), helpers={"helper.py"}
    )
    done = EXECUTOR([notebook], files, Limits()).notebooks[0]
    assert done.points == {"ours": 1.0, "theirs": 0.0, "numpy": 1.0}
    assert "cheat" in done.failures["theirs"]


def test_what_a_student_deletes_is_gone_for_the_checks():
    done = run(
        "import os\nos.remove('a.txt')\nopen('c.txt', 'w').write('x')",
        check(
            "gone", "import os\nassert not os.path.exists('a.txt')\nassert open('b/b.txt').read()"
        ),
        check("made", "assert open('c.txt').read() == 'x'"),
        "os.remove('c.txt')\nopen('a.txt', 'w').write('again')",
        check("after", "assert open('a.txt').read() == 'again' and not os.path.exists('c.txt')"),
        files={"a.txt": b"a", "b/b.txt": b"b", "../evil.txt": b"no"},
    )
    assert done.failures == {}


def test_a_check_that_this_machine_cannot_make_waits_for_a_person():
    lacking = (
        "from chainrule.pretrained.network import WeightsUnavailable\n"
        "raise WeightsUnavailable('the weights are missing here')"
    )
    found = execute("x = 1", check("lacking", lacking), check("other", "assert x == 1"))
    one = found.notebooks[0]
    assert one.undecided == ["lacking"] and one.points == {"lacking": 0.0, "other": 1.0}
    assert found.status is Status.PARTLY and "the weights are missing here" in found.reason


def test_the_probe_makes_a_sandbox():
    assert SandboxedExecutor().probe() == why_no_filter()
    assert run("x = 1", check("one", "assert x == 1")).points == {"one": 1.0}


def test_a_shared_server_forks_one_for_each_grader():
    shared = SharedServer()
    try:
        warm = (shared.address, ())
        first, second = (Server((), True, shared.address) for _ in range(2))
        assert first.alive and second.alive
        second.close()
        executor = SandboxedExecutor(warm=warm)
        executor.probe()
        done = executor([book("x = 1", check("one", "assert x == 1"))], {}, Limits())
        assert done.notebooks[0].points == {"one": 1.0} and first.alive
        first.close()
    finally:
        shared.close()
        close_servers()
    # Gone: a server of the executor's own takes its place.
    done = executor([book("x = 2", check("two", "assert x == 2"))], {}, Limits())
    assert done.notebooks[0].points == {"two": 1.0}


def test_a_submission_whose_server_dies_is_run_again():
    executor = SandboxedExecutor()
    probe = book("import time\ntime.sleep(1)\nx = 1", check("one", "assert x == 1"))
    close_servers()
    server = server_for(libraries_of([probe]), True)
    killer = threading.Timer(0.5, server._process.kill)
    killer.start()
    done = executor([probe], {}, Limits())
    killer.join()
    assert done.status is Status.GRADED and done.notebooks[0].points == {"one": 1.0}
    assert not server.alive


def test_a_submission_whose_server_always_dies_is_the_graders_trouble(monkeypatch):
    """A second death ends it: the submission waits for a person, with the reason."""
    close_servers()
    monkeypatch.setattr(SandboxedExecutor, "_attempt", lambda self, server, *rest: _die(server))
    with pytest.raises(GradingError, match="the server has ended"):
        SandboxedExecutor()([book("x = 1", check("one", "assert x == 1"))], {}, Limits())


def _die(server):
    server._process.kill()
    server._process.wait()
    return server.interrupt(0)


def test_a_dead_shared_server_is_replaced():
    shared = SharedServer()
    try:
        shared._process.kill()
        shared._process.wait()
        executor = SandboxedExecutor(warm=(shared.address, ()))
        close_servers()
        done = executor([book("x = 1", check("one", "assert x == 1"))], {}, Limits())
        assert done.notebooks[0].points == {"one": 1.0}
    finally:
        shared.close()
        close_servers()


def test_only_the_same_user_can_reach_a_shared_server():
    with contextlib.closing(SharedServer()) as shared:
        folder = os.stat(os.path.dirname(shared.address))
        assert stat.S_IMODE(folder.st_mode) == 0o700 and folder.st_uid == os.geteuid()
    assert not os.path.exists(shared.address)
