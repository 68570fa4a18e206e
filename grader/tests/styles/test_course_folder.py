"""Three styles in one course folder, through `fairmark grade` and stock nbgrader."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from fairmark.cli import app

from . import STYLES, Style

pytestmark = pytest.mark.usefixtures("sandbox")

#: One is judged apart, one beside for what the solution reads, one for what it sets up.
CHOSEN = (
    "many cases in a loop, with a message for each",
    "a solution reads a global which a check defines",
    "a check hides a builtin that must not be used",
)
ASSIGNMENT = "ps"


def chosen() -> list[Style]:
    by_name = {style.name: style for style in STYLES}
    return [by_name[name] for name in CHOSEN]


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Each style is a notebook; a student has one kind of answer in all of them."""
    root = tmp_path_factory.mktemp("styles")
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    for number, style in enumerate(chosen(), 1):
        source = root / "source" / ASSIGNMENT / f"n{number}.ipynb"
        source.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(style.source(), source)
        for name in ("reference", "untouched", "wrong-1", "wrong-2", "right-1"):
            answer, _ = style.answers()[name]
            folder = root / "submitted" / name / ASSIGNMENT
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(style.handed_in(answer, tests=False), folder / source.name)
    return root


def graded(course: Path, place: Path, *options: str) -> dict[str, dict]:
    done = CliRunner().invoke(
        app,
        ["grade", ASSIGNMENT, "--course", str(course), "--json", str(place), *options],
    )
    assert done.exit_code == 0, done.output
    return {row["student"]: row for row in json.loads(place.read_text())}


@pytest.mark.parametrize(
    ("options", "ways"),
    [((), ["beside", "beside"]), (("--judge", "beside"), ["beside"] * 3)],
    ids=["auto", "beside"],
)
def test_the_marks_are_those_of_the_styles(course, tmp_path, options, ways):
    rows = graded(course, tmp_path / "rows.json", *options)
    for name, row in rows.items():
        deserved = 2.0 if name in ("reference", "right-1") else 0.0
        assert set(row["checks"].values()) == {deserved} and len(row["checks"]) == 3, name
        assert row["status"] == "graded", row
        assert [said.partition(":")[0] for said in row["judged"].values()] == ways
    if not options:
        said = " ".join(rows["reference"]["judged"].values())
        assert "the solution reads `RATE`, which t1 defines" in said
        assert "the check hides `sum` for the code that it calls" in said
