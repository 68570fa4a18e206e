"""The second step: run the notebooks, return outputs, points and a status.

A pure function from notebooks, files and limits. It knows no database and no
course folder, so it can run in another process or on another machine.

This is the first form: a fresh kernel for each notebook, in a temporary folder
with an empty home. **It trusts the student's code.** That code runs as the
person who grades, with the network and the disk open to it, and it shares its
interpreter with the checks: the text of a hidden test is in the kernel from the
moment that its cell runs, and student's code can change what a check sees. Only
grade people whom you would let use your account. A sandboxed executor with two
processes will have the signature of `execute` and take its place.

A check earns its points when its cell ends without an error. What it writes to
stderr, a warning or a progress bar, costs nothing. A number as its last
expression is the mark itself, as in nbgrader.
"""

from __future__ import annotations

import copy
import math
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import nbformat
from jupyter_core.utils import run_sync
from nbformat import NotebookNode

from .kernel import Kernel, Outcome
from .messages import diagnosis, is_check
from .model import Execution, Limits, NotebookRun, PreparedNotebook, Status

_NUMBER = re.compile(r"^(?:np|numpy|torch)?\.?(?:float\d*|int\d*|tensor)\(([^(),]+).*\)$")


def execute(
    notebooks: Sequence[PreparedNotebook], files: Mapping[str, bytes], limits: Limits
) -> Execution:
    """Run the notebooks of one submission.

    Parameters
    ----------
    notebooks : sequence of PreparedNotebook
        As `prepare` returns them. They are not changed.
    files : mapping
        Path to content of the other files; each notebook gets fresh copies.
    limits : Limits
        Time, output and restarts.

    Returns
    -------
    Execution
        One run for each notebook, in the same order.
    """
    runs = [_run_one(book, {**files, **_siblings(book, notebooks)}, limits) for book in notebooks]
    status, reason = _overall(runs)
    seconds = sum(run.seconds for run in runs)
    return Execution(runs, status, reason, seconds, max((run.peak_mb for run in runs), default=0.0))


def _siblings(book: PreparedNotebook, notebooks: Sequence[PreparedNotebook]) -> dict[str, bytes]:
    """Return the other notebooks as files, without checks: one may use what another defines."""
    found = {}
    for other in notebooks:
        if other is not book and other.notebook is not None:
            copied = copy.deepcopy(other.notebook)
            copied.cells = [cell for cell in copied.cells if not is_check(cell)]
            found[f"{other.name}.ipynb"] = nbformat.writes(copied).encode()
    return found


def _run_one(book: PreparedNotebook, files: Mapping[str, bytes], limits: Limits) -> NotebookRun:
    if book.notebook is None:
        return NotebookRun(book.name, None, status=Status.REVIEW, reason=book.problem)
    run = NotebookRun(book.name, copy.deepcopy(book.notebook))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chainrule-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _write_files(folder / "work", files)
        run_sync(_Session(run, folder, limits).run)()
    run.seconds = time.monotonic() - begun
    return run


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, data in files.items():
        inner = PurePosixPath(name)
        if inner.is_absolute() or ".." in inner.parts:
            continue
        path = folder / inner
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _overall(runs: Sequence[NotebookRun]) -> tuple[Status, str]:
    """Join the notebooks' statuses: one that cannot be graded leaves the others their marks."""
    several = len(runs) > 1 and len({run.reason for run in runs}) > 1
    reasons = [_with_name(run) if several else run.reason for run in runs if run.reason]
    reason = "; ".join(dict.fromkeys(reasons))
    if all(run.status is Status.GRADED for run in runs):
        return Status.GRADED, reason
    if all(run.status is Status.REVIEW for run in runs):
        return Status.REVIEW, reason
    return Status.PARTLY, reason


def _with_name(run: NotebookRun) -> str:
    return run.reason if run.reason.startswith(run.name) else f"{run.name}: {run.reason}"


