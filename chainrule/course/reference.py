"""Run an assignment's own solutions before students get it: each check has to pass them."""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import fairmark
from fairmark.cells import grade_id_of
from fairmark.execution.executor import SandboxedExecutor
from fairmark.limits import Limits
from fairmark.model import GradingError, NotebookRun, PreparedNotebook
from nbformat import NotebookNode

import chainrule
from chainrule.course.paths import CourseError
from chainrule.course.problems import Problem, place_of, read_sources

#: Where the results lie that the reference hands in: trained weights, photographs.
HANDED_IN = "tests/answers/{assignment}/files"
#: The author's own code may train a little.
PATIENT = Limits(cell_seconds=120, notebook_seconds=600)

_IGNORED = ("*.ipynb", "*.pyc", ".*")
#: How a check says that a file is not there: those of the course, and Python.
_ABSENT = re.compile(
    r"There is no (?:file )?(?P<own>[\w-]+\.\w+)"
    r"|No such file or directory: ['\"](?P<python>[^'\"]+)['\"]"
)


@dataclass(frozen=True)
class Outcome:
    """What a run of the reference shows.

    Attributes
    ----------
    problems : list of Problem
        The checks that it fails.
    notes : list of str
        What could not be decided, and why.
    kept : bool
        Whether this is the outcome of an earlier run of the same.
    """

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kept: bool = False


def examine(root: Path, assignment: str) -> Outcome:
    """Run the instructors' notebooks, hidden tests included, as a submission is run.

    The outcome is kept in ``_build/reference/`` as long as the notebooks, the files, the
    installed packages and the code of chainrule and fairmark are what they were. One with a
    problem is not kept: a time limit may hold the next time.

    Raises
    ------
    CourseError
        When the notebooks cannot be run on this machine.
    """
    notebooks, _ = read_sources(root / "source" / assignment)  # others name what is unreadable
    given = _files(root / "source" / assignment)
    handed_in = _files(root / HANDED_IN.format(assignment=assignment))
    key = _key(notebooks, given, handed_in)
    place = root / "_build" / "reference" / f"{assignment}.json"
    if place.is_file():
        kept = json.loads(place.read_text(encoding="utf-8"))
        if kept["key"] == key:
            return Outcome([], kept["notes"], kept=True)
    outcome = _run(assignment, notebooks, given, handed_in)
    if not outcome.problems:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"key": key, "notes": outcome.notes}), encoding="utf-8")
    return outcome


def _files(folder: Path) -> dict[str, bytes]:
    """Read the files of a folder that are no notebooks; of none where there is no folder."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder)
        if not any(fnmatch(part, pattern) for part in name.parts for pattern in _IGNORED):
            found[name.as_posix()] = path.read_bytes()
    return found


def _key(
    notebooks: dict[str, NotebookNode], given: dict[str, bytes], handed_in: dict[str, bytes]
) -> str:
    """Hash all that decides the outcome."""
    parts: list[tuple[str, bytes]] = []
    for name, notebook in notebooks.items():
        parts.append((name, json.dumps(notebook, sort_keys=True).encode()))
    for files in (given, handed_in):
        parts += files.items()
    for package in (chainrule, fairmark):
        parts += _files(Path(str(package.__file__)).parent).items()
    installed = sorted(p.name for place in sys.path for p in Path(place).glob("*.dist-info"))
    parts.append((sys.version, "\n".join(installed).encode()))
    whole = hashlib.sha256()
    for name, content in parts:
        whole.update(f"{name}\n{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def _run(
    assignment: str,
    notebooks: dict[str, NotebookNode],
    given: dict[str, bytes],
    handed_in: dict[str, bytes],
) -> Outcome:
    files = {**handed_in, **given}
    prepared = [
        PreparedNotebook(Path(name).stem, notebook, helpers=frozenset(given))
        for name, notebook in notebooks.items()
    ]
    executor, notes = _executor()
    try:
        runs = executor(prepared, files, PATIENT).notebooks
    except GradingError as error:
        raise CourseError(f"The reference of {assignment} cannot be run: {error}") from error
    problems = []
    for name, run in zip(notebooks, runs, strict=True):
        for check, why in _failures(run):
            cell = next(c for c in notebooks[name].cells if grade_id_of(c) == check)
            absent = _absent_file(why, files)
            if absent:
                folder = HANDED_IN.format(assignment=assignment)
                notes.append(
                    f"{place_of(name, cell)} is not decided: it needs {absent}, which is not "
                    f"in {folder}/"
                )
            else:
                remedy = "Mend the check or the solution; --no-run releases without running them."
                cause = f"the reference solution fails this check: {why.strip().rstrip('.')}"
                problems.append(Problem(place_of(name, cell), cause, remedy))
        if run.notebook is None:
            problems.append(Problem(name, f"it could not be run: {run.reason}"))
    return Outcome(problems, notes)


def _executor() -> tuple[SandboxedExecutor, list[str]]:
    """Take the sandbox where it can be made; an author's own code may run without it."""
    executor = SandboxedExecutor()
    try:
        executor.probe()
    except GradingError:
        note = "they were run without the sandbox, which this machine cannot make"
        return SandboxedExecutor(no_sandbox=True), [note]
    return executor, []


def _failures(run: NotebookRun) -> Iterator[tuple[str, str]]:
    """Yield the checks without all their points, and why."""
    for check in dict.fromkeys([*run.failures, *run.undecided]):
        yield check, run.failures.get(check, "it was not decided")


def _absent_file(why: str, files: Iterable[str]) -> str:
    """Return the file that a check says it lacks; empty where it lacks none, or was given it."""
    match = _ABSENT.search(why)
    name = (match["own"] or match["python"]) if match else ""
    return "" if Path(name).name in {Path(file).name for file in files} else name
