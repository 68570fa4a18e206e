"""Grade the same submissions with stock nbgrader and with chainrule grade.

Both run on copies of the same class, in turn, in one run of this script: only the ratio
means anything. The speed of a machine may drift by half within minutes, so stock is
measured before and after each run of ours. Each is the command that an instructor types,
from its start to its end. Stock nbgrader gets fewer submissions: its time for each does
not depend on their number, but for the start of the command, which is measured apart (a
run without any submission left to grade) and not counted. Ours is counted with its start.

    python benchmarks/grading.py [--assignment light] [--students 300] [--stock 4] [--rounds 2]
    python benchmarks/grading.py --start
    python benchmarks/grading.py --where-the-time-goes
    python benchmarks/grading.py --memory 1000
    python benchmarks/grading.py --again 1000
    python benchmarks/grading.py --calls
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import mean

import nbformat
import psutil
from fairmark.execution.session import Session
from fairmark.model import PreparedNotebook

ROOT = Path(__file__).resolve().parents[1]
CHAINRULE = str(Path(sys.executable).parent / "chainrule")
_REGION = re.compile(
    r"^.*### BEGIN HIDDEN TESTS\n(?:.*\n)*?.*### END HIDDEN TESTS.*\n?", re.MULTILINE
)
_MARKS = re.compile(r"^.*### (?:BEGIN|END) SOLUTION.*\n?", re.MULTILINE)


#: Assignments that this script makes: twenty light cells with NumPy, or with torch.
LIGHT = ("light", "light-torch")


def make_class(folder: Path, assignment: str, students: int) -> None:
    """Make a course folder in which every student hands in the reference solution."""
    source = folder / "source" / assignment
    if assignment in LIGHT:
        source.mkdir(parents=True)
        nbformat.write(light_notebook(assignment == "light-torch"), source / "light.ipynb")
    else:
        shutil.copytree(ROOT / "source" / assignment, source)
        shutil.copytree(ROOT / "release" / assignment, folder / "release" / assignment)
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'timing'\n"
    )
    files = sorted((ROOT / "tests" / "answers" / assignment / "files").glob("*"))
    for number in range(students):
        handed = folder / "submitted" / f"student{number:03}" / assignment
        handed.mkdir(parents=True)
        for path in files:
            shutil.copy(path, handed)
        for path in source.glob("*.ipynb"):
            book = json.loads(path.read_text())
            for cell in book["cells"]:
                text = "".join(cell["source"])
                cell["source"] = _MARKS.sub("", _REGION.sub("", text))
            (handed / path.name).write_text(json.dumps(book))


def light_notebook(torch: bool):
    """Return a notebook of twenty light cells: eight functions, their checks, four others."""
    library = "import torch as xp" if torch else "import numpy as xp"
    cells = [nbformat.v4.new_code_cell(library)]
    for number in range(8):
        answer = f"def f{number}(x):\n    ### BEGIN SOLUTION\n    return {number} * x + 1\n"
        test = (
            f"x = {'xp.arange(6.0)' if torch else 'xp.linspace(0, 1, 6)'}\n"
            f"assert f{number}(x).shape == (6,)\n"
            "### BEGIN HIDDEN TESTS\n"
            f"assert abs(float(f{number}(x)[2] - {number} * x[2] - 1)) < 1e-6\n"
            "### END HIDDEN TESTS"
        )
        meta = {"schema_version": 3, "grade": False, "solution": True, "locked": False}
        cells.append(nbgrader_cell(answer + "    ### END SOLUTION", meta, f"f{number}"))
        meta = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "points": 1}
        cells.append(nbgrader_cell(test, meta, f"test-f{number}"))
    cells += [nbformat.v4.new_code_cell(f"print(f{n}(1.0))") for n in range(3)]
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return book


def nbgrader_cell(text: str, meta: dict, grade_id: str):
    """Return a code cell that nbgrader knows."""
    meta = {**meta, "grade_id": grade_id, "task": False}
    return nbformat.v4.new_code_cell(text, metadata={"nbgrader": meta})


def timed(command: list[str], folder: Path) -> tuple[float, float, str]:
    """Run a command; return wall time, processor time and what it printed."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # chainrule grade ends with 1 where a person has to give points.
    if done.returncode > 1 or (done.returncode and command[0] != CHAINRULE):
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, done.stdout