class _Session:
    """The run of one notebook: cell after cell, with new kernels where one is lost."""

    def __init__(self, run: NotebookRun, folder: Path, limits: Limits):
        self.result = run
        self.limits = limits
        self.kernel = Kernel(run.notebook, folder, limits.output_bytes)
        self.deadline = 0.0
        self.restarts = 0
        self.done: list[int] = []
        self.harmful: set[int] = set()
        self.troubles: list[str] = []

    async def run(self) -> None:
        """Run every code cell and settle the status."""
        cells = self.result.notebook.cells
        try:
            try:
                await self.kernel.start()
            except RuntimeError as error:
                self._give_up(f"the kernel did not start: {error}")
                return
            self.deadline = time.monotonic() + self.limits.notebook_seconds
            for index, cell in enumerate(cells):
                if cell.cell_type == "code" and not await self._step(index, cell):
                    break
        finally:
            await self.kernel.stop()
            self.result.peak_mb = self.kernel.peak_mb
        self._settle()

    async def _step(self, index: int, cell: NotebookNode) -> bool:
        """Run one cell; say whether the next one can be run."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            self._note_time()
            return False
        seconds = min(self.limits.cell_seconds, left)
        outcome = await self.kernel.run(cell, index, seconds)
        self._judge(index, cell, outcome, seconds)
        if outcome is not Outcome.LOST:
            self.done.append(index)
            return True
        self.harmful.add(index)
        return await self._recover()

    def _judge(self, index: int, cell: NotebookNode, outcome: Outcome, seconds: float) -> None:
        if outcome in (Outcome.TIMEOUT, Outcome.LOST):
            self._note_trouble(index, cell, outcome, seconds)
            return
        if not is_check(cell):
            return
        name = cell.metadata["nbgrader"]["grade_id"]
        most = float(cell.metadata["nbgrader"].get("points") or 0.0)
        if outcome is Outcome.ERROR:
            self.result.points[name] = 0.0
            self.result.failures[name] = diagnosis(cell, self.result.notebook.cells)
        else:
            points, remark = points_earned(cell, most)
            self.result.points[name] = points
            if remark:
                self.result.failures[name] = remark

    def _note_trouble(
        self, index: int, cell: NotebookNode, outcome: Outcome, seconds: float
    ) -> None:
        if outcome is Outcome.TIMEOUT:
            text = f"did not end within {seconds:.0f} s"
        elif self.kernel.answers_no_more:
            text = f"did not end within {seconds:.0f} s and could not be interrupted"
        else:
            text = "ended the Python process"
        self.troubles.append(f"{_title(index, cell)} {text}")
        if is_check(cell):
            self._undecided(cell, f"The check {text}.")

    def _undecided(self, cell: NotebookNode, why: str) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        self.result.points[name] = 0.0
        self.result.failures[name] = why
        self.result.undecided.append(name)

    async def _recover(self) -> bool:
        """Start a new kernel and run again what was run before, without the checks."""
        while self.restarts < self.limits.restarts:
            self.restarts += 1
            await self.kernel.stop()
            try:
                await self.kernel.start()
            except RuntimeError as error:
                self.troubles.append(f"the kernel did not start again: {error}")
                return False
            lost = await self._repeat()
            if lost is None:
                return True
            self.harmful.add(lost)
        self.troubles.append(f"the Python process ended {self.restarts + 1} times")
        return False

    async def _repeat(self) -> int | None:
        """Run the cells that were done; return the one at which the kernel was lost."""
        cells = self.result.notebook.cells
        for index in self.done:
            if index in self.harmful or is_check(cells[index]):
                continue
            left = self.deadline - time.monotonic()
            if left <= 0:
                return None
            again = copy.deepcopy(cells[index])
            seconds = min(self.limits.cell_seconds, left)
            if await self.kernel.run(again, index, seconds) is Outcome.LOST:
                return index
        return None

    def _note_time(self) -> None:
        self.troubles.append(f"the notebook took longer than {self.limits.notebook_seconds:.0f} s")

    def _give_up(self, why: str) -> None:
        self.result.status, self.result.reason = Status.REVIEW, why
        self.result.notebook = None

    def _settle(self) -> None:
        """Give the checks that were not reached their reason, and the run its status."""
        if self.result.notebook is None:
            return
        for cell in self.result.notebook.cells:
            if is_check(cell) and cell.metadata["nbgrader"]["grade_id"] not in self.result.points:
                self._undecided(cell, "The check was not reached.")
        if self.troubles:
            self.result.status = Status.PARTLY
            self.result.reason = "; ".join(dict.fromkeys(self.troubles))


def _title(index: int, cell: NotebookNode) -> str:
    name = (cell.metadata.get("nbgrader") or {}).get("grade_id")
    return name if name else f"cell {index + 1}"


def points_earned(cell: NotebookNode, most: float) -> tuple[float, str]:
    """Return the points of a check whose cell ended without an error.

    Parameters
    ----------
    cell : NotebookNode
        The executed check.
    most : float
        All its points.

    Returns
    -------
    points : float
        `most`, or the number that the cell ends with, between 0 and `most`.
    remark : str
        Why it is less than `most`; empty otherwise.
    """
    number = _last_number(cell)
    if number is None:
        return most, ""
    if math.isnan(number):
        return 0.0, "The check ended with a mark that is no number."
    points = min(max(number, 0.0), most)
    return points, "" if points >= most else f"Part of the points: {points:g} of {most:g}."


def _last_number(cell: NotebookNode) -> float | None:
    for output in reversed(cell.get("outputs", [])):
        if output.output_type == "execute_result":
            text = str(output.get("data", {}).get("text/plain", "")).strip()
            match = _NUMBER.match(text)
            try:
                return float(match[1] if match else text)
            except ValueError:
                return None
    return None
