"""Grade nbgrader's own example course: what a new installation of fairmark can do.

    python tools/grade_quickstart.py FOLDER

makes the example in the folder, releases it, hands in the source's own solutions for one
student and the released notebooks for another, and calls `fairmark grade` and its sisters.
It needs fairmark alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

ASSIGNMENT = "ps1"


def main() -> None:
    """Make the course and grade it; stop where a command or a mark is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="made; must not exist")
    course = parser.parse_args().folder.resolve()
    if course.exists():
        sys.exit(f"{course} exists already.")
    _call("nbgrader", "quickstart", str(course))
    _call("nbgrader", "generate_assignment", ASSIGNMENT, folder=course)
    hand_in_solutions(course, "solver")
    shutil.copytree(course / "release" / ASSIGNMENT, course / "submitted" / "beginner" / ASSIGNMENT)
    results = course / "marks.json"
    _call("fairmark", "grade", ASSIGNMENT, "--json", str(results), folder=course)
    marks = {row["student"]: row for row in json.loads(results.read_text(encoding="utf-8"))}
    for name, row in sorted(marks.items()):
        print(f"{name}: {row['status']}, {row['score']:g} points")
    if (marks["solver"]["score"], marks["beginner"]["score"]) != (3, 0):
        sys.exit("The solutions earn 3 points without a person's help, and empty notebooks none.")
    _call("fairmark", "feedback", ASSIGNMENT, folder=course)
    _call("fairmark", "export", ASSIGNMENT, folder=course)


def hand_in_solutions(course: Path, student: str) -> None:
    """Hand in the released notebooks, with the source's solutions in their solution cells."""
    target = course / "submitted" / student / ASSIGNMENT
    shutil.copytree(course / "release" / ASSIGNMENT, target)
    for path in target.glob("*.ipynb"):
        handed_in = nbformat.read(path, as_version=4)
        solved = nbformat.read(course / "source" / ASSIGNMENT / path.name, as_version=4)
        sources = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in solved.cells
            if "nbgrader" in cell.metadata
        }
        for cell in handed_in.cells:
            data = cell.metadata.get("nbgrader", {})
            if data.get("solution") and cell.cell_type == "code":
                cell.source = sources[data["grade_id"]]
        nbformat.write(handed_in, path)


def _call(*command: str, folder: Path | None = None) -> None:
    print("$", " ".join(command), flush=True)
    # As in an environment that is active: nbgrader calls a bare `alembic`.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path})
    if done.returncode:
        sys.exit(f"{command[0]} {command[1]} ended with {done.returncode}.")


if __name__ == "__main__":
    main()
