"""Read a student's notebook, whatever its form, and run its checks."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode


class NotebookError(Exception):
    """A notebook cannot be read or run; the message says why and what to do."""


@dataclass(frozen=True)
class CheckResult:
    """How one check cell ended."""

    grade_id: str
    passed: bool
    message: str


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook, or the Python file (jupytext percent format) that stands for one.

    Returns
    -------
    nbformat.NotebookNode
        In the current format.

    Raises
    ------
    NotebookError
        When the file is missing, empty or neither of the two.
    """
    import nbformat

    text = _text_of(path)
    if path.suffix == ".py":
        import jupytext

        return jupytext.reads(text, fmt="py:percent")
    try:
        return nbformat.reads(text, as_version=4)
    except (json.JSONDecodeError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0][:120]
        raise NotebookError(
            f"{path.name} is not a notebook ({reason}). Download it again as .ipynb."
        ) from None


def read_cells(path: Path) -> list[dict]:
    """Read the cells of a notebook, each with its ``source`` as one text.

    In the current format they are there as JSON has them: nbformat, whose import takes
    longer than all else, is needed for other formats only.

    Raises
    ------
    NotebookError
        As for `read_notebook`.
    """
    try:
        content = json.loads(_text_of(path))
        if content["nbformat"] == 4:
            return [{**cell, "source": "".join(cell["source"])} for cell in content["cells"]]
    except (ValueError, KeyError, TypeError):
        # It is no notebook, or another form of one: nbformat says which.
        pass
    return list(read_notebook(path).cells)


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise NotebookError(f"There is no file {path}.")
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    if not text.strip():
        raise NotebookError(f"{path.name} is empty. Was it saved?")
    return text


def grade_data(cell: Mapping) -> dict:
    """Return the nbgrader metadata of a cell, empty where it has none."""
    return cell.get("metadata", {}).get("nbgrader", {}) or {}


def run_checks(path: Path, timeout: int = 600) -> list[CheckResult]:
    """Run all cells of a notebook in a fresh kernel and report its check cells.

    Parameters
    ----------
    path : Path
        A notebook or its Python backup; its folder is the working folder.
    timeout : int
        Seconds for one cell at most.

    Raises
    ------
    NotebookError
        When the file cannot be read, or holds no checks, or the kernel dies.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    notebook = read_notebook(path)
    if not any(grade_data(cell).get("grade") for cell in notebook.cells):
        raise NotebookError(f"{path.name} holds no checks. Is it the notebook of an assignment?")
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    client = NotebookClient(
        notebook,
        timeout=timeout,
        allow_errors=True,
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )
    try:
        client.execute(env={**os.environ, "MPLBACKEND": "agg"})
    except CellTimeoutError:
        raise NotebookError(
            f"A cell ran for more than {timeout} seconds. Is there a loop without an end? "
            "Give a larger --timeout if it is meant to take so long."
        ) from None
    except DeadKernelError:
        raise NotebookError("The kernel died. Did a cell use up the memory?") from None
    return [_result(cell) for cell in notebook.cells if _is_check(cell)]


def _is_check(cell) -> bool:
    data = grade_data(cell)
    return bool(data.get("grade")) and not data.get("solution") and cell.cell_type == "code"


def _result(cell) -> CheckResult:
    printed = []
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return CheckResult(grade_data(cell)["grade_id"], False, _error_text(output))
        if output.output_type == "stream" and output.name == "stdout":
            printed.append(output.text)
    return CheckResult(grade_data(cell)["grade_id"], True, "".join(printed).strip())


def _error_text(output) -> str:
    if output.ename in ("CheckFailed", "AssertionError"):
        return output.evalue
    return f"{output.ename}: {output.evalue}"
