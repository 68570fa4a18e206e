"""The set-up cell installs from the one address, and does nothing where nothing is to do."""

import subprocess
import sys
import venv
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from chainrule.cli import app
from chainrule.course.paths import CourseError
from chainrule.course.repository_url import Address, parse_address, read_address
from chainrule.course.setup_cell import is_setup, setup_source

ROOT = Path(__file__).resolve().parents[2]


def setup_cells(root: Path) -> list[str]:
    paths = [*root.glob("source/*/*.ipynb"), *root.glob("release/*/*.ipynb")]
    paths += root.glob("notebooks/*.ipynb")
    found = []
    for path in paths:
        code = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        assert is_setup(code[0]), f"the first code cell of {path} is not the set-up cell"
        found.append(code[0].source)
    return found


def test_every_notebook_begins_with_the_same_setup_cell():
    assert set(setup_cells(ROOT)) == {setup_source(read_address(ROOT))}


def test_setup_cell_pins_neither_numpy_nor_torch():
    text = setup_source(Address("https://example.org/a/b"))
    assert "numpy" not in text and "torch" not in text and "==" not in text.split("returncode")[0]


def run(text: str, folder: Path, environment: dict, python: str = sys.executable):
    script = folder / "cell.py"
    script.write_text(text, encoding="utf-8")
    return subprocess.run(
        [python, "-I", str(script)], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_it_does_nothing_where_chainrule_is_installed(tmp_path, clean_environment):
    text = setup_source(Address("file:///nowhere/at-all"))
    done = run(text, tmp_path, clean_environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory) -> str:
    """Make a virtual environment that holds pip and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True)
    return str(folder / "bin" / "python")


def test_without_an_address_it_says_what_the_instructor_has_to_do(
    tmp_path, clean_environment, bare_python
):
    done = run(setup_source(Address()), tmp_path, clean_environment, bare_python)
    assert done.returncode == 1
    assert "chainrule address URL" in done.stderr
    assert "Ask your instructor" in done.stderr


def test_a_copy_of_the_course_around_the_notebook_is_used_offline(
    tmp_path, clean_environment, bare_python
):
    package = tmp_path / "chainrule"
    package.mkdir()
    (package / "__init__.py").write_text("here = True\n")
    inner = tmp_path / "release" / "backprop"
    inner.mkdir(parents=True)
    text = setup_source(Address()) + "\nimport chainrule\nassert chainrule.here\n"
    done = run(text, inner, clean_environment, bare_python)
    assert done.returncode == 0, done.stderr
    assert "Using chainrule from the folder" in done.stdout


def test_an_address_that_cannot_be_reached_is_explained(tmp_path, clean_environment, bare_python):
    text = setup_source(Address("file:///nowhere/at-all"))
    done = run(text, tmp_path, clean_environment, bare_python)
    assert done.returncode == 1
    assert "could not be installed from file:///nowhere/at-all@main" in done.stderr


def test_it_installs_from_a_git_address(tmp_path, clean_environment, bare_python):
    """Install the public copy of the working tree from a local git address, in a bare venv."""
    public = tmp_path / "public"
    public.mkdir()
    for name in ("chainrule", "pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT.md"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(public)], check=True)
    subprocess.run(["cp", str(ROOT / "THIRD_PARTY.md"), str(public)], check=True)
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for step in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "public copy"]):
        subprocess.run([*git, *step], cwd=public, check=True)
    folder = tmp_path / "student"
    folder.mkdir()
    text = setup_source(Address(f"file://{public}"))
    text += "\nfrom chainrule.backprop import figures as graphs\nprint(graphs.f2())\n"
    done = run(text, folder, clean_environment, bare_python)
    assert done.returncode == 0, done.stderr
    assert "Installing chainrule from" in done.stdout
    assert "The graph of f2" in done.stdout


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://github.com/some/course", "https://github.com/some/course"),
        ("https://github.com/some/course.git", "https://github.com/some/course"),
        (" https://gitlab.example.org/a/b/c/ ", "https://gitlab.example.org/a/b/c"),
    ],
)
def test_addresses_are_cleaned(typed, url):
    assert parse_address(typed) == Address(url, "main")


@pytest.mark.parametrize(
    "typed", ["github.com/a/b", "http://a/b", "https://", "", 'https://a/b"+evil', "https://a b"]
)
def test_bad_addresses_are_refused(typed):
    with pytest.raises(CourseError, match="https://github"):
        parse_address(typed)


def test_bad_branches_are_refused():
    with pytest.raises(CourseError, match="branch"):
        parse_address("https://github.com/a/b", 'main"; import os')


def test_one_command_sets_the_address_everywhere_and_forgets_it(course, monkeypatch):
    monkeypatch.chdir(course)
    runner = CliRunner()
    before = (course / "_config.yml").read_text(encoding="utf-8")
    assert "No address is set" in runner.invoke(app, ["address"]).output
    done = runner.invoke(app, ["address", "https://github.com/some/course", "--branch", "2026"])
    assert done.exit_code == 0, done.output
    expected = setup_source(Address("https://github.com/some/course", "2026"))
    assert "https://github.com/some/course@2026" in expected
    assert set(setup_cells(course)) == {expected}
    backup = course / "release" / "backprop" / "python_backup" / "graphs.py"
    assert "https://github.com/some/course@2026" in backup.read_text(encoding="utf-8")
    assert "some/course" in runner.invoke(app, ["address"]).output
    assert runner.invoke(app, ["release", "--check"]).exit_code == 0
    assert runner.invoke(app, ["address", "--clear"]).exit_code == 0
    assert set(setup_cells(course)) == {setup_source(Address())}
    after = (course / "_config.yml").read_text(encoding="utf-8")
    assert after.split() == before.split()


def test_a_refused_address_changes_nothing(course, monkeypatch):
    monkeypatch.chdir(course)
    before = (course / "_config.yml").read_bytes()
    assert CliRunner().invoke(app, ["address", "github.com/a/b"]).exit_code == 1
    assert (course / "_config.yml").read_bytes() == before
