"""Cells become Python as IPython makes them, also where the shell takes the short way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).resolve().parents[3]
TEXTS = [
    "",
    "\n\nx = 1",
    "    x = 1\n    y = 2",
    ">>> x = 1\n... y",
    "In [1]: x = 1",
    "In [12]: x = 1\n   ...: y = 2",
    "x = 5 % 3",
    "x = (5\n     % 3)",
    "%matplotlib inline\nx = 1",
    "%%time\nx = 1",
    "files = !ls\nprint(files)",
    "!ls {folder}",
    "x?",
    "x??",
    "?x",
    "x = 1  # why?",
    "print('really?!')",
    "text = '''\n%matplotlib inline\n!ls\n'''",
    "/f 1",
    ",f a b",
    "if True:\n    %time x = 1",
    "if x:\n    !ls\nelse:\n    y = 1",
    "def broken(:",
    "x = '\\d'",
    "x = 1;",
    "await f()",
    "return 1",
    "x = 1\r\ny = 2\r\n",
    "\tx = 1",
    "\ufeffx = 1",
    "x = 1\x0c\ny = 2",
]


def cells():
    for path in sorted(ROOT.glob("source/*/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                yield cell.source


SCRIPT = """
import json, sys
from fairmark.execution.shell import make_shell
shell = make_shell()
print(json.dumps([shell.transform_cell(text) for text in json.load(sys.stdin)]))
"""


def transformed(texts):
    """Return what the shell makes of texts; a shell is the only one of its process."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
def test_the_short_way_gives_what_the_long_way_gives():
    expected = [TransformerManager().transform_cell(text) for text in TEXTS]
    assert dict(zip(TEXTS, transformed(TEXTS), strict=True)) == dict(
        zip(TEXTS, expected, strict=True)
    )
    assert sum(text.strip() not in new for text, new in zip(TEXTS, expected, strict=True)) > 10


def test_so_it_does_for_every_cell_of_the_course():
    texts = list(cells())
    assert len(texts) > 200
    assert transformed(texts) == [TransformerManager().transform_cell(text) for text in texts]
