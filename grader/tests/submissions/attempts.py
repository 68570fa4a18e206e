"""A small NumPy course, and submissions to it whose code is hostile, broken or unusual.

Other than in `structure`, the notebooks are in order and the code in them is what
matters. So they are run by the real executor, in its sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from grader_support.course_maker import meta
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from fairmark.model import Status

ASSIGNMENT = "loft"
#: Stands in a hidden test and nowhere else.
CANARY = "canary-5566778899aabb01"

#: A locked cell, on whose imports the checks rely.
GIVEN = "import numpy as np\nfrom numpy.testing import assert_allclose"
CHECKS = {
    "double": f"""
x = np.arange(6.0).reshape(2, 3)
assert_allclose(double(x), [[0, 2, 4], [6, 8, 10]], err_msg="double(x) should be twice x")
### BEGIN HIDDEN TESTS
secret = "{CANARY}"
assert np.allclose(double(np.full(3, -1.5)), -3.0), "double is wrong for negative numbers"
assert abs(float(double(7.25)) - 14.5) < 1e-12, "double is wrong for a single number"
### END HIDDEN TESTS
""",
    "count": """
assert list(count(3)) == [0, 1, 2], "count(3) should give 0, 1 and 2"
### BEGIN HIDDEN TESTS
assert [int(number) for number in count(6)] == [0, 1, 2, 3, 4, 5], "count(6) is wrong"
### END HIDDEN TESTS
""",
    "mean": """
right = int(abs(mean(np.loadtxt("numbers.txt")) - np.loadtxt("numbers.txt").mean()) < 1e-9)
### BEGIN HIDDEN TESTS
right += int(abs(mean(np.array([-4.0, 1.0])) + 1.5) < 1e-9)
### END HIDDEN TESTS
float(right)
""",
}
FULL = {"double": 3.0, "count": 4.0, "mean": 2.0}
NOTHING = dict.fromkeys(FULL, 0.0)

GOOD = {
    "double": "def double(x):\n    return 2 * x",
    "count": "def count(n):\n    return list(range(n))",
    "mean": "def mean(values):\n    return sum(values) / len(values)",
}
#: Wrong for each input of a check.
WRONG = {
    "double": "def double(x):\n    return x + 0.5",
    "count": "def count(n):\n    return [n]",
    "mean": "def mean(values):\n    return 0.5",
}
_HIDDEN = re.compile(r"### BEGIN HIDDEN.*?### END HIDDEN TESTS\n", re.DOTALL)


@dataclass(frozen=True)
class Attempt:
    """One submission, and what it should come to.

    Attributes
    ----------
    scratch : tuple of str
        Cells of the student's own, above the answers.
    answers : dict
        Task to code.
    files : dict
        What lies beside the notebook.
    marks : dict
        Check to points, from a fair grader.
    status : Status
        As in the results.
    words : str
        What the reason must say; without them there must be none.
    shows : tuple of str
        What its outputs must hold: that the attack or the oddity really ran.
    never : tuple of str
        What its outputs must not hold.
    seconds : float
        In how much time it must end.
    """

    scratch: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    marks: Mapping[str, float] = field(default_factory=lambda: dict(FULL))
    status: Status = Status.GRADED
    words: str = ""
    shows: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    seconds: float = 30.0


def without(*checks: str) -> dict[str, float]:
    """All points but those of some checks."""
    return {**FULL, **dict.fromkeys(checks, 0.0)}


def harmless(*scratch: str, shows: str | tuple = (), **more) -> Attempt:
    """Code above good answers that costs nothing, whatever it tries."""
    return Attempt(scratch, shows=_tuple(shows), **more)


def answered(shows: str | tuple = (), scratch: tuple = (), **answers: str) -> Attempt:
    """Unusual right answers."""
    return Attempt(scratch, answers, shows=_tuple(shows))


def breaking(body: str, words: str, **more) -> Attempt:
    """A function that does something in place of counting, and costs its own check."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    answers = {"count": f"def count(n):\n{lines}"}
    shows = _tuple(more.pop("shows", ()))
    return Attempt(
        (), answers, {}, without("count"), Status.PARTLY, words, shows, **more
    )  # fmt: skip


def forged(*scratch: str, shows: str | tuple = (), **more) -> Attempt:
    """A trick above wrong answers, which earns nothing."""
    answers = {**WRONG, **more.pop("answers", {})}
    return Attempt(scratch, answers, marks=NOTHING, shows=_tuple(shows), **more)


def _tuple(shows: str | tuple) -> tuple[str, ...]:
    return (shows,) if isinstance(shows, str) else shows


def source_notebook() -> NotebookNode:
    """The instructors' version."""
    cells = [new_code_cell(GIVEN, metadata=meta("given", kind="given"))]
    cells[0].metadata.nbgrader.update(locked=True)
    for task, text in GOOD.items():
        head, _, body = text.partition("\n")
        solution = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        cells.append(new_code_cell(solution, metadata=meta(f"{task}-answer", kind="answer")))
        flags = meta(task, points=FULL[task], kind="check")
        cells.append(new_code_cell(CHECKS[task].strip("\n"), metadata=flags))
    for number, cell in enumerate(cells):
        cell.id = f"loft-{number}"
    return new_notebook(cells=cells)


def notebook_of(attempt: Attempt) -> NotebookNode:
    """What a student hands in: the released notebook, filled in."""
    notebook = source_notebook()
    for cell in notebook.cells:
        grade_id = cell.metadata.nbgrader.grade_id
        cell.source = _HIDDEN.sub("", cell.source + "\n").rstrip("\n")
        if grade_id.endswith("-answer"):
            task = grade_id.removesuffix("-answer")
            cell.source = attempt.answers.get(task, GOOD[task])
    own = [new_code_cell(text.strip("\n"), id=f"own-{n}") for n, text in enumerate(attempt.scratch)]
    notebook.cells[1:1] = own
    return notebook


def make_course(root: Path) -> Path:
    """Write the course folder."""
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(source_notebook(), source / f"{ASSIGNMENT}.ipynb")
    (source / "numbers.txt").write_text("1 2 3\n")
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'lofts'\n"
    )
    return root


def hand_in(root: Path, student: str, attempt: Attempt, places: Mapping[str, str]) -> None:
    """Put a submission into its place.

    Parameters
    ----------
    root : Path
        The course folder.
    student : str
        Whose.
    attempt : Attempt
        What.
    places : dict
        Word to what takes its place in the code, such as the folder of the course.
    """
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    text = nbformat.writes(notebook_of(attempt))
    for word, place in places.items():
        text = text.replace(word, place)
    (folder / f"{ASSIGNMENT}.ipynb").write_text(text, encoding="utf-8")
    for name, data in attempt.files.items():
        (folder / name).write_bytes(data)
