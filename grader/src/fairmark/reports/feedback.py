"""The pages that students get back: their work, the points, what each check says.

A page holds no hidden test, no marking scheme, no script, and nothing that is
loaded from elsewhere. It also forbids scripts and requests to the browser, so
that a mistake here would still do nothing.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from markupsafe import Markup
from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from fairmark.cells import CLOSED_REGIONS, delimiters, grade_id_of
from fairmark.folder import CourseFolder
from fairmark.grading.gradebook import open_gradebook
from fairmark.grading.prepare import submission_folder
from fairmark.grading.record import METADATA
from fairmark.grading.template import load_template
from fairmark.messages import diagnosis
from fairmark.model import GradingError, Status, Template, TemplateCell, TemplateNotebook
from fairmark.private_folder import write_whole
from fairmark.program import called

from .safe_html import markdown, output, texts
from .table import number

#: A line of a hidden test shorter than this proves nothing when it is found.
_SHORTEST_SECRET = 10
_REMOVED = "This output is not shown: it holds text of the tests."

_SIGNS = {"earned": "✓", "part": "◐", "not earned": "✗", "waits": "…", "not decided": "!"}


@dataclass
class Row:
    """One line of the summary: a check, or an answer that a person marks.

    Attributes
    ----------
    name : str
        The grade id.
    state : str
        ``earned``, ``part``, ``not earned``, ``waits`` or ``not decided``.
    points : str
        Such as ``3 / 4``.
    message : str
        What the check says, or the person.
    comment : str
        Of a person.
    """

    name: str
    state: str
    points: str
    message: str = ""
    comment: str = ""

    @property
    def sign(self) -> str:
        """A sign beside the colour."""
        return _SIGNS[self.state]


@dataclass
class Page:
    """What the template of the page needs.

    Attributes
    ----------
    assignment, notebook, student : str
        What the page is about.
    status, reason : str
        How grading ended, of this notebook.
    score, max_score, by_hand : str
        Points; `by_hand` is empty when nothing waits for a person.
    rows : list of Row
        The summary.
    repairs : list of str
        What was put right.
    cells : list of dict
        The work.
    penalty : str
        For handing in late; usually empty.
    """

    assignment: str
    notebook: str
    student: str
    status: str = str(Status.GRADED)
    reason: str = ""
    score: str = ""
    max_score: str = ""
    by_hand: str = ""
    rows: list[Row] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    penalty: str = ""


def write_feedback(
    course: CourseFolder, assignment: str, students: Sequence[str] = ()
) -> list[Path]:
    """Write the pages of an assignment into ``feedback/<student>/<assignment>/``.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.
    students : sequence of str, optional
        Only these.

    Returns
    -------
    list of Path
        The pages.

    Raises
    ------
    GradingError
        When nothing was graded yet, or not the students that were asked for.
    """
    graded = course.graded_students(assignment)
    missing = sorted(set(students) - set(graded))
    if missing or not graded:
        who = f" of {', '.join(missing)}" if missing else ""
        raise GradingError(
            f"No graded work{who} for {assignment}; run `{called('grade ' + assignment)}` first."
        )
    template, _ = load_template(course, assignment, synchronise=False)
    chosen = [name for name in graded if not students or name in set(students)]
    with open_gradebook(course.db_url, course.coursedir.course_id) as gradebook:
        pages = []
        for student in chosen:
            pages += _write_student(course, gradebook, template, student)
    return pages


def feedback_page(
    course: CourseFolder, gradebook: Gradebook, template: Template, student: str, notebook: str
) -> str:
    """Make the page of one notebook.

    Parameters
    ----------
    course : CourseFolder
        The course.
    gradebook : Gradebook
        With the marks.
    template : Template
        The instructors' version of the assignment.
    student, notebook : str
        Whose, and of which notebook.

    Returns
    -------
    str
        HTML; empty when the notebook was not graded.
    """
    place = course.path("autograded", student, template.assignment)
    expected = next((one for one in template.notebooks if one.name == notebook), None)
    if expected is None:
        return ""
    folder = submission_folder(place, course.coursedir.ignore, course.coursedir.max_file_size)
    page = _page(gradebook, template, expected, student, place, folder.other_files())
    return "" if page is None else render(page)


def _write_student(
    course: CourseFolder, gradebook: Gradebook, template: Template, student: str
) -> list[Path]:
    target = course.path("feedback", student, template.assignment)
    pages = []
    for notebook in template.notebooks:
        page = feedback_page(course, gradebook, template, student, notebook.name)
        if page:
            target.mkdir(parents=True, exist_ok=True)
            path = target / f"{notebook.name}.html"
            write_whole(path, page)
            pages.append(path)
    return pages


def _page(
    gradebook: Gradebook,
    template: Template,
    expected: TemplateNotebook,
    student: str,
    place: Path,
    files: Mapping[str, bytes],
) -> Page | None:
    try:
        notebook = nbformat.read(place / f"{expected.name}.ipynb", as_version=4)
        row = gradebook.find_submission_notebook(expected.name, template.assignment, student)
    except (OSError, ValueError, nbformat.ValidationError, MissingEntry):
        return None
    info = notebook.metadata.get(METADATA, {})
    page = Page(template.assignment, expected.name, student)
    page.status = str(info.get("status", page.status))
    page.reason = str(info.get("reason", ""))
    page.repairs = [str(text) for text in info.get("repairs", [])]
    grades = {grade.name: grade for grade in row.grades}
    comments = {comment.name: comment for comment in row.comments}
    guard = secrets_of(template)
    for cell in expected.cells:
        if cell.graded and cell.grade_id in grades:
            comment = comments.get(cell.grade_id)
            page.rows.append(_row(cell, grades[cell.grade_id], comment, notebook, info, guard))
    penalty = row.late_submission_penalty or 0.0
    waiting = sum(grade.max_score for grade in row.grades if _waits(grade))
    page.score = number(max(0.0, row.score - penalty))
    page.max_score = number(row.max_score)
    page.by_hand = number(waiting) if waiting else ""
    page.penalty = number(penalty) if penalty else ""
    if not row.needs_manual_grade:
        # A person has settled what the machine could not.
        page.status, page.reason = str(Status.GRADED), ""
    if info.get("status") != str(Status.REVIEW):
        page.cells = _work(notebook, expected, page.rows, comments, files, guard)
    return page


def _waits(grade: Grade) -> bool:
    return grade.auto_score is None and grade.manual_score is None


def _row(
    cell: TemplateCell,
    grade: Grade,
    comment: Comment | None,
    notebook: NotebookNode,
    info: Mapping[str, Any],
    guard: Guard,
) -> Row:
    points = f"{number(grade.score)} / {number(grade.max_score)}"
    row = Row(cell.grade_id, "", points, comment=_comment(comment))
    if _waits(grade):
        review = info.get("status") == str(Status.REVIEW)
        row.state, row.points = "waits", f"- / {number(grade.max_score)}"
        row.message = "Not graded yet." if review else "A person will read this."
        return row
    if grade.manual_score is None:
        row.message = guard.hide(_message(cell, notebook, info))
    if grade.manual_score is None and cell.grade_id in info.get("undecided", []):
        row.state = "not decided"
    elif grade.score >= grade.max_score:
        row.state, row.message = "earned", ""
    else:
        row.state = "part" if grade.score > 0 else "not earned"
    return row


def _comment(comment: Comment | None) -> str:
    if comment is None:
        return ""
    return comment.manual_comment or comment.auto_comment or ""


def _message(cell: TemplateCell, notebook: NotebookNode, info: Mapping[str, Any]) -> str:
    failures = info.get("failures", {})
    if cell.grade_id in failures:
        return str(failures[cell.grade_id])
    mine = next((c for c in notebook.cells if grade_id_of(c) == cell.grade_id), None)
    return diagnosis(mine, notebook.cells) if mine is not None and cell.check else ""


@dataclass(frozen=True)
class Guard:
    """Finds text of hidden tests and marking schemes where it must not be.

    Attributes
    ----------
    secrets : frozenset of str
        The lines that students were not given.
    """

    secrets: frozenset[str]

    def finds(self, text: str) -> bool:
        """Say whether a text holds one of the lines, also when it was quoted."""
        return any(secret in text for secret in self.secrets)

    def hide(self, text: str) -> str:
        """Return the text, or a remark in its place."""
        return _REMOVED if self.finds(text) else text


def secrets_of(template: Template) -> Guard:
    """Collect what the instructors' version says and the released one does not.

    Parameters
    ----------
    template : Template
        The instructors' version.
    """
    public = {
        line.strip()
        for notebook in template.notebooks
        for cell in notebook.cells
        for line in cell.released.splitlines()
    }
    found = set(delimiters(CLOSED_REGIONS))
    for notebook in template.notebooks:
        for cell in notebook.cells:
            lines = {line.strip() for line in cell.source.splitlines()} - public
            found |= {line for line in lines if len(line) >= _SHORTEST_SECRET}
    quoted = {form for line in found for form in _forms(line)}
    return Guard(frozenset(quoted))


def _forms(line: str) -> Iterable[str]:
    """Yield a line as it looks when printed, in a list, in JSON and in HTML."""
    yield line
    yield repr(line)[1:-1]
    yield line.replace("\\", "\\\\").replace("'", "\\'")
    yield json.dumps(line)[1:-1]
    yield html.escape(line)


def _work(
    notebook: NotebookNode,
    expected: TemplateNotebook,
    rows: Sequence[Row],
    comments: Mapping[str, Comment],
    files: Mapping[str, bytes],
    guard: Guard,
) -> list[dict[str, Any]]:
    known, summary = expected.by_id(), {row.name: row for row in rows}
    shown = []
    for cell in notebook.cells:
        grade_id = grade_id_of(cell) or ""
        template = known.get(grade_id)
        view = {"id": grade_id, "row": summary.get(grade_id), "comment": ""}
        if view["row"] is None and template is not None:
            view["comment"] = _comment(comments.get(grade_id))
        source = template.released if template is not None and template.locked else cell.source
        if cell.cell_type == "code":
            view.update(_code(cell, source, template, files, guard, notebook))
        else:
            view.update(kind="text", body=_markdown(cell, source, files))
        shown.append(view)
    return shown


def _markdown(cell: NotebookNode, source: str, files: Mapping[str, bytes]) -> Markup:
    if cell.cell_type == "raw":
        return Markup("<pre>{}</pre>").format(source)
    return Markup(markdown(source, cell.get("attachments"), files))


def _code(
    cell: NotebookNode,
    source: str,
    template: TemplateCell | None,
    files: Mapping[str, bytes],
    guard: Guard,
    notebook: NotebookNode,
) -> dict[str, Any]:
    check = template is not None and template.check
    outputs = []
    for out in cell.get("outputs", []):
        if check and out.output_type == "execute_result":
            continue  # the mark itself, which stands above
        if out.output_type == "error":
            # The summary tells why a check failed; a traceback would show its text.
            message = "" if check else guard.hide(diagnosis(cell, notebook.cells))
            shown = Markup('<pre class="error">{}</pre>').format(message) if message else ""
        elif guard.finds(texts(out)):
            shown = Markup("<p><em>{}</em></p>").format(_REMOVED)
        else:
            shown = Markup(output(out, files))
        if shown:
            outputs.append(shown)
    body = Markup(highlight(source, PythonLexer(), HtmlFormatter(cssclass="hl")))
    return {"kind": "check" if check else "code", "body": body, "outputs": outputs}


def render(page: Page) -> str:
    """Make the HTML of a page.

    Parameters
    ----------
    page : Page
        What to show.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    template = environment.get_template("feedback_page.html.j2")
    return template.render(page=page, light=_style("default"), dark=_style("github-dark"))


def _style(name: str) -> Markup:
    return Markup(HtmlFormatter(style=name, cssclass="hl").get_style_defs(".hl"))
