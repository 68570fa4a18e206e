"""A small course made in code, and the ways in which people hand it in."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ASSIGNMENT = "kite"
NOTEBOOK = "kite"
HIDDEN = "assert f1(-1.5) == -3.0, 'f1 is wrong for negative numbers'  # canary-00112233445566aa"
SCHEME = "one point for each of the two reasons, canary-00112233445566bb"

SETUP = "import math"
F1 = "def f1(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
F2 = "def f2(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION"
F3 = "def f3(n):\n    ### BEGIN SOLUTION\n    return n\n    ### END SOLUTION"
F1_CHECK = (
    "assert f1(2) == 4, 'f1(2) should be 4: is a factor missing?'\n"
    f"### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS"
)
F2_CHECK = "assert f2(1) == 2, 'f2(1) should be 2: look at the sign'"
F3_CHECK = "right = sum(f3(n) == n for n in range(4))\nright / 2"
DRAWING = "### BEGIN SOLUTION\nA drawing.\n### END SOLUTION"
ESSAY = f"Say why.\n### BEGIN MARK SCHEME\n{SCHEME}\n### END MARK SCHEME"

ANSWERS = {
    "f1": "def f1(x):\n    return 2 * x",
    "f2": "def f2(x):\n    return x + 1",
    "f3": "def f3(n):\n    return n",
    "drawing": "My graph has five operators. $L = a^2$",
}


def meta(grade_id: str, *, points: float | None = None, kind: str = "") -> dict:
    flags = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": kind in ("check", "hand"),
        "solution": kind in ("answer", "hand"),
        "locked": kind in ("check", "task"),
        "task": kind == "task",
    }
    if points is not None:
        flags["points"] = points
    return {"nbgrader": flags}


def source_notebook() -> NotebookNode:
    cells = [
        new_markdown_cell("# Kites\n\nDouble it: $y = 2x$."),
        new_code_cell(SETUP, metadata={"tags": ["setup"]}),
        new_code_cell(F1, metadata=meta("f1", kind="answer")),
        new_code_cell(F1_CHECK, metadata=meta("f1-forward", points=3, kind="check")),
        new_code_cell(F2, metadata=meta("f2", kind="answer")),
        new_code_cell(F2_CHECK, metadata=meta("f2-forward", points=4, kind="check")),
        new_code_cell(F3, metadata=meta("f3", kind="answer")),
        new_code_cell(F3_CHECK, metadata=meta("f3-part", points=2, kind="check")),
        new_markdown_cell(DRAWING, metadata=meta("drawing", points=5, kind="hand")),
        new_markdown_cell(ESSAY, metadata=meta("essay", points=2, kind="task")),
        new_markdown_cell("My reasons."),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"kite-{number}"
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return notebook


def released_notebook() -> NotebookNode:
    """The notebook that students get: what nbgrader's converter makes of the source."""
    notebook = source_notebook()
    stub = "def {}({}):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    texts = {
        "f1": stub.format("f1", "x"),
        "f2": stub.format("f2", "x"),
        "f3": stub.format("f3", "n"),
        "f1-forward": F1_CHECK.split("\n###")[0],
        "drawing": "YOUR ANSWER HERE",
        "essay": "Say why.",
    }
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = texts.get(grade_id, cell.source)
    return notebook


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def filled(**answers: str) -> NotebookNode:
    """The released notebook with some answers."""
    notebook = released_notebook()
    for grade_id, text in answers.items():
        cell_of(notebook, grade_id).source = text
    return notebook


def full() -> NotebookNode:
    return filled(**ANSWERS)


def make_course(root: Path) -> Path:
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(source_notebook(), source / f"{NOTEBOOK}.ipynb")
    (source / "numbers.txt").write_text("1 2 3\n")
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'kites'\n"
    )
    return root


def hand_in(root: Path, student: str, content: NotebookNode | str | bytes | None) -> Path:
    """Put a submission into its place; a text or bytes are written as they are."""
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NOTEBOOK}.ipynb"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif content is not None:
        nbformat.write(content, path)
    return folder


