"""What the sandbox shows, wherever on the machine it lies."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from grader_support.notebooks import printed, run

from fairmark.execution.sandbox import look_around


@pytest.fixture
def folder_in_tmp():
    """A folder below /tmp that everybody may read, as a clone of a project has."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        os.chmod(name, 0o755)
        (Path(name) / "pictures.txt").write_text("seen")
        yield name


def shown_below_tmp() -> set[str]:
    """Name what of the machine's /tmp every sandbox shows: where Python or this package lies."""
    places = [Path(place) for place in look_around().folders]
    return {place.parts[2] for place in places if place.is_relative_to("/tmp")}


def test_a_folder_below_tmp_can_be_shown(folder_in_tmp, monkeypatch):
    """The sandbox has a /tmp of its own; Python or the data may lie below the machine's."""
    monkeypatch.setenv("CHAINRULE_DATA", folder_in_tmp)
    found = run(
        f"""
import os, pathlib
folder = pathlib.Path({folder_in_tmp!r})
print((folder / "pictures.txt").read_text())
try:
    (folder / "new.txt").write_text("x")
except OSError:
    print("read-only")
pathlib.Path("/tmp/own.txt").write_text("x")
print(*sorted(os.listdir("/tmp")))
"""
    )
    shown = {Path(folder_in_tmp).name, "own.txt", *shown_below_tmp()}
    assert printed(found, 0).split() == ["seen", "read-only", *sorted(shown)]
