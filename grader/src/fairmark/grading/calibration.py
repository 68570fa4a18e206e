"""How each check of an assignment is judged: the reference solution decides.

Checks run in a process of their own. That is the safe way, and right where what crosses
between the two processes keeps its meaning. Whether it does is not guessed: the
instructors' own solution is run. A check that it passes in this way is judged apart. One
that it does not pass is judged beside the student's code, in one process, as stock
nbgrader does, if it passes there. One that it fails both ways can judge nobody.

The outcome is kept in ``.fairmark/calibration/`` as long as all that decides it is what it
was: the folder in ``source/``, what the reference hands in beside it, the configuration,
the installed packages, the code of fairmark and of the course's packages.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import quote

import nbformat

from fairmark.cells import delimiters_in, marking
from fairmark.course_package import course_packages
from fairmark.folder import CourseFolder
from fairmark.judged import Judge, Judged
from fairmark.limits import Limits
from fairmark.model import Executor, GradingError, Prepared, Template
from fairmark.private_folder import private_folder, write_whole

from .judged_checks import Calibration, JudgedCheck, checks_of
from .one_submission import version_of, version_of_packages
from .prepare import prepare, submission_folder
from .template import Generated, as_written, generate, template_of

#: Where the reference's results lie, beside what a course's package says: what students are
#: to hand in with their notebooks, such as trained weights.
HANDED_IN = "reference/{assignment}"
#: How much more time than a student the reference has: the machine may be busy.
_PATIENCE = 3
#: What stands in a cell that nobody has filled in.
_OPEN = re.compile(r"NotImplementedError|YOUR (CODE|ANSWER) HERE")
_IGNORED = ("*.pyc", "__pycache__", ".*")


def forced(template: Template, judge: Judge) -> Calibration:
    """Return a calibration that asks no reference.

    Parameters
    ----------
    template : Template
        The instructors' version.
    judge : Judge
        `Judge.APART` or `Judge.BESIDE`.
    """
    way = Judged(str(judge))
    why = "" if way is Judged.APART else "as was asked for"
    checks = [replace(c, judged=way, why=why) for c in checks_of(template)]
    return Calibration(tuple(checks))


def calibrate(
    course: CourseFolder, template: Template, executor: Executor, limits: Limits
) -> Calibration:
    """Find out how each check of an assignment is to be judged.

    Parameters
    ----------
    course : CourseFolder
        With ``source/``.
    template : Template
        The instructors' version.
    executor : Executor
        Runs the reference and the untouched release.
    limits : Limits
        What a student's notebook may use. The reference has more time.

    Raises
    ------
    GradingError
        When the reference cannot be run on this machine, or breaks nbgrader's rules.
    """
    assignment = template.assignment
    folder = course.path("source", ".", assignment)
    handed_in = _handed_in(course.root, assignment)
    key = _key(course, template, folder, handed_in)
    place = private_folder(course.root) / "calibration" / f"{quote(assignment, safe='')}.json"
    known = _read(place, key)
    if known is not None:
        return known
    # Imported where the work is done: what is kept needs none of it.
    from .trials import decide

    if not _has_solutions(folder):
        why = "there is no reference solution to run"
        checks = [replace(c, judged=Judged.BESIDE, why=why) for c in checks_of(template)]
        found = Calibration(tuple(checks), reference=False)
    else:
        reference = _reference(course, template, folder, handed_in)
        untouched = _untouched(course, template, generate(course, assignment))
        found = decide(
            template, reference, untouched, executor, _patient(limits), _places(assignment)
        )
    if not found.failing:
        # One that fails is tried again: a time limit may hold the next time.
        place.parent.mkdir(exist_ok=True)
        checks_as_data = [asdict(check) for check in found.checks]
        content = {
            "key": key,
            "reference": found.reference,
            "usual": found.usual,
            "checks": checks_as_data,
        }
        write_whole(place, json.dumps(content, indent=1))
    return found


def calibrate_refused(
    course: CourseFolder, assignment: str, executor: Executor, limits: Limits
) -> Calibration:
    """Run the reference of notebooks that nbgrader refuses to release; nothing is kept.

    Parameters
    ----------
    course, executor, limits
        As for `calibrate`.
    assignment : str
        The name of the assignment.

    Raises
    ------
    GradingError
        When the reference cannot be run on this machine.
    """
    from .trials import decide

    folder = course.path("source", ".", assignment)
    template = template_of(course, assignment, as_written(course, assignment))
    reference = _reference(course, template, folder, _handed_in(course.root, assignment))
    return decide(template, reference, None, executor, _patient(limits), _places(assignment))


def judging_of(
    course: CourseFolder,
    template: Template,
    judge: Judge = Judge.AUTO,
    *,
    anyway: bool = False,
    limits: Limits | None = None,
    executor: Executor | None = None,
) -> Calibration:
    """Return how the checks of an assignment are to be judged, whoever decides it.

    Parameters
    ----------
    course, template
        As for `calibrate`.
    judge : Judge, optional
        What the instructor asks for.
    anyway : bool, optional
        True accepts that the reference fails checks both ways; these stay undecided.
    limits : Limits, optional
        What a student's notebook may use.
    executor : Executor, optional
        Runs the reference. Without one it is run in the sandbox where that can be made, and
        else without: it is the instructors' own code.

    Raises
    ------
    GradingError
        As `calibrate` does, and where the reference fails checks both ways.
    """
    if judge is not Judge.AUTO:
        return forced(template, judge)
    found = calibrate(course, template, executor or for_own_code()[0], limits or Limits())
    if not anyway:
        _refuse_failing(found, template.assignment)
    return found


def for_own_code() -> tuple[Executor, str]:
    """Return an executor for the instructors' own code, and why it has no sandbox.

    Returns
    -------
    executor : Executor
        With the sandbox where this machine can make it.
    why : str
        Empty where it can.
    """
    from fairmark.execution.executor import SandboxedExecutor

    executor = SandboxedExecutor()
    try:
        executor.probe()
    except GradingError as error:
        return SandboxedExecutor(no_sandbox=True), str(error)
    return executor, ""


def _refuse_failing(calibration: Calibration, assignment: str) -> None:
    """Stop where the reference fails checks both ways.

    Raises
    ------
    GradingError
        Lists the checks, each with its message.
    """
    failing = calibration.failing
    if failing:
        listing = "\n".join(f"- {check.title}: {check.why}" for check in failing)
        raise GradingError(
            f"The reference solution of {assignment} fails "
            f"{'a check' if len(failing) == 1 else f'{len(failing)} checks'}, in a process of "
            f"their own and in the notebook's:\n{listing}\n"
            "Mend the check or the solution. --anyway grades all the same, and leaves these "
            "checks undecided."
        )


# -- what is run ---------------------------------------------------------------
def _folders(assignment: str) -> list[str]:
    """Return the folders, relative to the course's, with what the reference hands in."""
    named = [package.reference_files for package in course_packages().values()]
    places = [place for place in named if place] + [HANDED_IN]
    return [place.replace("{assignment}", assignment) for place in places]


