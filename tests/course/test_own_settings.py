"""What the repository makes and tests hangs on no configuration of the machine or the user."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

ROOT = Path(__file__).resolve().parents[2]

OWN = (sys.executable, ROOT / "tools" / "own_settings.py")
LOOK = """
import json, sys
import matplotlib, nbformat
from nbclient import NotebookClient
from fairmark.folder import CourseFolder
from chainrule.data import CIFAR10

folder = CourseFolder(sys.argv[1])
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('run')\\n1 + 1\\n2 + 2")])
try:
    NotebookClient(book, kernel_name="python3").execute()
    cell = [output.get("text") or output["data"]["text/plain"] for output in book.cells[0].outputs]
except RuntimeError:
    cell = "no kernel"
print(json.dumps({
    "source": folder.coursedir.source_directory,
    "course": folder.coursedir.course_id,
    "dpi": matplotlib.rcParams["figure.dpi"],
    "cell": cell,
    "black": not CIFAR10.open("cache").test_images[:100].any(),
}))
"""


def load_tool(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


odd_machine = load_tool("odd_machine")

#: Else a test would have to write into /etc itself.
MAY_MOUNT = odd_machine._may_mount()


@pytest.fixture
def look(tmp_path):
    """Look round on an odd machine, and give what was seen."""
    course = tmp_path / "course"
    course.mkdir()
    (course / "nbgrader_config.py").write_text("c.CourseDirectory.course_id = 'its own'\n")
    ours = load_tool("own_settings").own_settings({})
    kept = {name: value for name, value in os.environ.items() if name not in ours}

    def look(*command):
        environment = {**kept, **odd_machine.plant_home(tmp_path / "home")}
        with odd_machine.planted_machine() if MAY_MOUNT else contextlib.nullcontext([]) as begin:
            done = subprocess.run(
                [*begin, *command, sys.executable, "-c", LOOK, course],
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
            )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return look


def test_an_odd_machine_is_odd(look):
    """The control: settings of the user and the machine are honoured in people's own folders."""
    assert look() == {
        "source": "odd-source", "course": "its own", "dpi": 31, "cell": "no kernel", "black": True,
    }  # fmt: skip


def test_own_settings_see_nothing_of_it(look):
    assert look(*OWN) == {
        "source": "source", "course": "its own", "dpi": 100, "cell": ["run\n", "4"], "black": True,
    }  # fmt: skip


@pytest.mark.skipif(not MAY_MOUNT, reason="only root can lay settings over /etc, in namespaces")
def test_the_installed_kernel_would_read_the_machines(look):
    """The control for the kernel in tools/jupyter: without it the last two values are gone."""
    found = look(*OWN, "env", "-u", "JUPYTER_PATH")
    assert found["cell"] == ["run\n"]


def test_what_was_put_into_place_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(odd_machine, "_may_mount", lambda: False)
    (tmp_path / "jupyter").mkdir()
    with odd_machine.planted_machine(tmp_path) as begin:
        assert begin == []
        for name, text in odd_machine.MACHINE.items():
            assert (tmp_path / name).read_text() == text
    assert list(tmp_path.rglob("*")) == [tmp_path / "jupyter"]


def test_what_is_there_stays(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(odd_machine, "_may_mount", lambda: False)
    theirs = tmp_path / "jupyter" / "nbgrader_config.py"
    theirs.parent.mkdir()
    theirs.write_text("theirs")
    with odd_machine.planted_machine(tmp_path):
        assert theirs.read_text() == "theirs"
    assert theirs.read_text() == "theirs"
    assert f"left out: {theirs} is there already" in capsys.readouterr().out


def test_where_nothing_can_be_written_this_is_said(tmp_path, capsys):
    with odd_machine.planted_machine(tmp_path / "nowhere") as begin:
        assert begin == []
    assert "left out: system-wide settings" in capsys.readouterr().out
