"""Cells as stock nbgrader runs them: one after the other in one IPython shell.

``python -m grader_support.stock_cells`` reads a list of notebooks from its input, each a list
of texts, and writes for each whether its cells ended without an error. Each notebook is run in
a process of its own, forked from one that has imported the libraries.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def run_stock(notebooks: list[list[str]]) -> list[list[bool]]:
    """Return for each cell of each notebook whether it ended well; a process's end ends them."""
    done = subprocess.run(
        [sys.executable, "-m", "grader_support.stock_cells"],
        input=json.dumps(notebooks),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _in_a_child(cells: list[str]) -> list[bool]:
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(here)
        try:
            os.write(there, json.dumps(_run(cells)).encode())
        finally:
            os._exit(0)
    os.close(there)
    with open(here) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else []


def _run(cells: list[str]) -> list[bool]:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    return [bool(shell.run_cell(cell).success) for cell in cells]


def main() -> None:
    """Run what stands in the input."""
    import numpy.testing  # noqa: F401
    from traitlets.config import Config

    notebooks = json.loads(sys.stdin.read())
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    from IPython.core.interactiveshell import InteractiveShell

    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.instance(config=config)
    found = [_in_a_child(cells) for cells in notebooks]
    os.write(answer, json.dumps(found).encode() + b"\n")


if __name__ == "__main__":
    main()
