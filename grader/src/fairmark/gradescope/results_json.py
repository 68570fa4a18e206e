"""What Gradescope shows: ``results.json`` from a submission that was graded.

Only fields that Gradescope documents are used. Nothing in them quotes a hidden test.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fairmark
from fairmark.cells import grade_id_of
from fairmark.messages import diagnosis
from fairmark.model import Execution, NotebookRun, Prepared, Status, Template, TemplateCell
from fairmark.private_folder import write_whole
from fairmark.reports.feedback import Guard, secrets_of
from fairmark.reports.table import number, printable

from .packed import Settings

_UNDECIDED = "NOT DECIDED: this 0 is not a mark. A person has to look at it."
#: Gradescope cuts long texts itself; students should not have to scroll through one.
_LONGEST = 4000


def results_of(
    template: Template, prepared: Prepared, execution: Execution, settings: Settings
) -> dict[str, Any]:
    """Make the contents of ``results.json``.

    Parameters
    ----------
    template : Template
        The instructors' version.
    prepared, execution
        From the two steps of grading.
    settings : Settings
        Says who may see the tests, and when.

    Returns
    -------
    dict
        One test for each check. Points that a person gives are in no test: the text
        at the top names them.
    """
    guard = secrets_of(template)
    tests, open_questions = [], []
    for notebook, run in zip(template.notebooks, execution.notebooks, strict=True):
        for cell in notebook.cells:
            if cell.check:
                name = template.key(notebook.name, cell.grade_id)
                test, decided = _test(name, cell, run, guard)
                tests.append({**test, "visibility": settings.visibility})
                if not decided:
                    open_questions.append(name)
    by_hand = _by_hand(template)
    repairs = [guard.hide(printable(text)) for text in prepared.all_repairs()]
    reason = guard.hide(printable(execution.reason))
    told_status, told = execution.for_student()
    headline = _headline(told_status, guard.hide(printable(told)))
    content = {
        "output": _text(headline, open_questions, by_hand, repairs),
        "execution_time": round(execution.seconds, 3),
        "visibility": settings.visibility,
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "fairmark": fairmark.__version__,
            "assignment": template.assignment,
            "status": str(execution.status),
            "reason": reason,
            "not_decided": open_questions,
            "by_hand": by_hand,
            "repairs": repairs,
            "peak_mb": round(execution.peak_mb, 1),
        },
    }
    return content


def write(content: dict[str, Any], path: Path) -> None:
    """Write ``results.json`` whole or not at all.

    Parameters
    ----------
    content : dict
        What to write.
    path : Path
        The file.
    """
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False))


def _test(
    name: str, cell: TemplateCell, run: NotebookRun, guard: Guard
) -> tuple[dict[str, Any], bool]:
    """Return the test of a check, and whether the check was decided."""
    points = run.points.get(cell.grade_id, 0.0)
    decided = cell.grade_id in run.points and cell.grade_id not in run.undecided
    said = _said(cell, run)
    if not decided:
        why = said or run.for_student()[1] or "The check was not reached."
        said, name = f"{_UNDECIDED}\n{why}", f"{name} (not decided)"
    elif points >= cell.points:
        said = "Passed."
    test = {
        "name": name,
        "score": float(points),
        "max_score": cell.points,
        "output": guard.hide(printable(said.expandtabs(4)))[:_LONGEST],
    }
    return test, decided


def _said(cell: TemplateCell, run: NotebookRun) -> str:
    if cell.grade_id in run.failures:
        return run.failures[cell.grade_id]
    cells = run.notebook.cells if run.notebook is not None else []
    mine = next((item for item in cells if grade_id_of(item) == cell.grade_id), None)
    return diagnosis(mine, cells) if mine is not None else ""


def _by_hand(template: Template) -> dict[str, float]:
    return {
        template.key(notebook.name, cell.grade_id): cell.points
        for notebook in template.notebooks
        for cell in notebook.cells
        if cell.by_hand
    }


def _text(
    headline: str, undecided: Sequence[str], by_hand: dict[str, float], repairs: Sequence[str]
) -> str:
    """Write what concerns the submission as a whole."""
    parts = [headline]
    if undecided:
        parts.append(
            "NOT DECIDED, so their 0 is not a mark, and a person has to look: "
            f"{', '.join(undecided)}. The other points are earned."
        )
    if by_hand:
        parts.append(
            f"A person gives {number(sum(by_hand.values()))} more points, which are not in this "
            f"score: {_listed(by_hand)}."
        )
    if repairs:
        parts.append("\n".join(["Put right before grading:", *(f"- {text}" for text in repairs)]))
    return "\n\n".join(parts)


def _headline(status: Status, reason: str) -> str:
    if status is Status.GRADED:
        return f"Graded. {reason}".strip()
    if status is Status.PARTLY:
        return f"PARTLY GRADED: {reason}."
    return f"NEEDS REVIEW: {reason}. A person has to look at this submission."


def _listed(points: dict[str, float]) -> str:
    return ", ".join(f"{name} ({number(value)})" for name, value in points.items())
