"""The Makefile, environment.yml and the documents install the same, under names that exist."""

import re
import subprocess
from pathlib import Path

import tomllib
import yaml

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def extras_of(folder: str) -> dict[str, list[str]]:
    text = (ROOT / folder / "pyproject.toml").read_text()
    return tomllib.loads(text)["project"]["optional-dependencies"]


def installed(text: str) -> list[tuple[str, frozenset]]:
    """Return what `pip install -e` is asked for: folders and their extras."""
    found = re.findall(r"-e '?(\./?\w*)(?:\[([\w,]+)\])?", text)
    return [(folder, frozenset(filter(None, extras.split(",")))) for folder, extras in found]


def rule(target: str) -> str:
    """Return the commands that make a target."""
    return re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1]


def test_conda_installs_what_make_course_installs():
    packages = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    lines = next(entry for entry in packages if isinstance(entry, dict))["pip"]
    assert lines[0] == "-c constraints.txt"
    course = installed(rule("$(VENV)/.course"))
    assert installed("\n".join(lines)) == course and len(course) == len(lines) - 1
    assert "-c constraints.txt" in rule("$(VENV)/.course")


def test_conda_has_the_python_and_the_programs():
    packages = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    asked = re.search(r"version_info < \((\d+), (\d+)\)", MAKEFILE)
    assert f"python={'.'.join(asked.groups())}" in packages
    assert {"pip", "make", "git"} <= {entry for entry in packages if isinstance(entry, str)}


def test_every_extra_that_is_named_exists():
    for text in ((ROOT / "environment.yml").read_text(), MAKEFILE):
        assert len(installed(text)) > 1
        for folder, extras in installed(text):
            assert extras <= set(extras_of(folder)), folder
    own, grader = extras_of("."), extras_of("grader")
    texts = [*own["test"], *(p.read_text() for p in [*ROOT.glob("*.md"), *ROOT.glob("book/*.md")])]
    for text in texts:
        for name, extras in re.findall(r"(chainrule|fairmark)\[([\w,]+)\]", text):
            assert set(extras.split(",")) <= set({"chainrule": own, "fairmark": grader}[name]), text


def test_help_lists_every_target():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^make ([a-z-]+)  ", done.stdout, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    assert listed == phony == set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_the_commands_of_the_readme_need_nothing_before_them():
    """Nobody is told to put PyTorch there by hand first."""
    for name in ("README.md", "CONTRIBUTING.md", "book/instructors.md"):
        assert "pip install torch" not in (ROOT / name).read_text(), name
