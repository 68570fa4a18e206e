"""What the guides say about commands, states and limits, compared with the code."""

import re

import pytest
from fairmark.limits import Limits
from fairmark.model import Status
from typer.main import get_command

from chainrule import cli

PAGES = ("index", "students", "assignments", "instructors")


@pytest.fixture(scope="module")
def prose(root):
    return {name: (root / "book" / f"{name}.md").read_text(encoding="utf-8") for name in PAGES}


def quoted(text):
    """Everything that is set as code, in a line or as a block."""
    return re.findall(r"```bash\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)


def test_commands_and_their_options_exist(prose):
    commands = get_command(cli.app).commands
    seen = set()
    for name, text in prose.items():
        for line in "\n".join(quoted(text)).splitlines():
            match = re.match(r"!?chainrule (\w+)(.*)", line)
            if not match:
                continue
            assert match[1] in commands, f"{name}.md: {line}"
            options = {o for p in commands[match[1]].params for o in p.opts}
            for option in re.findall(r"--[\w-]+", match[2]):
                assert option in options, f"{name}.md: {line}"
            seen.add(match[1])
    assert {"check", "pack", "release", "book", "grade", "feedback", "address"} <= seen


def test_make_targets_exist(root, prose):
    targets = set(re.findall(r"^([\w-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    for text in prose.values():
        for target in re.findall(r"^make ([\w-]+)$", "\n".join(quoted(text)), re.MULTILINE):
            assert target in targets


def test_the_states_of_a_submission_are_all_explained(prose):
    for status in Status:
        assert f"* - {status}\n" in prose["instructors"]


def test_the_limits_are_those_of_the_code(prose):
    limits = Limits()
    expected = f"{limits.cell_seconds:g} seconds and a notebook {limits.notebook_seconds:g}"
    assert expected in prose["instructors"]


def test_what_must_not_be_published_is_left_out_of_an_archive(root, prose):
    ignored = (root / ".gitattributes").read_text()
    for folder in ("source/", "tests/", "examples/"):
        assert f"{folder} export-ignore" in ignored
        assert f"`{folder}`" in prose["instructors"]


def test_every_work_in_the_bibliography_is_cited(root):
    works = re.findall(r"@\w+\{(\w+),", (root / "book" / "references.bib").read_text())
    text = "".join(p.read_text() for f in ("book", "notebooks") for p in (root / f).glob("*.[mi]*"))
    for work in works:
        assert re.search(rf"\{{cite[^}}]*\}}`[^`]*\b{work}\b", text), work
