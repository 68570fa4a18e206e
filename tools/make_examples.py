"""Write examples/submissions/: what students hand in, good and bad.

The files are made from source/ and release/, so that they stay in step with the
assignment. The ids are invented. A test compares the committed files with what
this script makes.

Run it from the repository root after `chainrule release`: python tools/make_examples.py
"""

import copy
import json
import shutil
import sys
from pathlib import Path

import nbformat

from chainrule.course.release import write_backup
from chainrule.course.setup_cell import notebook_text

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "backprop"
NAME = "graphs.ipynb"

UNUSUAL_F1 = """\
import numpy as np


def f1(x1, w1, x2, w2, b, y):
    error = np.dot([w1, w2], [x1, x2]) + b - y
    slope = 2 * error
    return error**2, (slope * w1, slope * x1, slope * w2, slope * x2, slope, -slope)
"""

ONE_PATH_F2 = """\
import math


def f2(x):
    d = 2 * x
    e = math.exp(d)
    t = e - 1
    b = e + 1
    y = t / b
    dt = 1 / b
    de = dt
    return y, (de * e * 2,)
"""


def read(folder: str):
    """Read the instructors' or the released notebook."""
    return nbformat.read(ROOT / folder / ASSIGNMENT / NAME, as_version=4)


def answers(*tasks: str, **written: str):
    """Return the release with reference answers in some cells and own ones in others."""
    notebook = read("release")
    solutions = {_grade_id(cell): cell.source for cell in read("source").cells}
    for cell in notebook.cells:
        name = _grade_id(cell)
        if name in tasks:
            cell.source = solutions[name]
        if name in written:
            cell.source = written[name]
        if "collaboration" in cell.metadata.get("tags", []) and len(tasks) > 2:
            cell.source += " a sample student"
    return notebook


def _grade_id(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def full():
    """All tasks solved, with the reference answers."""
    return answers("f1", "f2", "f3", "f4")


def half():
    """f1 right, f2 with one path forgotten, the rest open."""
    return answers("f1", f2=ONE_PATH_F2)


def from_colab() -> str:
    """Return a solved notebook as Colab saves it: no cell ids, its metadata, outputs."""
    notebook = answers("f2", "f3", "f4", f1=UNUSUAL_F1)
    for number, cell in enumerate(notebook.cells):
        cell.metadata["id"] = f"colab{number:03d}"
        if cell.cell_type == "code":
            cell.execution_count = number + 1
            cell.metadata["outputId"] = f"output{number:03d}"
            text = "saved by Colab\n"
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    notebook.metadata["colab"] = {"provenance": [], "toc_visible": True}
    notebook.metadata["accelerator"] = "GPU"
    data = json.loads(notebook_text(notebook))
    data["nbformat_minor"] = 0
    for cell in data["cells"]:
        del cell["id"]
    return json.dumps(data, indent=2) + "\n"


def tampered():
    """Solved, with a deleted check, a check that was made to pass, and a copied cell."""
    notebook = answers("f1", "f3", f2=ONE_PATH_F2)
    cells = []
    for cell in notebook.cells:
        if _grade_id(cell) == "f1-forward":
            continue
        if _grade_id(cell) == "f2-backward":
            cell.source = "assert True"
        cells.append(cell)
        if _grade_id(cell) == "f3":
            twin = copy.deepcopy(cell)
            twin.id = "f3-copy"
            cells.append(twin)
    notebook.cells = cells
    return notebook


def unknown_kernel():
    """Solved, and saved with a kernel that only the student has."""
    notebook = full()
    notebook.metadata.kernelspec = {
        "name": "my-own-env",
        "display_name": "my own env",
        "language": "python",
    }
    return notebook


def write(target: Path) -> None:
    """Write all example submissions below a folder."""
    texts = {
        "ex01-full": notebook_text(full()),
        "ex02-untouched": notebook_text(read("release")),
        "ex03-half": notebook_text(half()),
        "ex04-colab": from_colab(),
        "ex05-broken": notebook_text(full())[:20_000],
        "ex06-tampered": notebook_text(tampered()),
        "ex07-kernel": notebook_text(unknown_kernel()),
    }
    for student, text in texts.items():
        folder = target / student / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / NAME).write_text(text, encoding="utf-8")
    _write_backup_example(target / "ex08-backup" / ASSIGNMENT)
    empty = target / "ex09-nothing" / ASSIGNMENT
    empty.mkdir(parents=True)
    (empty / "notes.txt").write_text("I could not open the notebook.\n", encoding="utf-8")


def _write_backup_example(folder: Path) -> None:
    """Hand in the Python backup alone."""
    folder.mkdir(parents=True)
    backup = write_backup(answers("f1", "f2", "f4"), folder / NAME)
    backup.rename(folder / backup.name)
    backup.parent.rmdir()


def main() -> None:
    """Replace the committed examples."""
    target = ROOT / "examples" / "submissions"
    shutil.rmtree(target, ignore_errors=True)
    write(target)
    print(f"{len(list(target.iterdir()))} example submissions written", file=sys.stderr)


if __name__ == "__main__":
    main()
