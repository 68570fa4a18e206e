"""Small notebooks for the executor."""

from __future__ import annotations

from nbformat.v4 import new_code_cell, new_notebook

from fairmark.execution.executor import SandboxedExecutor
from fairmark.limits import Limits
from fairmark.model import NotebookRun, PreparedNotebook

EXECUTOR = SandboxedExecutor()


def check(grade_id, source, points=1.0, **metadata):
    meta = {
        "grade": True,
        "solution": False,
        "locked": True,
        "grade_id": grade_id,
        "points": points,
    }
    return new_code_cell(source, metadata={"nbgrader": meta, **metadata})


def given(source):
    meta = {"grade": False, "solution": False, "locked": True, "grade_id": f"given-{hash(source)}"}
    return new_code_cell(source, metadata={"nbgrader": meta})


def book(*cells, name="book", judged=None):
    found = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    return PreparedNotebook(name, new_notebook(cells=found), judged=judged or {})


def execute(*cells, files=None, executor=EXECUTOR, judged=None, **limits):
    return executor([book(*cells, judged=judged)], files or {}, Limits(**limits))


def run(*cells, **options) -> NotebookRun:
    return execute(*cells, **options).notebooks[0]


def printed(run: NotebookRun, index: int) -> str:
    outputs = run.notebook.cells[index].outputs
    return "".join(out.get("text", "") for out in outputs if out.output_type == "stream")
