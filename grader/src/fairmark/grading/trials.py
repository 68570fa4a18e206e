"""The runs of the reference that decide how each check is judged; see `calibration`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fairmark.execution.names_left import bound_in
from fairmark.judged import Judged
from fairmark.limits import Limits
from fairmark.model import (
    Execution,
    Executor,
    GradingError,
    NotebookRun,
    Prepared,
    Template,
    TemplateCell,
    TemplateNotebook,
)

from .judged_checks import Calibration, JudgedCheck
from .scene import scene_of
from .why_beside import free_names, why_not_apart

#: How a check says that a file is not there: in its own words, and in Python's.
_ABSENT = re.compile(
    r"There is no (?:file )?(?P<own>[\w-]+\.\w+)"
    r"|No such file or directory: ['\"](?P<python>[^'\"]+)['\"]"
)

#: How often the reference is run again for what is noticed of it.
_TRIES = 2


def decide(
    template: Template,
    reference: Prepared,
    untouched: Prepared | None,
    executor: Executor,
    limits: Limits,
    handed_in: str,
) -> Calibration:
    """Run the reference and the untouched release; return how each check is judged.

    Parameters
    ----------
    template : Template
        The instructors' version.
    reference : Prepared
        The solution, as if it had been handed in.
    untouched : Prepared or None
        The same of what students are given; None where there is nothing of the kind.
    executor : Executor
        Runs them.
    limits : Limits
        What a notebook may use.
    handed_in : str
        The folders where the reference's own results are looked for.

    Raises
    ------
    GradingError
        When they cannot be run on this machine.
    """
    trials = _Trials(template, reference, executor, limits, handed_in)
    checks = trials.decide()
    if untouched is not None:
        checks = _with_free(checks, trials, untouched)
    return Calibration(tuple(checks), usual=trials.usual)


@dataclass
class _Trials:
    """Runs of the reference, until each check has its way."""

    template: Template
    reference: Prepared
    executor: Executor
    limits: Limits
    #: Where the reference's own results are looked for, to read.
    handed_in: str
    #: Notebook to what is noticed of the reference.
    usual: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def decide(self) -> list[JudgedCheck]:
        """Return the outcome of every check."""
        first = self.run_of(self.reference, {})
        decided: list[JudgedCheck] = []
        for notebook, run in zip(self.template.notebooks, first.notebooks, strict=True):
            decided += self._decide_notebook(notebook, run)
        return decided

    def run_of(
        self, prepared: Prepared, judged: Mapping[str, Mapping[str, Judged]], only: str = ""
    ) -> Execution:
        """Run a submission; of its notebooks only one where it is named."""
        notebooks = [
            replace(
                notebook,
                judged=judged.get(notebook.name, {}),
                usual=frozenset(self.usual.get(notebook.name, ())),
            )
            for notebook in prepared.notebooks
            if only in ("", notebook.name)
        ]
        return self.executor(notebooks, prepared.files, self.limits)

    def _decide_notebook(self, notebook: TemplateNotebook, first: NotebookRun) -> list[JudgedCheck]:
        checks = [cell for cell in notebook.cells if cell.check]
        untried = self._all_untried(notebook, checks, first)
        goals = {c.grade_id: c.points for c in checks if c.grade_id not in untried}
        goals |= self._parts(notebook, checks, first, untried)
        failing = {name: _failure(name, first) for name in _short_of(goals, checks, first)}
        scenes = {
            name: why for name, why in self._scenes(notebook, goals).items() if name not in failing
        }
        beside, still = self._beside(notebook, checks, failing, scenes, goals)
        found = []
        for check in checks:
            name, way, why = check.grade_id, Judged.APART, ""
            if name in still:
                way, why = Judged.UNDECIDED, still[name]
            elif name in beside:
                way = Judged.BESIDE
                why = scenes.get(name) or why_not_apart(
                    check, failing.get(name, ""), first, checks, beside
                )
            earned = goals.get(name, check.points)
            found.append(
                JudgedCheck(
                    notebook.name, name, check.points, way, why, untried.get(name, ""), earned
                )
            )
        return found

    def _scenes(self, notebook: TemplateNotebook, goals: Mapping[str, float]) -> dict[str, str]:
        """Return the checks that set up something for the code that they call, and what."""
        texts = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        return {
            cell.grade_id: f"{', and '.join(found)} for the code that it calls"
            for cell in notebook.cells
            if cell.grade_id in goals and (found := scene_of(cell.source, texts))
        }

    def _parts(
        self,
        notebook: TemplateNotebook,
        checks: Sequence[TemplateCell],
        first: NotebookRun,
        untried: Mapping[str, str],
    ) -> dict[str, float]:
        """Return the checks that give the reference the same part of their points both ways.

        A check may do so on purpose, and stock nbgrader has always given it that.
        """
        parts = {
            c.grade_id: points
            for c in checks
            if c.grade_id not in untried and 0 < (points := first.points[c.grade_id]) < c.points
        }
        if not parts:
            return {}
        stock = self._run_beside(notebook, {c.grade_id for c in checks})
        return {name: points for name, points in parts.items() if stock.points[name] == points}

    def _beside(
        self,
        notebook: TemplateNotebook,
        checks: Sequence[TemplateCell],
        failing: Collection[str],
        scenes: Collection[str],
        goals: Mapping[str, float],
    ) -> tuple[set[str], dict[str, str]]:
        """Find the checks that are to be judged beside, and those that fail there too.

        Those that set up something for the code that they call stay apart where they do not
        pass beside.
        """
        wanted = {*failing, *scenes}
        beside = with_dependents(checks, wanted)
        names = [c.grade_id for c in checks]
        wrong: dict[str, str] = {}
        while beside:
            run = self._run_beside(notebook, beside)
            wrong = {name: _failure(name, run) for name in _short_of(goals, checks, run)}
            if not wrong:
                break
            if spared := wanted & set(scenes) & set(wrong):
                wanted -= spared
                beside, wrong = with_dependents(checks, wanted), {}
                continue
            # They may need what the checks above them leave: all of these beside, too.
            last = max(names.index(name) for name in wrong)
            more = with_dependents(checks, beside | set(names[: last + 1]))
            if more == beside:
                break
            beside = more
        return beside - set(wrong), wrong

    def _run_beside(self, notebook: TemplateNotebook, beside: set[str]) -> NotebookRun:
        """Run one notebook of the reference with some of its checks judged beside.

        What is noticed of the instructors' own solution holds nothing back, neither here
        nor in a submission.
        """
        judged = {notebook.name: dict.fromkeys(beside, Judged.BESIDE)}
        run = self.run_of(self.reference, judged, only=notebook.name).notebooks[0]
        for _ in range(_TRIES):
            known = self.usual.get(notebook.name, ())
            fresh = tuple(text for text in run.noticed if text not in known)
            if not fresh:
                break
            self.usual[notebook.name] = (*known, *fresh)
            run = self.run_of(self.reference, judged, only=notebook.name).notebooks[0]
        return run

    def _all_untried(
        self, notebook: TemplateNotebook, checks: Sequence[TemplateCell], first: NotebookRun
    ) -> dict[str, str]:
        """Return the checks for which the reference lacks something, and what.

        A file may be lacking because it lies in another process: what is there beside is tried.
        """
        untried = {c.grade_id: why for c in checks if (why := self._untried(c, first))}
        if not untried:
            return {}
        beside = self._run_beside(notebook, with_dependents(checks, set(untried)))
        goals = {c.grade_id: c.points for c in checks if c.grade_id in untried}
        return {name: untried[name] for name in _short_of(goals, checks, beside)}

    def _untried(self, cell: TemplateCell, run: NotebookRun) -> str:
        """Say what the reference lacks for a check; empty where it lacks nothing."""
        if run.notebook is None:
            raise GradingError(f"The reference of {run.name} cannot be run: {run.reason}.")
        why = run.failures.get(cell.grade_id, "")
        absent = absent_file(why, self.reference.files)
        if absent:
            return f"it needs {absent}, which is not in {self.handed_in}"
        if cell.grade_id in run.undecided and why and _of_the_machine(run, why):
            return why.splitlines()[0]
        return ""


def _of_the_machine(run: NotebookRun, why: str) -> bool:
    return f"a check cannot be made on this machine: {why.splitlines()[0]}" in run.reason


def with_dependents(checks: Sequence[TemplateCell], beside: set[str]) -> set[str]:
    """Add the checks that read what others of the set define.

    What a check judged beside defines lies in the student's process, where it could be
    exchanged, so that whoever reads it is judged there too, and guarded.

    Parameters
    ----------
    checks : sequence of TemplateCell
        Of one notebook, in their order.
    beside : set of str
        Grade ids.
    """
    found, bound = set(beside), set[str]()
    for check in checks:
        if bound & free_names(check.source):
            found.add(check.grade_id)
        if check.grade_id in found:
            bound |= bound_in(check.source)
    return found


def _short_of(
    goals: Mapping[str, float], checks: Sequence[TemplateCell], run: NotebookRun
) -> list[str]:
    """Return the checks with which a run of the reference earns less than it should."""
    return [
        c.grade_id
        for c in checks
        if c.grade_id in goals
        and (c.grade_id in run.undecided or run.points.get(c.grade_id, -1.0) < goals[c.grade_id])
    ]


def _failure(name: str, run: NotebookRun) -> str:
    """Return what a check says that fails."""
    hindered = run.hindrances.get(name)
    said = hindered[-1] if hindered else run.failures.get(name, "").strip()
    return said or run.reason or "it was not decided"


def absent_file(why: str, files: Iterable[str]) -> str:
    """Return the file that a check says it lacks; empty where it lacks none, or was given it.

    Parameters
    ----------
    why : str
        What the check says.
    files : iterable of str
        Those that were handed in.
    """
    match = _ABSENT.search(why)
    name = (match["own"] or match["python"]) if match else ""
    return "" if Path(name).name in {Path(file).name for file in files} else name


def _with_free(
    checks: list[JudgedCheck], trials: _Trials, untouched: Prepared
) -> list[JudgedCheck]:
    """Add what the untouched release earns with each check."""
    judged: dict[str, dict[str, Judged]] = {}
    for check in checks:
        if check.judged is not Judged.APART:
            judged.setdefault(check.notebook, {})[check.grade_id] = check.judged
    runs = {run.name: run for run in trials.run_of(untouched, judged).notebooks}
    return [replace(c, free=runs[c.notebook].points.get(c.grade_id, 0.0)) for c in checks]
