"""Second steps without kernels: what is tested with them is around them.

They can be pickled, so that worker processes and clusters can be given them.
"""

from __future__ import annotations

import copy
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from nbformat.v4 import new_output

from fairmark.cells import is_check
from fairmark.model import Execution, NotebookRun, Status


@dataclass
class Pretend:
    """Runs nothing; gives the points that it was told."""

    points: dict[str, float]
    status: Status = Status.GRADED
    reason: str = ""
    seconds: float = 0.0
    calls: list = field(default_factory=list)

    def __call__(self, notebooks, files, limits):
        self.calls.append(sorted(files))
        time.sleep(self.seconds)
        runs = [self.run(book) for book in notebooks]
        worst = Status.REVIEW if any(r.notebook is None for r in runs) else self.status
        return Execution(runs, worst, "; ".join(r.reason for r in runs), 0.1, 1.0)

    def run(self, book):
        if book.notebook is None:
            return NotebookRun(book.name, None, status=Status.REVIEW, reason=book.problem)
        return NotebookRun(
            book.name, book.notebook, dict(self.points), status=self.status, reason=self.reason
        )


def in_this_process(notebooks, files, limits):
    """Run the cells by `exec`: real marks in milliseconds, for code that we wrote ourselves."""
    runs = [run_by_exec(book) for book in notebooks]
    statuses = {run.status for run in runs}
    status = statuses.pop() if len(statuses) == 1 else Status.PARTLY
    reason = "; ".join(run.reason for run in runs if run.reason)
    return Execution(runs, status, reason, 0.01 * len(runs), 1.0)


def run_by_exec(book):
    if book.notebook is None:
        return NotebookRun(book.name, None, status=Status.REVIEW, reason=book.problem)
    run = NotebookRun(book.name, copy.deepcopy(book.notebook))
    names = {"__name__": "__main__"}
    for cell in run.notebook.cells:
        if cell.cell_type == "code":
            run_cell(cell, names, run)
    return run


def run_cell(cell, names, run):
    with ThreadPoolExecutor(1) as pool:
        error = (future := pool.submit(value_of, cell.source, names)).exception()
    if error is not None:
        cell.outputs = [
            new_output("error", ename=type(error).__name__, evalue=str(error), traceback=[])
        ]
    if not is_check(cell):
        return
    name, most = cell.metadata["nbgrader"]["grade_id"], cell.metadata["nbgrader"]["points"]
    if error is not None:
        run.points[name], run.failures[name] = 0.0, str(error)
        return
    value = future.result()
    run.points[name] = float(most) if value is None else min(float(value), float(most))


def value_of(source, names):
    """The last line's value where it is an expression, as in a notebook."""
    *head, last = source.rstrip().split("\n") if source.strip() else [""]
    try:
        code = compile(last, "last", "eval")
    except (SyntaxError, ValueError):
        exec(compile(source, "cell", "exec"), names)
        return None
    exec(compile("\n".join(head), "cell", "exec"), names)
    return eval(code, names)  # noqa: S307  (our own cells)


def dies_on_bob(notebooks, files, limits):
    """The whole worker goes, as when the system is out of memory."""
    if "bob.txt" in files:
        os._exit(1)
    return in_this_process(notebooks, files, limits)


def dies_once(notebooks, files, limits):
    """Bob's worker dies the first time; a file remembers it."""
    if "bob.txt" in files:
        try:
            os.close(os.open(files["bob.txt"].decode(), os.O_CREAT | os.O_EXCL))
            os._exit(1)
        except FileExistsError:
            pass
    return in_this_process(notebooks, files, limits)


def slow_after_ann(notebooks, files, limits):
    """Only the first one ends soon."""
    if "ann.txt" not in files:
        time.sleep(30)
    return in_this_process(notebooks, files, limits)


def fails_on_bob(notebooks, files, limits):
    """The grader itself fails, with a text that bob has written."""
    if "bob.txt" in files:
        raise RuntimeError(files["bob.txt"].decode())
    return in_this_process(notebooks, files, limits)


def warns_on_bob(notebooks, files, limits):
    """The second step has something to tell whoever looks after the grader."""
    if "bob.txt" in files:
        logging.getLogger("fairmark.execution").warning("bob wrote %s", files["bob.txt"].decode())
    return in_this_process(notebooks, files, limits)


def leaves_on_bob(notebooks, files, limits):
    """No error, but the wish to end Python."""
    if "bob.txt" in files:
        raise SystemExit(3)
    return in_this_process(notebooks, files, limits)
