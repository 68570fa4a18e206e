"""Grade the same submissions with stock nbgrader and with the sandboxed executor.

Both run on copies of the same class, one after the other, in one run of this script:
only the ratio means anything. Processor time is of all processes together, so that
other work on the machine disturbs it little.

    python benchmarks/grading.py [--assignment backprop] [--students 6]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_REGION = re.compile(
    r"^.*### BEGIN HIDDEN TESTS\n(?:.*\n)*?.*### END HIDDEN TESTS.*\n?", re.MULTILINE
)
_MARKS = re.compile(r"^.*### (?:BEGIN|END) SOLUTION.*\n?", re.MULTILINE)

OURS = """
import json, sys, time
from pathlib import Path
from chainrule.course.execution import default_executor
from chainrule.course.grading.engine import grade
begun = time.perf_counter()
executor = default_executor()
ready = time.perf_counter() - begun
results = grade(Path(sys.argv[1]), sys.argv[2], executor=executor)
print(json.dumps({"ready": ready, "seconds": [r.seconds for r in results],
                  "scores": [r.score for r in results],
                  "peak_mb": max(r.peak_mb for r in results)}))
"""


def make_class(folder: Path, assignment: str, students: int) -> None:
    """Make a course folder in which every student hands in the reference solution."""
    source = folder / "source" / assignment
    shutil.copytree(ROOT / "source" / assignment, source)
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


def timed(command: list[str], folder: Path) -> tuple[float, float, str]:
    """Run a command; return wall time, processor time and what it printed."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, done.stdout


def main() -> None:
    """Print both times for each submission, and their ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--assignment", default="backprop")
    options.add_argument("--students", type=int, default=6)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        stock, ours = Path(name, "stock"), Path(name, "ours")
        for folder in (stock, ours):
            make_class(folder, given.assignment, given.students)
        command = [sys.executable, "-m", "nbgrader"]
        timed([*command, "generate_assignment", given.assignment], stock)
        print(f"{given.assignment}, {given.students} submissions; load {os.getloadavg()[0]:.1f}")
        wall, used, _ = timed([*command, "autograde", given.assignment], stock)
        report("stock nbgrader autograde", wall, used, given.students)
        own = [sys.executable, "-c", OURS, str(ours), given.assignment]
        own_wall, own_used, printed = timed(own, ours)
        report("sandboxed executor", own_wall, own_used, given.students)
        print(f"ratio: {wall / own_wall:.1f} in wall time, {used / own_used:.1f} in processor time")
        print(printed.strip().splitlines()[-1])


def report(what: str, wall: float, used: float, students: int) -> None:
    """Print one line."""
    print(
        f"{what}: {wall:.1f} s, {wall / students:.2f} s a submission; "
        f"processor {used:.1f} s, {used / students:.2f} s a submission"
    )


if __name__ == "__main__":
    main()
