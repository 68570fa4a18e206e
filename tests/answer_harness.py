"""Run one answer against the checks of the instructors' notebook, hidden tests included."""

import contextlib
import io
import linecache
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
ANSWERS = Path(__file__).resolve().parent / "answers"
GRADING = "NBGRADER_EXECUTION"


@dataclass(frozen=True)
class Answer:
    """One file of tests/answers/."""

    path: Path
    assignment: str
    right: bool
    task: str
    fails: tuple[str, ...]
    says: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.assignment}-{self.path.parent.name}-{self.path.stem}"


def read_answer(path: Path) -> Answer:
    head = dict.fromkeys(("task", "fails", "says"), ())
    for key, value in re.findall(r"^# (task|fails|says): (.+)$", path.read_text(), re.MULTILINE):
        head[key] += (value.strip(),)
    right = path.parent.name == "right"
    assert len(head["task"]) == 1, f"{path.name} needs one `# task:` line"
    assert right or (head["fails"] and head["says"]), f"{path.name} needs `# fails:` and `# says:`"
    fails = tuple(part.strip() for line in head["fails"] for part in line.split(","))
    assignment = path.relative_to(ANSWERS).parts[0]
    return Answer(path, assignment, right, head["task"][0], fails, head["says"])


def all_answers() -> list[Answer]:
    return [read_answer(path) for path in sorted(ANSWERS.glob("*/*/*.py"))]


def notebook_with(assignment: str, task: str):
    """Find the instructors' notebook that holds a task."""
    for path in sorted((ROOT / "source" / assignment).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if any(grade_id(cell) == task for cell in notebook.cells):
            return notebook
    raise AssertionError(f"no notebook of {assignment} has a task {task!r}")


def grade_id(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


@contextlib.contextmanager
def folder_of(assignment: str) -> Iterator[None]:
    """Work in a folder of its own that holds what a student hands in, as while grading."""
    before, grading = Path.cwd(), os.environ.get(GRADING)
    with tempfile.TemporaryDirectory() as name:
        for path in (ROOT / "source" / assignment).glob("*.ipynb"):
            shutil.copy(path, name)
        for path in (ANSWERS / assignment / "files").glob("*"):
            shutil.copy(path, name)
            os.environ[GRADING] = "autograde"  # trained results are there: nothing is trained
        os.chdir(name)
        try:
            yield
        finally:
            os.chdir(before)
            os.environ.pop(GRADING, None)
            if grading is not None:
                os.environ[GRADING] = grading


def failures(answer: Answer) -> dict[str, str]:
    """Run the notebook with the answer in place; return check id to message."""
    with folder_of(answer.assignment):
        return _failures(answer)


def _failures(answer: Answer) -> dict[str, str]:
    namespace: dict = {"__name__": "__main__"}
    failed = {}
    for cell in notebook_with(answer.assignment, answer.task).cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not data or "setup" in cell.metadata.get("tags", []):
            continue
        source = answer.path.read_text() if grade_id(cell) == answer.task else cell.source
        with contextlib.redirect_stdout(io.StringIO()):
            if not data.get("grade"):
                run(source, f"<{grade_id(cell)}>", namespace)
                continue
            try:
                run(source, f"<{grade_id(cell)}>", namespace)
            except Exception as error:  # noqa: BLE001  (any error fails a check)
                failed[grade_id(cell)] = f"{type(error).__name__}: {error}"
    return failed


def run(source: str, name: str, namespace: dict) -> None:
    # inspect.getsource finds the text of a cell through linecache, as in a notebook.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)
