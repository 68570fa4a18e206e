"""Docstrings give shapes in one form, ``ndarray, (N, D)``, and their examples run."""

import ast
import doctest
import importlib
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
    """Yield line and text of each docstring in a file, without its examples."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                prose = [p for p in doctest.DocTestParser().parse(text) if isinstance(p, str)]
                yield getattr(node, "lineno", 1), " ".join(" ".join(prose).split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_shapes_have_one_form(path):
    found = [
        f"line {line}: {match[0]}…"
        for line, text in docstrings(path)
        for pattern in OTHER_FORMS
        for match in re.finditer(pattern, text)
    ]
    assert not found


EXAMPLES = [path for path in FILES if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_run(path):
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    failed, run = doctest.testmod(importlib.import_module(module))
    assert run and not failed


@pytest.mark.parametrize("pattern", OTHER_FORMS)
def test_other_forms_are_found(pattern):
    assert re.search(pattern, OTHER_FORMS[pattern])
    assert not re.search(pattern, "ndarray, (N, D), int64; sequence of ndarray, (N, 2)")