def main() -> None:
    """Print what was asked for."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--assignment", default="light", help="of this repository, or light or light-torch"
    )
    options.add_argument("--students", type=int, default=300, help="for chainrule grade")
    options.add_argument(
        "--stock", type=int, default=4, help="submissions for nbgrader autograde; 0 leaves it out"
    )
    options.add_argument("--rounds", type=int, default=2, help="runs of chainrule grade")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--where-the-time-goes", action="store_true")
    options.add_argument("--start", action="store_true", help="time to the first submission")
    options.add_argument("--calls", action="store_true", help="time of calls across the channel")
    options.add_argument("--memory", type=int, metavar="N", help="memory from 10 to N submissions")
    options.add_argument("--again", type=int, metavar="N", help="grade N unchanged submissions")
    given = options.parse_args()
    print(f"{given.assignment}; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    if given.calls:
        calls()
    elif given.start:
        start(given.assignment)
    elif given.memory:
        memory(given.assignment, given.memory, given.workers)
    elif given.again:
        again(given.assignment, given.again)
    elif given.where_the_time_goes:
        where_the_time_goes(given.assignment, min(given.students, 20))
    else:
        compare(given)


def compare(given: argparse.Namespace) -> None:
    """Print the times of both for each submission, and their ratio."""
    if not given.stock:
        chainrule_grade(given)
        return
    ours, theirs = [], [stock(given.assignment, given.stock)]
    for _ in range(given.rounds):
        ours.append(chainrule_grade(given))
        theirs.append(stock(given.assignment, given.stock))
        around = (theirs[-2] + theirs[-1]) / 2
        print(f"ratio: {around / ours[-1]:.1f} times the submissions a minute")
    print(f"ratio of the means: {mean(theirs) / mean(ours):.1f}")


def chainrule_grade(given: argparse.Namespace) -> float:
    """Print and return the seconds that chainrule grade takes for each submission."""
    with tempfile.TemporaryDirectory() as name:
        make_class(Path(name), given.assignment, given.students)
        line = [CHAINRULE, "grade", given.assignment, "--workers", str(given.workers)]
        each = timed(line, Path(name))[0] / given.students
    print(f"{' '.join(line[1:])}, its start included: {each:.3f} s a submission")
    return each


def stock(assignment: str, students: int) -> float:
    """Print and return the seconds that nbgrader autograde takes for each submission."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_class(folder, assignment, students)
        command = [sys.executable, "-m", "nbgrader"]
        timed([*command, "generate_assignment", "--force", assignment], folder)
        autograde = [*command, "autograde", assignment]
        one, begin = timed(autograde, folder), timed(autograde, folder)
    wall, used = ((one[i] - begin[i]) / students for i in (0, 1))
    print(f"nbgrader autograde: {wall:.3f} s a submission, processor {used:.3f} s")
    return wall


def start(assignment: str) -> None:
    """Print how long chainrule grade takes until it begins with the first submission.

    The first time there is no gradebook yet. Beside it stands the import of nbgrader, which
    is part of it and tells how fast the machine is at the moment.
    """
    for there in (False, True):
        for _ in range(_STARTS):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                make_class(folder, assignment, 1)
                if there:
                    generate = [sys.executable, "-m", "nbgrader", "generate_assignment"]
                    timed([*generate, "--force", assignment], folder)
                imported = timed([sys.executable, "-c", "import nbgrader"], folder)[0]
                first, whole = time_to_first(assignment, folder)
                known = "with a gradebook" if there else "without a gradebook"
                print(
                    f"{known}: first submission begun after {first:.2f} s, all done after "
                    f"{whole:.2f} s; import of nbgrader alone {imported:.2f} s"
                )


def time_to_first(assignment: str, folder: Path) -> tuple[float, float]:
    """Return the seconds until the execution of the first submission, and of the whole run."""
    journal = folder / ".fairmark" / "grading" / assignment
    begun = time.perf_counter()
    line = [CHAINRULE, "grade", assignment, "--json", "rows.json"]
    process = subprocess.Popen(line, cwd=folder, stdout=subprocess.DEVNULL)
    executed = 0.0
    while process.poll() is None:
        if not executed and any(journal.glob("*.json")):
            executed = time.perf_counter() - begun
        time.sleep(0.002)
    whole = time.perf_counter() - begun
    row = json.loads((folder / "rows.json").read_text())[0]
    return executed - row["seconds"], whole


