"""The instructor's page about a graded class: one file, no script, no request."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import jinja2

from fairmark.grading.judged_checks import Calibration
from fairmark.model import Result, Status, Template
from fairmark.private_folder import private_folder, write_whole

from .table import number, printable, score_text, summary

#: How many of the slowest are shown.
_SLOWEST = 10


@dataclass
class CheckRow:
    """How the class did at one check.

    Attributes
    ----------
    name : str
        As in `Result.checks`.
    points : str
        The most that it gives.
    full, part, none, open : int
        Submissions with all, some and no points, and without a decision.
    share : float
        Mean of the points, between 0 and 1, of those that are decided.
    """

    name: str
    points: str
    full: int
    part: int
    none: int
    open: int
    share: float

    @property
    def percent(self) -> int:
        """The share, to read."""
        return round(100 * self.share)


def report_path(root: Path, assignment: str) -> Path:
    """Return where the page of an assignment lies.

    Parameters
    ----------
    root : Path
        The course folder.
    assignment : str
        The name of the assignment.
    """
    return private_folder(root) / "results" / f"{quote(assignment, safe='')}.html"


def write_report(
    path: Path,
    results: Sequence[Result],
    template: Template,
    folder_of: Callable[[str], Path] | None = None,
    calibration: Calibration | None = None,
) -> Path:
    """Write the page.

    Parameters
    ----------
    path : Path
        The file; it is replaced.
    results : sequence of Result
        All rows.
    template : Template
        The instructors' version.
    folder_of : callable, optional
        Student to the folder of executed notebooks; the page links to them.
    calibration : Calibration, optional
        How the checks were judged, and why.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, render(results, template, folder_of, calibration))
    return path


def render(
    results: Sequence[Result],
    template: Template,
    folder_of: Callable[[str], Path] | None = None,
    calibration: Calibration | None = None,
) -> str:
    """Make the HTML of the page.

    Parameters
    ----------
    results, template, folder_of, calibration
        As `write_report` takes them.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(printable=printable, number=number, score=score_text)
    rows = sorted(results, key=lambda row: row.student)
    scores = [row.score for row in rows if row.checks and row.status is Status.GRADED]
    return environment.get_template("summary_page.html.j2").render(
        assignment=template.assignment,
        max_score=template.max_score,
        summary=summary(rows),
        rows=rows,
        look=[row for row in rows if row.status is not Status.GRADED],
        repaired=[row for row in rows if row.repairs],
        slowest=sorted(rows, key=lambda row: -row.seconds)[:_SLOWEST],
        checks=check_rows(rows, template),
        median=statistics.median(scores) if scores else None,
        judging=calibration.sentences() if calibration else [],
        links={row.student: _links(row, template, folder_of) for row in rows},
    )


def check_rows(results: Sequence[Result], template: Template) -> list[CheckRow]:
    """Count, check by check, how the class did.

    Parameters
    ----------
    results : sequence of Result
        All rows.
    template : Template
        The instructors' version.
    """
    rows = []
    for notebook in template.notebooks:
        for cell in notebook.cells:
            if not cell.graded:
                continue
            key = template.key(notebook.name, cell.grade_id)
            earned = [row.checks[key] for row in results if key in row.checks]
            full = sum(points >= cell.points for points in earned)
            none = sum(points <= 0 < cell.points for points in earned)
            share = statistics.fmean(earned) / cell.points if earned and cell.points else 0.0
            rows.append(
                CheckRow(
                    key,
                    number(cell.points),
                    full,
                    len(earned) - full - none,
                    none,
                    len(results) - len(earned),
                    min(max(share, 0.0), 1.0),
                )
            )
    return rows


def _links(
    row: Result, template: Template, folder_of: Callable[[str], Path] | None
) -> list[tuple[str, str]]:
    if folder_of is None:
        return []
    folder = folder_of(row.student)
    files = [(notebook.name, folder / f"{notebook.name}.ipynb") for notebook in template.notebooks]
    return [(name, path.absolute().as_uri()) for name, path in files if path.is_file()]
