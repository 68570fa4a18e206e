"""Run an assignment's own solutions before students get it: each check has to pass them."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from fairmark.folder import CourseFolder
from fairmark.grading.calibration import calibrate, calibrate_refused, for_own_code
from fairmark.grading.judged_checks import Calibration, JudgedCheck
from fairmark.grading.template import generate, template_of
from fairmark.limits import Limits
from fairmark.model import Executor, GradingError

from chainrule.course.paths import CourseError
from chainrule.course.problems import Problem

_REMEDY = "Mend the check or the solution; --anyway releases, and leaves the check undecided."


@dataclass(frozen=True)
class Outcome:
    """What a run of the reference shows.

    Attributes
    ----------
    problems : list of Problem
        The checks that it fails.
    notes : list of str
        How checks are to be judged where it is not the usual way, what could not be
        decided, and why.
    kept : bool
        Whether this is the outcome of an earlier run of the same.
    passes : bool
        Whether the reference passes every check that could be tried.
    """

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kept: bool = False
    passes: bool = True


def examine(root: Path, assignment: str, *, anyway: bool = False) -> Outcome:
    """Run the instructors' notebooks, hidden tests included, as submissions are run.

    fairmark does it and keeps the outcome, which the grading of the class uses too; see
    `fairmark.grading.calibration`.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str
        The name of the assignment.
    anyway : bool, optional
        True makes notes of the checks that the reference fails.

    Raises
    ------
    CourseError
        When the notebooks cannot be run on this machine.
    """
    executor, why = for_own_code()
    course = CourseFolder(root)
    try:
        found = _calibration(course, assignment, executor)
    except GradingError as error:
        raise CourseError(f"The reference of {assignment} cannot be run: {error}") from error
    notes = [f"they were run without the sandbox: {why}"] if why else []
    problems = [] if anyway else [_problem(assignment, check) for check in found.failing]
    notes += found.sentences() if anyway else replace(found, checks=_passing(found)).sentences()
    return Outcome(problems, notes, found.kept, not found.failing)


def _calibration(course: CourseFolder, assignment: str, executor: Executor) -> Calibration:
    try:
        template = template_of(course, assignment, generate(course, assignment))
    except GradingError:
        # nbgrader refuses a notebook, and others say why. The rest is still looked at.
        return calibrate_refused(course, assignment, executor, Limits())
    return calibrate(course, template, executor, Limits())


def _passing(found: Calibration) -> tuple[JudgedCheck, ...]:
    failing = found.failing
    return tuple(check for check in found.checks if check not in failing)


def _problem(assignment: str, check: JudgedCheck) -> Problem:
    place = f"{assignment}/{check.notebook}.ipynb, {check.grade_id}"
    cause = f"the reference solution fails this check: {check.why.strip().rstrip('.')}"
    return Problem(place, cause, _REMEDY)
