"""The data that pass between the steps of grading.

Everything here is plain data: it can be pickled, sent to another process or
another machine, and compared in tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from nbformat import NotebookNode

from fairmark.cells import Marking
from fairmark.judged import Judged
from fairmark.limits import Limits


class Status(StrEnum):
    """How a submission ended."""

    GRADED = "graded"
    PARTLY = "partly graded"
    REVIEW = "needs review"

    def __str__(self) -> str:
        return self.value


class GradingError(Exception):
    """A mistake in the call or in the course folder, told in one sentence."""


@dataclass(frozen=True)
class TemplateCell(Marking):
    """A cell of the instructors' version that nbgrader knows.

    Attributes
    ----------
    grade_id : str
        nbgrader's id of the cell.
    cell_type : str
        ``code`` or ``markdown``.
    source : str
        The text with hidden tests and marking schemes, solutions cleared.
    released : str
        The text that students were given.
    meta : dict
        The ``nbgrader`` metadata, checksum of `source` included.
    cell_id : str
        The notebook format's id of the cell; empty where there is none.
    own : dict
        The ``fairmark`` metadata, such as the time that a check has.
    judged : Judged
        Where a check is run; see `fairmark.grading.calibration`.
    why : str
        Why it is not run apart; empty where it is.
    """

    grade_id: str
    cell_type: str
    source: str
    released: str
    meta: Mapping[str, object]
    cell_id: str = ""
    own: Mapping[str, object] = field(default_factory=dict)
    judged: Judged = Judged.APART
    why: str = ""


@dataclass(frozen=True)
class Drawing:
    """A figure that the release has drawn.

    Attributes
    ----------
    text : str
        What is run of its cell: all but the figure.
    outputs : tuple
        What the cell shows, in the notebook format.
    """

    text: str
    outputs: tuple[Mapping[str, object], ...]


@dataclass(frozen=True)
class TemplateNotebook:
    """The instructors' version of one notebook.

    Attributes
    ----------
    name : str
        The name without ``.ipynb``.
    kernelspec : dict
        As in the notebook's metadata.
    cells : tuple of TemplateCell
        The cells that nbgrader knows, in order.
    usual : tuple of str
        What is noticed of the reference solution too, where checks are judged beside.
    drawn : mapping
        Text of a cell to its figure, for those that the release has drawn.
    """

    name: str
    kernelspec: Mapping[str, str]
    cells: tuple[TemplateCell, ...]
    usual: tuple[str, ...] = ()
    drawn: Mapping[str, Drawing] = field(default_factory=dict)

    def by_id(self) -> dict[str, TemplateCell]:
        """Return the cells by their grade id."""
        return {cell.grade_id: cell for cell in self.cells}

    @property
    def judged(self) -> dict[str, Judged]:
        """The checks that are not judged apart, and how they are."""
        return {c.grade_id: c.judged for c in self.cells if c.judged is not Judged.APART}


@dataclass(frozen=True)
class Template:
    """The instructors' version of an assignment.

    Attributes
    ----------
    assignment : str
        Its name.
    notebooks : tuple of TemplateNotebook
        Sorted by name.
    files : dict
        The instructors' other files, path to content; they replace files of
        the same name in a submission.
    """

    assignment: str
    notebooks: tuple[TemplateNotebook, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def max_score(self) -> float:
        """All points of the assignment."""
        return sum(cell.points for notebook in self.notebooks for cell in notebook.cells)

    def judged(self) -> dict[str, str]:
        """Return the checks that are not judged apart: name in the results to how and why."""
        return {
            self.key(notebook.name, cell.grade_id): f"{cell.judged}: {cell.why}"
            for notebook in self.notebooks
            for cell in notebook.cells
            if cell.judged is not Judged.APART
        }

    def key(self, notebook: str, grade_id: str) -> str:
        """Return the name of a check in the results.

        It is the grade id; where two notebooks use the same one, the
        notebook's name stands before it.
        """
        users = [other.name for other in self.notebooks if grade_id in other.by_id()]
        return grade_id if len(users) < 2 else f"{notebook}/{grade_id}"


@dataclass(frozen=True)
class PreparedNotebook:
    """One notebook, repaired and ready to run, or the reason why there is none.

    Attributes
    ----------
    name : str
        The name without ``.ipynb``.
    notebook : NotebookNode or None
        None when it cannot be graded.
    problem : str
        Why it cannot be graded; empty when it can.
    untouched : frozenset of str
        Grade ids of the solution cells that hold no answer.
    repairs : tuple of str
        What was put right, one sentence each.
    helpers : frozenset of str
        Which of the submission's files are the instructors': checks may import these.
    judged : dict
        Grade id of each check that is not judged apart to how it is.
    usual : frozenset of str
        What is noticed with the reference solution too, and is nothing to look at.
    drawn : mapping
        Text of a cell whose figure is there already, to what is run of it.
    """

    name: str
    notebook: NotebookNode | None
    problem: str = ""
    untouched: frozenset[str] = frozenset()
    repairs: tuple[str, ...] = ()
    helpers: frozenset[str] = frozenset()
    judged: Mapping[str, Judged] = field(default_factory=dict)
    usual: frozenset[str] = frozenset()
    drawn: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A submission after the first step.

    Attributes
    ----------
    student, assignment : str
        Whose, and of what.
    notebooks : tuple of PreparedNotebook
        One for each notebook of the assignment, in its order.
    files : dict
        The other files, path to content.
    repairs : tuple of str
        Repairs that concern the folder as a whole.
    timestamp : str
        When it was handed in; empty when nobody recorded it.
    """

    student: str
    assignment: str
    notebooks: tuple[PreparedNotebook, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    timestamp: str = ""

    def all_repairs(self) -> list[str]:
        """Return every repair, with the notebook's name where there are several."""
        several = len(self.notebooks) > 1
        found = list(self.repairs)
        for notebook in self.notebooks:
            found += [f"{notebook.name}: {text}" if several else text for text in notebook.repairs]
        return found


@dataclass
class NotebookRun:
    """One executed notebook.

    Attributes
    ----------
    name : str
        The name without ``.ipynb``.
    notebook : NotebookNode or None
        With outputs; None when the notebook could not be graded.
    points : dict
        Grade id to points, for the checks that were decided.
    failures : dict
        Grade id to the reason why the check did not earn all its points.
    undecided : list of str
        Grade ids of checks that got nothing through a limit, a dead kernel or what
        was noticed, not through an answer that was seen to be wrong.
    hindrances : dict
        Grade id of a check that failed in its own process to what did not cross, and last
        to what the check said.
    noticed : list of str
        What a person has to look at before checks that were judged beside can earn
        points, one sentence each.
    status : Status
        Of this notebook.
    reason : str
        Why it is not simply graded.
    seconds : float
        Wall time.
    peak_mb : float
        Largest resident memory of the kernel, in megabytes.
    """

    name: str
    notebook: NotebookNode | None
    points: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)
    hindrances: dict[str, list[str]] = field(default_factory=dict)
    noticed: list[str] = field(default_factory=list)
    status: Status = Status.GRADED
    reason: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0

    def for_student(self) -> tuple[Status, str]:
        """Return status and reason as the student is told.

        What was noticed is for a person to judge: it may have been honest, and a sentence
        about it would show others what is looked for.
        """
        if not self.noticed:
            return self.status, self.reason
        waiting = f" ({', '.join(self.undecided)})" if self.undecided else ""
        return Status.PARTLY, f"not everything can be decided by a program{waiting}"


