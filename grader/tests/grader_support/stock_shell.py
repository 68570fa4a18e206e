"""Notebooks as stock nbgrader runs them: all cells in one IPython shell, marked by nbgrader.

The shell lives in a program of its own, which this module is as well. It has the libraries
in memory and forks for each notebook, so that nothing is left behind by one for the next.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from nbformat import from_dict, v4
from nbgrader.utils import determine_grade, is_grade
from traitlets.config import Config

#: Imported once, where they are there: a notebook would wait for them.
LIBRARIES = ("numpy", "matplotlib.pyplot", "pandas", "scipy.stats", "sklearn.linear_model", "torch")
SECONDS = 60


class StockShell:
    """The program, started; to be closed."""

    def __init__(self) -> None:
        environment = {
            **os.environ,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "OMP_NUM_THREADS": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def run(self, notebook: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
        """Return the points of each check, and the errors of each cell that has a grade id."""
        given = {name: data.decode() for name, data in files.items()}
        json.dump({"cells": notebook["cells"], "files": given}, self.process.stdin)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End the program."""
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "w")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    config = Config()
    config.HistoryManager.enabled = False
    # Nobody reads the traces, which take longer than the cells.
    config.InteractiveShell.xmode = "Minimal"
    shell = InteractiveShell.instance(config=config)
    for name in LIBRARIES:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)
    for line in sys.stdin:
        answers.write(_in_a_fork(shell, json.loads(line)) + "\n")
        answers.flush()


def _in_a_fork(shell: Any, job: Mapping[str, Any]) -> str:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out, tempfile.TemporaryDirectory() as folder:
            out.write(json.dumps(_run(shell, job, Path(folder))))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return text or json.dumps({"points": {}, "errors": {"": "the process has ended"}})


def _run(shell: Any, job: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    signal.alarm(SECONDS)
    os.chdir(folder)
    sys.path.insert(0, "")
    for name, text in job["files"].items():
        Path(name).write_text(text)
    points: dict[str, float] = {}
    errors: dict[str, str] = {}
    for cell in map(_node, job["cells"]):
        done = shell.run_cell(cell.source, store_history=True)
        error = done.error_before_exec or done.error_in_exec
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if error is not None:
            errors[grade_id] = f"{type(error).__name__}: {error}"
            cell.outputs = [v4.new_output("error", ename="", evalue="", traceback=[])]
        elif done.result is not None:
            data, _ = shell.display_formatter.format(done.result)
            cell.outputs = [v4.new_output("execute_result", data=data, execution_count=1)]
        if is_grade(cell):
            points[grade_id] = float(determine_grade(cell)[0] or 0)
    os.chdir("/")
    return {"points": points, "errors": errors}


def _node(cell: Mapping[str, Any]) -> Any:
    return from_dict({**cell, "outputs": []})


if __name__ == "__main__":
    _serve()
