"""The reference lists every module that lessons and assignments import, and no other."""

import ast
import importlib
import json
import re
from importlib.util import find_spec

import pytest

LISTED = re.compile(r"^\* - (`chainrule[^\n]*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def listed(root):
    text = (root / "book" / "reference.md").read_text(encoding="utf-8")
    return [name for line in LISTED.findall(text) for name in re.findall(r"`([\w.]+)`", line)]


@pytest.fixture(scope="module")
def imported(root):
    """Find what notebooks import; `from chainrule.x import y` counts as chainrule.x."""
    found = set()
    for folder in ("source/*", "release/*", "notebooks"):
        for path in sorted(root.glob(f"{folder}/*.ipynb")):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            for cell in cells:
                if cell["cell_type"] == "code":
                    found |= modules_of("".join(cell["source"]))
    return {name for name in found if name.startswith("chainrule.")}


def modules_of(text: str) -> set[str]:
    tree = ast.parse(re.sub(r"^\s*[%!].*$", "pass", text, flags=re.MULTILINE))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_every_module_that_notebooks_import_is_listed(listed, imported):
    assert len(imported) > 15
    assert sorted(imported - set(listed)) == []


def test_what_is_listed_is_imported_somewhere_and_once(listed, imported):
    assert len(listed) == len(set(listed))
    assert sorted(set(listed) - imported) == []


def test_what_is_listed_is_there(listed):
    for name in listed:
        if find_spec("torch") is None and name.startswith("chainrule.convnet."):
            continue
        assert importlib.import_module(name).__doc__, name