@dataclass
class Execution:
    """What the second step returns: the runs, and the whole in short."""

    notebooks: list[NotebookRun]
    status: Status
    reason: str
    seconds: float
    peak_mb: float

    def for_student(self) -> tuple[Status, str]:
        """Return status and reason as the student is told; see `NotebookRun.for_student`."""
        if not any(run.noticed for run in self.notebooks):
            return self.status, self.reason
        told = [run.for_student()[1] for run in self.notebooks]
        return Status.PARTLY, "; ".join(dict.fromkeys(text for text in told if text))


class Executor(Protocol):
    """The second step, such as `fairmark.execution.executor.SandboxedExecutor`."""

    def __call__(
        self,
        notebooks: Sequence[PreparedNotebook],
        files: Mapping[str, bytes],
        limits: Limits,
    ) -> Execution:
        """Run the notebooks and return what came out."""


@dataclass
class Result:
    """One row of the table of results.

    Attributes
    ----------
    student, assignment : str
        Whose, and of what.
    status : Status
        How it ended.
    reason : str
        Why, in a sentence; empty for a plain mark.
    score, max_score : float
        As the gradebook has them after recording.
    checks : dict
        Check to points, without those that wait for a person.
    by_hand : dict
        What waits for a person: grade id to the points that can be given.
    repairs : list of str
        What was put right before grading.
    seconds, peak_mb : float
        Time and memory of the run.
    judged : dict
        Each check that is not judged in a process of its own, to how it is, and why.
    unchanged : bool
        Whether it was graded before, is as it was, and was not executed again.
    """

    student: str
    assignment: str
    status: Status
    reason: str
    score: float
    max_score: float
    checks: dict[str, float] = field(default_factory=dict)
    by_hand: dict[str, float] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak_mb: float = 0.0
    judged: dict[str, str] = field(default_factory=dict)
    unchanged: bool = False
