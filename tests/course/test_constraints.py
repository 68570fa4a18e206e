"""The tested set of packages can be installed where the README says that it can."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]


def pins():
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text:
            yield Requirement(text)


def oldest_python():
    return re.search(r"You need Python ([\d.]+) or newer", (ROOT / "README.md").read_text())[1]


def test_every_line_is_one_version():
    found = list(pins())
    assert len(found) > 100 and len({pin.name.lower() for pin in found}) == len(found)
    assert all(str(pin.specifier).startswith("==") for pin in found)


@pytest.mark.parametrize("pin", list(pins()), ids=lambda pin: pin.name)
def test_a_pin_goes_with_the_oldest_python_that_the_readme_names(pin):
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        pytest.skip(f"{pin.name} is not installed here")
    needed = SpecifierSet(found.metadata.get("Requires-Python") or "")
    assert found.version in pin.specifier, "another version is installed: make .venv/.test"
    assert f"{oldest_python()}.0" in needed


def test_the_makefile_asks_for_the_same_python():
    asked = re.search(r"version_info < \((\d+), (\d+)\)", (ROOT / "Makefile").read_text())
    assert ".".join(asked.groups()) == oldest_python()
