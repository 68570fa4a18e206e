"""nbgrader's own commands, and formgrader's buttons, as safe as those of fairmark.

`SafeExecute` takes the place of nbgrader's preprocessor ``Execute``. What it leaves in
the notebook is made so that nbgrader, which reads the marks from the outputs, finds
exactly the points that the checks' own process gave. `SafeFeedback` takes the place of
the exporter that shows a graded notebook with its hidden tests.

In a course folder's ``nbgrader_config.py``::

    from fairmark.nbgrader_plugin import configure_feedback, configure_grading

    configure_grading(c)
    configure_feedback(c)
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.preprocessors import Execute, NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Enum, Integer, default
from traitlets.config import Config

from fairmark.cells import grade_id_of, is_check, marking, own_metadata, set_own_metadata
from fairmark.folder import CourseFolder
from fairmark.grading.calibration import judging_of
from fairmark.grading.gradebook import open_gradebook
from fairmark.grading.prepare import submission_folder
from fairmark.grading.reading import Unreadable, file_bytes, read_notebook
from fairmark.grading.template import load_template
from fairmark.judged import Judge
from fairmark.limits import Allowance, Limits
from fairmark.messages import plain
from fairmark.model import (
    Execution,
    Executor,
    GradingError,
    NotebookRun,
    PreparedNotebook,
    Template,
)
from fairmark.reports.feedback import feedback_page

#: The name of an error that no code has raised.
NO_POINTS = "NoPoints"
_HOW = (
    "With plain nbgrader the option is --SafeExecute.no_sandbox=True, or "
    "c.SafeExecute.no_sandbox = True in nbgrader_config.py."
)


_FEEDBACK_NOTICE = """\
`nbgrader generate_feedback` and formgrader's button "Generate Feedback" would show students \
hidden tests and marking schemes, and write over fairmark's pages. For safe pages from these \
too, add to nbgrader_config.py:

    from fairmark.nbgrader_plugin import configure_feedback

    configure_feedback(c)
"""

#: Where the undecided checks stand in nbconvert's resources.
_UNDECIDED = "fairmark_undecided"


def configure_grading(config: Config) -> None:
    """Let plain ``nbgrader autograde`` run students' code in the sandbox.

    Parameters
    ----------
    config : Config
        nbgrader's, as ``nbgrader_config.py`` gets it; changed.
    """
    steps = list(Autograde.autograde_preprocessors.default_args[0])
    steps[steps.index(Execute)] = SafeExecute
    steps.insert(steps.index(SaveAutoGrades) + 1, MarkForReview)
    config.Autograde.autograde_preprocessors = steps


def configure_feedback(config: Config) -> None:
    """Let nbgrader and formgrader write the feedback pages that `fairmark feedback` writes.

    Parameters
    ----------
    config : Config
        nbgrader's, as ``nbgrader_config.py`` gets it; changed.
    """
    config.GenerateFeedback.exporter_class = SafeFeedback


def feedback_notice(course: CourseFolder) -> str:
    """Say what nbgrader's own feedback would show in a course that is not configured.

    Parameters
    ----------
    course : CourseFolder
        With its configuration.

    Returns
    -------
    str
        With the lines for ``nbgrader_config.py``; empty where `configure_feedback` was called.
    """
    stock = GenerateFeedback(coursedir=course.coursedir, parent=course.app)
    return "" if issubclass(stock.exporter_class, SafeFeedback) else _FEEDBACK_NOTICE


class SafeFeedback(Exporter):
    """Write fairmark's page where nbgrader would show a graded notebook as it is."""

    _known: Template | None = None

    @default("file_extension")
    def _pages_are_html(self) -> str:
        return ".html"

    def from_filename(  # type: ignore[override]  # as nbconvert's HTMLExporter, it gives text
        self, filename: str, resources: dict[str, Any] | None = None, **options: object
    ) -> tuple[str, dict[str, Any]]:
        """Make the page of a graded notebook.

        Parameters
        ----------
        filename : str
            Of the notebook in ``autograded/``.
        resources : dict
            nbconvert's; names student, assignment and notebook.
        **options : object
            Not used.

        Raises
        ------
        GradingError
            When the gradebook holds no marks of the notebook.
        """
        of = (resources or {})["nbgrader"]
        course = CourseFolder.of_converter(self.parent)
        template = self._template(course, of["assignment"])
        with open_gradebook(course.db_url, course.coursedir.course_id) as gradebook:
            page = feedback_page(course, gradebook, template, of["student"], of["notebook"])
        if not page:
            raise GradingError(f"There are no marks of {filename} in the gradebook.")
        return page, {**(resources or {}), "output_extension": self.file_extension}

    def _template(self, course: CourseFolder, assignment: str) -> Template:
        """Read the instructors' version once for all students."""
        if self._known is None or self._known.assignment != assignment:
            self._known, _ = load_template(course, assignment, synchronise=False)
        return self._known


