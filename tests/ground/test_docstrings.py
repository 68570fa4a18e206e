"""Docstrings give shapes in one form, ``ndarray, (N, D)``, and their examples run."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "chainrule").rglob("*.py"))

#: Other forms of `ndarray, (N, D)`, with an example of each.
OTHER_FORMS = {
    r"(?<!nd)\barrays?,? \(": "array, (N, D)",
    r"\bshapes? \(": "array, shape (N, D)",
    r"(?<!nd)\barrays? of (u?int|float|bool)": "array of int, (N,)",
    r"\bndarrays? of (u?int|float|bool)": "ndarray of int",
    r"\bndarrays? \(": "ndarray (N, D)",
    r"\bndarray, [^(]*, \([^)]*\)": "ndarray, int64, (N,)",
}


def docstrings(path):
    """Yield line and text of each docstring in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), " ".join(text.split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_shapes_have_one_form(path):
    found = [
        f"line {line}: {match[0]}…"
        for line, text in docstrings(path)
        for pattern in OTHER_FORMS
        for match in re.finditer(pattern, text)
    ]
    assert not found


@pytest.mark.parametrize("pattern", OTHER_FORMS)
def test_other_forms_are_found(pattern):
    assert re.search(pattern, OTHER_FORMS[pattern])
    assert not re.search(pattern, "ndarray, (N, D), int64; sequence of ndarray, (N, 2)")
