"""The command line: what it lists, and what it says when something is missing."""

import subprocess
import sys
from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from chainrule import __version__
from chainrule.cli import app

needs_grader = pytest.mark.skipif(
    find_spec("fairmark") is None, reason="the grader, fairmark, is not installed"
)
COMMANDS = [
    *("check", "pack", "fit", "train", "test", "data", "doctor", "release", "book", "address"),
    *(
        pytest.param(name, marks=needs_grader)
        for name in ("collect", "grade", "feedback", "export")
    ),
]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_lists_every_command(name):
    assert f" {name} " in CliRunner().invoke(app, ["--help"]).output


def test_help_says_for_whom_a_command_is():
    output = CliRunner().invoke(app, ["--help"]).output
    assert "For students" in output and "For instructors" in output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    done = CliRunner().invoke(app, [name, "--help"])
    assert done.exit_code == 0
    assert "Usage" in done.output and len(done.output.splitlines()) > 5


def test_version():
    assert CliRunner().invoke(app, ["--version"]).output == f"chainrule {__version__}\n"


def test_doctor_says_what_is_there():
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0
    assert "numpy" in done.output


def test_a_missing_package_is_named_with_the_way_to_get_it():
    script = (
        "import sys\n"
        "sys.modules['nbgrader'] = None\n"
        "sys.argv = ['chainrule', 'release']\n"
        "from chainrule.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert "chainrule[course]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_does_not_wait_for_the_imports_of_the_others():
    script = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from chainrule.cli import app\n"
        "assert CliRunner().invoke(app, ['pack', '--help']).exit_code == 0\n"
        "print(*[name for name in sys.modules if '.commands.' in name], 'numpy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["chainrule.commands.pack", "False"], done.stderr


def test_doctor_shows_the_extra_that_is_to_be_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("COLUMNS", "250")
    assert "chainrule[course]" in CliRunner().invoke(app, ["doctor"]).output