def _places(assignment: str) -> str:
    return " or ".join(f"{place}/" for place in _folders(assignment))


def _handed_in(root: Path, assignment: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for place in _folders(assignment):
        found.update(_files(root / place))
    return found


def _files(folder: Path) -> dict[str, bytes]:
    """Read the files of a folder; of none where there is no folder."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder)
        if not any(fnmatch(part, pattern) for part in name.parts for pattern in _IGNORED):
            found[name.as_posix()] = path.read_bytes()
    return found


def _has_solutions(folder: Path) -> bool:
    """Tell whether the instructors' notebooks hold answers, not only what students are given."""
    cells = [
        cell
        for path in sorted(folder.glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code" and marking(cell).solution
    ]
    # Without a region, nbgrader takes the whole cell for the solution, be it one or not.
    return any(delimiters_in(cell.source) or not _OPEN.search(cell.source) for cell in cells)


def _reference(
    course: CourseFolder, template: Template, folder: Path, handed_in: Mapping[str, bytes]
) -> Prepared:
    """Prepare the instructors' folder as if it had been handed in."""
    coursedir = course.coursedir
    found = submission_folder(folder, list(coursedir.ignore), coursedir.max_file_size)
    prepared = prepare("reference", found, template, collected="")
    return replace(prepared, files={**handed_in, **prepared.files})


def _untouched(course: CourseFolder, template: Template, generated: Generated) -> Prepared:
    """Prepare what students are given as if it had been handed in."""
    with tempfile.TemporaryDirectory(prefix="fairmark-untouched-") as place:
        for name, notebook in generated.released.items():
            nbformat.write(notebook, Path(place, f"{name}.ipynb"))
        coursedir = course.coursedir
        found = submission_folder(Path(place), list(coursedir.ignore), coursedir.max_file_size)
        return prepare("untouched", found, template, collected="")


def _patient(limits: Limits) -> Limits:
    return replace(
        limits,
        cell_seconds=_PATIENCE * limits.cell_seconds,
        notebook_seconds=_PATIENCE * limits.notebook_seconds,
    )


# -- what is kept ----------------------------------------------------------------
def _key(
    course: CourseFolder, template: Template, folder: Path, handed_in: Mapping[str, bytes]
) -> str:
    """Hash all that decides the outcome."""
    parts: list[tuple[str, bytes]] = [("code", version_of_packages().encode())]
    written = _files(folder)
    parts += written.items()
    if not written:
        parts.append(("gradebook", version_of(template).encode()))
    parts += handed_in.items()
    for name in ("nbgrader_config.py", "nbgrader_config.json"):
        path = course.root / name
        parts.append((name, path.read_bytes() if path.is_file() else b""))
    installed = sorted(p.name for place in sys.path for p in Path(place).glob("*.dist-info"))
    parts.append((sys.version, "\n".join(installed).encode()))
    whole = hashlib.sha256()
    for name, content in parts:
        whole.update(f"{name}\n{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def _read(place: Path, key: str) -> Calibration | None:
    """Return what an earlier run found of the same; None where there is none."""
    if not place.is_file():
        return None
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        if kept["key"] != key:
            return None
        checks = [JudgedCheck(**{**one, "judged": Judged(one["judged"])}) for one in kept["checks"]]
        usual = {str(name): tuple(map(str, texts)) for name, texts in kept["usual"].items()}
        return Calibration(tuple(checks), bool(kept["reference"]), usual, kept=True)
    except (ValueError, KeyError, TypeError, AttributeError):
        # It is of another version, or damaged: it is made anew, and nothing is lost.
        return None