def where_the_time_goes(assignment: str, students: int) -> None:
    """Print the seconds of each step for one submission, one after the other in one process."""
    from fairmark.execution import default_executor
    from fairmark.execution.executor import libraries_of, server_for
    from fairmark.folder import CourseFolder
    from fairmark.grading import engine
    from fairmark.grading import one_submission as work
    from fairmark.grading.record import Recorder

    spent: Counter = Counter()

    def watch(owner, name: str, label: str) -> None:
        inner = getattr(owner, name)

        def timed_call(*args, **kwargs):
            begun = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                spent[label] += time.perf_counter() - begun

        setattr(owner, name, timed_call)

    with tempfile.TemporaryDirectory() as name:
        make_class(Path(name), assignment, students)
        begun = time.perf_counter()
        executor = default_executor()
        job = engine.plan(CourseFolder(Path(name)), assignment)
        spent["start: course, template, trial sandbox"] = time.perf_counter() - begun
        begun = time.perf_counter()
        books = [nbformat.read(p, 4) for p in Path(name).glob(f"source/{assignment}/*.ipynb")]
        server_for(libraries_of([PreparedNotebook("x", book) for book in books]), True)
        spent["start: warm server imports the libraries"] = time.perf_counter() - begun
        starts = dict(spent)
        spent.clear()
        watch(work, "prepare", "prepare: read, repair")
        watch(work, "execute_prepared", "execute")
        watch(Recorder, "record", "record: gradebook, autograded/")
        for label, method in STEPS.items():
            watch(Session, method, label)
        begun = time.perf_counter()
        rows = list(engine.run(job, executor=executor))
        spent["all"] = time.perf_counter() - begun
    for label, seconds in starts.items():
        print(f"{seconds:8.3f} s  {label} (once)")
    for label, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"{1000 * seconds / len(rows):8.1f} ms  {label}")


#: How often the start is measured.
_STARTS = 3

STEPS = {
    "execute: fork, sandbox, files for the student's process": "_start_student",
    "execute: fork, sandbox, files for the checks' process": "_start_checks",
    "execute: the student's cells": "_run_student",
    "execute: the checks": "_run_check",
    "execute: end both processes": "close",
}


TIMED_CALLS = """
import time
import numpy as np
from chainrule.runtime import call_each

small = np.ones((4, 5))
ways = {
    "one by one, with a number": lambda: [f(1.0) for _ in range(2000)],
    "one by one, with an array of 4 x 5": lambda: [f(small) for _ in range(2000)],
    "all at once, with a number": lambda: call_each(f, [(1.0,)] * 2000),
    "all at once, with an array of 4 x 5": lambda: call_each(f, [(small,)] * 2000),
}
for name, way in ways.items():
    begun = time.perf_counter()
    way()
    print(f"{(time.perf_counter() - begun) / 2:8.3f} ms a call, {name}")
"""


def calls() -> None:
    """Print how long a check waits for a call of a student's function that does next to nothing."""
    from fairmark.execution import default_executor
    from fairmark.limits import Limits

    meta = {"grade": True, "solution": False, "locked": True, "points": 1}
    cells = [
        nbformat.v4.new_code_cell("def f(x):\n    return x + 1"),
        nbgrader_cell(TIMED_CALLS, meta, "timed"),
    ]
    book = PreparedNotebook("calls", nbformat.v4.new_notebook(cells=cells))
    run = default_executor()([book], {}, Limits()).notebooks[0]
    print("".join(out.text for out in run.notebook.cells[1].outputs if "text" in out))


def again(assignment: str, students: int) -> None:
    """Print how long it takes to grade a class of which nothing has changed, and one student."""
    for number in (1, students):
        with tempfile.TemporaryDirectory() as name:
            make_class(Path(name), assignment, number)
            line = [CHAINRULE, "grade", assignment]
            timed(line, Path(name))
            for _ in range(_STARTS):
                wall, used, said = timed(line, Path(name))
                if f"{number} unchanged" not in said:
                    raise SystemExit(f"not all are unchanged:\n{said[-500:]}")
                print(f"{number} unchanged: {wall:.2f} s, processor {used:.2f} s")


def memory(assignment: str, most: int, workers: int) -> None:
    """Print the largest memory of all processes together for 10 and for many submissions."""
    for students in (10, most):
        with tempfile.TemporaryDirectory() as name:
            make_class(Path(name), assignment, students)
            line = [CHAINRULE, "grade", assignment, "--workers", str(workers)]
            process = subprocess.Popen(line, cwd=name, stdout=subprocess.DEVNULL)
            peak, begun = 0.0, time.perf_counter()
            while process.poll() is None:
                peak = max(peak, memory_of(process.pid))
                time.sleep(0.5)
            minutes = (time.perf_counter() - begun) / 60
            print(
                f"{students} submissions: {peak:.0f} MB at most, {students / minutes:.0f} a minute"
            )


def memory_of(pid: int) -> float:
    """Return what a process and all below it occupy, shared pages counted once, in MB."""
    total = 0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 2**20


if __name__ == "__main__":
    main()