# nbgrader carries no types.
class SafeExecute(Execute):  # type: ignore[misc]
    """Run a student's notebook in the sandbox, its checks in a process of their own.

    ``Execute.timeout`` is the time of one cell. nbgrader's other settings of ``Execute``
    concern a kernel; there is none here.
    """

    no_sandbox = Bool(
        False,
        help=(
            "Run the students' code without a sandbox. It can then read and change "
            "whatever you can."
        ),
    ).tag(config=True)
    judge = Enum(
        [str(way) for way in Judge],
        default_value=str(Judge.AUTO),
        help=(
            "Where checks run: apart in a process of their own, beside the student's code, or "
            "as the reference solution decides."
        ),
    ).tag(config=True)
    anyway = Bool(
        False,
        help="Grade also where the reference solution fails checks; these stay undecided.",
    ).tag(config=True)
    memory_mb = Integer(
        Allowance.memory_mb,
        help="Memory that a notebook may take beyond what Python and the libraries begin with.",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: object = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run a notebook.

        Parameters
        ----------
        nb : NotebookNode
            As nbgrader has sanitised it, hidden tests included.
        resources : dict
            nbconvert's; names the notebook and its folder.
        km : object, optional
            Not used: there is no kernel.

        Raises
        ------
        SystemExit
            When this machine cannot make the sandbox, and says what it needs; when the
            reference solution fails checks, and says which.
        """
        name = resources["nbgrader"]["notebook"]
        folder = Path(resources["metadata"]["path"])
        try:
            executor = _executor(self.no_sandbox, self.memory_mb)
        except GradingError as error:
            _take_back(folder, name)
            raise SystemExit(f"{error} {_HOW}") from error
        try:
            judging = self._judging_of(name, resources["nbgrader"]["assignment"])
        except GradingError as error:
            _take_back(folder, name)
            raise SystemExit(str(error)) from error
        self._set_times(nb, name, resources["nbgrader"]["assignment"])
        files = {**self._files(folder), **self._siblings(name)}
        done: Execution = executor(
            [replace(judging, name=name, notebook=nb)], files, self._limits()
        )
        (run,) = done.notebooks
        if run.reason:
            self.log.warning("%s: %s", name, run.reason)
        show_points(run)
        resources[_UNDECIDED] = list(run.undecided)
        notebook = _notebook_of(run)
        notebook.metadata.setdefault("language_info", {"name": "python"})
        return notebook, resources

    def _judging_of(self, name: str, assignment: str) -> PreparedNotebook:
        """Return an empty notebook that says how its checks are judged, as `grade` does."""
        course = CourseFolder.of_converter(self._converter())
        # formgrader's process goes on while the instructor writes in source/.
        written = [p.stat().st_mtime_ns for p in course.path("source", ".", assignment).glob("*")]
        place = (str(course.root), assignment, self.judge, self.anyway, tuple(written))
        if place not in _judging:
            template, _ = load_template(course, assignment, synchronise=False)
            found = judging_of(
                course, template, Judge(self.judge), anyway=self.anyway, limits=self._limits()
            )
            for sentence in found.sentences():
                self.log.warning("Judging: %s", sentence)
            _judging[place] = found.applied_to(template)
        known = {notebook.name: notebook for notebook in _judging[place].notebooks}
        if name not in known:
            return PreparedNotebook(name, None)
        return PreparedNotebook(
            name, None, judged=known[name].judged, usual=frozenset(known[name].usual)
        )

    def _limits(self) -> Limits:
        usual = Limits()
        if self.timeout_func is not None:
            self.log.warning(
                "Execute.timeout_func is not used here: a check cell's own time stands in "
                'its metadata, {"fairmark": {"seconds": 90}}.'
            )
        without = self.timeout is None or self.timeout < 0
        seconds = usual.notebook_seconds if without else float(self.timeout)
        return Limits(seconds, max(usual.notebook_seconds, seconds), usual.output_bytes)

    def _set_times(self, nb: NotebookNode, name: str, assignment: str) -> None:
        """Give each check the time that it has in ``source/``, whatever the student wrote there."""
        coursedir = self._converter().coursedir
        folder = coursedir.format_path(coursedir.source_directory, ".", assignment)
        source = Path(folder, f"{name}.ipynb")
        own = {}
        if source.is_file():
            for cell in nbformat.read(source, as_version=4).cells:
                own[grade_id_of(cell)] = own_metadata(cell)
        for cell in filter(is_check, nb.cells):
            set_own_metadata(cell, own.get(grade_id_of(cell), {}))

    def _files(self, folder: Path) -> dict[str, bytes]:
        """Read the submission's other files, those of the instructors in their place."""
        coursedir = self._converter().coursedir
        found = submission_folder(folder, coursedir.ignore, coursedir.max_file_size)
        files = found.other_files()
        for text in found.repairs:
            self.log.warning(text)
        return files

    def _siblings(self, name: str) -> dict[str, bytes]:
        """Read the other notebooks as handed in: they hold no hidden tests."""
        from fairmark.execution.session import open_part

        converter = self._converter()
        siblings = {}
        for place in map(Path, converter.notebooks):
            if place.stem == name:
                continue
            try:
                data = file_bytes(place, converter.coursedir.max_file_size * 1000)
                siblings[place.name] = open_part(read_notebook(data, place.name)[0])
            except Unreadable as error:
                self.log.warning("%s cannot use %s: %s", name, place.name, error)
        return siblings

    def _converter(self) -> Autograde:
        holder = self.parent
        while not isinstance(holder, Autograde):
            holder = holder.parent
        return holder


# nbgrader carries no types.
class MarkForReview(NbGraderPreprocessor):  # type: ignore[misc]
    """Let checks that could not be decided wait for a person; stands after SaveAutoGrades.

    nbgrader takes the marks from the outputs, in which an undecided check has no points.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Mark the undecided checks of a notebook in the gradebook.

        Parameters
        ----------
        nb : NotebookNode
            As `SafeExecute` left it.
        resources : dict
            nbconvert's, with what `SafeExecute` put there.
        """
        undecided = resources.get(_UNDECIDED)
        if undecided:
            of = resources["nbgrader"]
            with Gradebook(of["db_url"]) as gradebook:
                for name in undecided:
                    place = (name, of["notebook"], of["assignment"], of["student"])
                    gradebook.find_grade(*place).needs_manual_grade = True
                gradebook.db.commit()
        return nb, resources


#: What has been found out in this process: one call of nbgrader's grades a whole class.
_judging: dict[tuple[str, str, str, bool, tuple[int, ...]], Template] = {}


@cache
def _executor(no_sandbox: bool, memory_mb: int) -> Executor:
    """Make the executor, which tries the sandbox, once in a process."""
    from fairmark.execution import default_executor

    executor: Executor = default_executor(no_sandbox=no_sandbox, memory_mb=memory_mb)
    return executor


def _take_back(folder: Path, name: str) -> None:
    """Remove a notebook that was not graded: nbgrader would take it for graded next time."""
    (folder / f"{name}.ipynb").unlink(missing_ok=True)
    if not any(folder.glob("*.ipynb")):
        utils.rmtree(str(folder))


def show_points(run: NotebookRun) -> None:
    """Arrange the outputs of the checks so that nbgrader reads their points from them.

    nbgrader takes a check's outputs in order. The first that is an error or a text on
    stderr gives nothing; a first result gives its number; without either the check earns
    all. So what was written to stderr becomes ordinary text, and a check that was not
    decided, or has no points without having raised anything, gets an error that says why.

    Parameters
    ----------
    run : NotebookRun
        With its notebook, which is changed.
    """
    for cell in _notebook_of(run).cells:
        name = grade_id_of(cell)
        if name is None or not is_check(cell):
            continue
        why = run.failures.get(name, "")
        for output in cell.outputs:
            if output.output_type == "stream":
                output.name = "stdout"
        if name in run.undecided:
            _refuse(cell, why)
        elif _as_nbgrader_reads(cell) != run.points[name]:
            _give(cell, run.points[name], why)


def _notebook_of(run: NotebookRun) -> NotebookNode:
    """Return the notebook of a run: one that could be read comes back, whatever it did."""
    if run.notebook is None:
        raise ValueError(f"{run.name} was not executed: {run.reason}")
    return run.notebook


def _give(cell: NotebookNode, points: float, why: str) -> None:
    """Show the points where nbgrader would read others."""
    if points == 0:
        _refuse(cell, why)
        return
    cell.outputs = [_without_error(_without_result(output)) for output in cell.outputs]
    if points < marking(cell).points:
        text = {"text/plain": repr(points)}
        cell.outputs.append(new_output("execute_result", text, execution_count=None))


def _refuse(cell: NotebookNode, why: str) -> None:
    """Let the outputs end with an error that says why there are no points."""
    cell.outputs = [_without_result(output) for output in cell.outputs]
    text = why or "The check earned no points."
    lines = [f"{NO_POINTS}: {text}"]
    cell.outputs.append(new_output("error", ename=NO_POINTS, evalue=text, traceback=lines))


def _as_nbgrader_reads(cell: NotebookNode) -> float:
    """Return nbgrader's mark of a cell; no number where it refuses the outputs."""
    try:
        return float(utils.determine_grade(cell)[0])
    except (ValueError, KeyError):  # a result above the points, a result without a text
        return math.nan


def _without_result(output: NotebookNode) -> NotebookNode:
    if output.output_type == "execute_result":
        output = new_output("display_data", dict(output.data))
    return output


def _without_error(output: NotebookNode) -> NotebookNode:
    if output.output_type == "error":
        text = plain("\n".join(output.traceback)) or f"{output.ename}: {output.evalue}"
        output = new_output("stream", name="stdout", text=f"{text}\n")
    return output
