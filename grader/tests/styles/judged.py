"""Each style as an assignment of its own, calibrated and graded without a course folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fairmark.cells import grade_id_of, metadata_of
from fairmark.execution.executor import SandboxedExecutor
from fairmark.grading.calibration import forced
from fairmark.grading.judged_checks import Calibration
from fairmark.grading.trials import decide
from fairmark.judged import Judge
from fairmark.limits import Limits
from fairmark.model import (
    NotebookRun,
    Prepared,
    PreparedNotebook,
    Status,
    Template,
    TemplateCell,
    TemplateNotebook,
)

from .style import Answer, Style

NOTEBOOK = "book"
#: The machine that runs the tests may be busy: the limits are for what never ends.
LIMITS = Limits(cell_seconds=20, notebook_seconds=90)
EXECUTOR = SandboxedExecutor()


def template_of(style: Style) -> Template:
    """The instructors' version, as `fairmark.grading.template` would read it."""
    released = {grade_id_of(cell): cell.source for cell in style.released().cells}
    cells = tuple(
        TemplateCell(
            name, "code", cell.source, released[name], dict(metadata_of(cell)), cell_id=cell.id
        )
        for cell in style.source().cells
        if (name := grade_id_of(cell)) is not None
    )
    notebook = TemplateNotebook(NOTEBOOK, {"name": "python3"}, cells)
    return Template("style", (notebook,), style.files)


def prepared(style: Style, answer: Answer) -> Prepared:
    """A submission as `prepare` leaves it: with the hidden tests."""
    notebook = style.handed_in(answer, tests=True)
    book = PreparedNotebook(NOTEBOOK, notebook, helpers=frozenset(style.files))
    return Prepared("student", "style", (book,), style.files)


def calibrated(style: Style, judge: Judge = Judge.AUTO) -> Calibration:
    """How the checks of a style are judged: by its reference, or as is asked for."""
    template = template_of(style)
    if judge is not Judge.AUTO:
        return forced(template, judge)
    reference, untouched = (prepared(style, a) for a in (style.reference(), style.untouched()))
    return decide(template, reference, untouched, EXECUTOR, LIMITS, "reference/")


def graded(style: Style, answer: Answer, calibration: Calibration) -> NotebookRun:
    """Grade one answer as the calibration says."""
    known = calibration.applied_to(template_of(style)).notebooks[0]
    submission = prepared(style, answer)
    notebooks = [
        replace(book, judged=known.judged, usual=frozenset(known.usual))
        for book in submission.notebooks
    ]
    return EXECUTOR(notebooks, submission.files, LIMITS).notebooks[0]


def fault_of(name: str, run: NotebookRun, marks: Mapping[str, float]) -> str:
    """What is not fair about the marks of an answer; empty where all is.

    The reference has its marks and nobody has to look. Another answer has the marks of stock,
    or a person looks at each check that it lost. Nobody gets more than in stock.
    """
    if name == "reference" and (run.status is not Status.GRADED or run.noticed):
        return f"{name}: {run.status}: {run.reason or run.noticed}"
    for check, points in marks.items():
        found = run.points[check]
        looked_at = check in run.undecided and run.status is Status.REVIEW
        if found > points or (found < points and (name == "reference" or not looked_at)):
            return f"{name}: {check} gives {found:g} in place of {points:g}: {run.failures}"
    return ""