def colab() -> str:
    """A full solution as Colab saves it: format 4.0, no cell ids, outputs, its own metadata."""
    notebook = full()
    raw = json.loads(nbformat.writes(notebook))
    raw["nbformat_minor"] = 0
    raw["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    for number, cell in enumerate(raw["cells"]):
        cell.pop("id")
        cell["metadata"].update({"id": f"aB{number}", "executionInfo": {"status": "ok"}})
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["metadata"]["outputId"] = "x"
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": ["done\n"]},
            ]
    return json.dumps(raw)


def deleted_check() -> NotebookNode:
    notebook = full()
    notebook.cells.remove(cell_of(notebook, "f1-forward"))
    return notebook


def duplicated() -> NotebookNode:
    """The whole of f1 copied below itself, the answer only in the upper copy."""
    notebook = full()
    stubs = released_notebook()
    copies = [copy.deepcopy(cell_of(stubs, "f1")), copy.deepcopy(cell_of(stubs, "f1-forward"))]
    for cell in copies:
        cell.id += "-copy"
    place = notebook.cells.index(cell_of(notebook, "f1-forward")) + 1
    notebook.cells[place:place] = copies
    return notebook


def edited_check() -> NotebookNode:
    notebook = filled(**{**ANSWERS, "f1": "def f1(x):\n    return 3 * x"})
    cell_of(notebook, "f1-forward").source = "pass"
    cell_of(notebook, "f2-forward").metadata["nbgrader"]["points"] = 400
    return notebook


def unknown_kernel() -> NotebookNode:
    notebook = full()
    notebook.metadata.kernelspec = {"name": "conda-env-nn", "display_name": "NN"}
    return notebook


NOISY = """import sys, warnings
def f1(x):
    warnings.warn('an honest warning')
    print('50%|#####', file=sys.stderr)
    return 2 * x"""

HIDES = "def f2(x):\n    print(In[-4:], _ih)\n    return x + 1\nprint('seen', In)"


def python_backup(notebook: NotebookNode) -> str:
    return jupytext.writes(notebook, fmt="py:percent")


def hand_in_class(root: Path) -> None:
    """Every kind of submission, good ones between the broken ones."""
    whole = nbformat.writes(full())
    no_metadata = full()
    for cell in no_metadata.cells:
        cell.metadata = NotebookNode()
    cases = {
        "a-full": full(),
        "b-untouched": released_notebook(),
        "c-half": filled(f1=ANSWERS["f1"], f3="def f3(n):\n    return min(n, 1)"),
        "d-colab": colab(),
        "e-missing": None,
        "f-notjson": "this is not a notebook",
        "g-html": "<!DOCTYPE html><html><body>Sign in</body></html>",
        "h-empty": "",
        "i-truncated": whole[: len(whole) // 2],
        "j-deleted": deleted_check(),
        "k-duplicated": duplicated(),
        "l-edited": edited_check(),
        "m-full": full(),
        "n-kernel": unknown_kernel(),
        "o-stderr": filled(**{**ANSWERS, "f1": NOISY}),
        "p-endless": filled(**{**ANSWERS, "f2": "def f2(x):\n    while True:\n        pass"}),
        "q-death": filled(**{**ANSWERS, "f2": "import os\ndef f2(x):\n    os._exit(1)"}),
        "r-stripped": no_metadata,
        "s-script": released_notebook(),
        "u-peeks": filled(**{**ANSWERS, "f2": HIDES}),
        "z-full": full(),
    }
    for student, content in cases.items():
        hand_in(root, student, content)
    (root / "submitted" / "e-missing" / ASSIGNMENT / "other.txt").write_text("hello")
    script = root / "submitted" / "s-script" / ASSIGNMENT / "python_backup"
    script.mkdir()
    (script / f"{NOTEBOOK}.py").write_text(python_backup(full()))
