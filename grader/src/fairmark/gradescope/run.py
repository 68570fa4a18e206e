"""The autograder at work: ``python -I -m fairmark.gradescope.run /autograder``.

Gradescope starts a container for every submission and calls ``run_autograder`` in it
as root. The student's code must not read the hidden tests, write the results, or be
alive while they are written. Two ways to see to that are tried, the stronger first:

1. The sandbox with namespaces of its own, as on an instructors' machine.
2. Where the container forbids that: the student's process and the checks' process run
   as two users of their own, without rights, without the internet, with limits and a
   filter of system calls, and the folders of the autograder are closed to them.

Where neither is possible nothing is run. What was used is told on the standard
output, which Gradescope shows to instructors only.
"""

from __future__ import annotations

import json
import os
import platform
import stat
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairmark.model import Execution, Executor, Limits, Prepared

#: What nobody but the grader may read. Gradescope makes them.
_CLOSED = ("source", "submission", "results")
_STUDENT = "submission"
#: Gradescope ends an autograder after ten minutes, unless it is told otherwise; whoever
#: asks for more time for a notebook has told it.
_ALL_SECONDS = 540.0
#: In megabytes.
_LEAST_MEMORY, _MOST_MEMORY = 256, 2048


def main(arguments: list[str]) -> int:
    """Grade the submission below a root folder.

    Parameters
    ----------
    arguments : list of str
        The root folder: ``/autograder``, or another one for a trial.

    Returns
    -------
    int
        0 when the results say what the submission earned, 1 when the grader failed.
        Then too there is a ``results.json``, which says so.
    """
    root = Path(arguments[0] if arguments else "/autograder")
    target = root / "results" / "results.json"
    os.umask(0o077)
    # Before anything else: a container that is ended half-way leaves this behind.
    _write_plainly(target, "the autograder was ended before it was done.")
    try:
        from . import results_json as results

        content = _grade(root)
        results.write(content, target)
    except Exception as error:  # noqa: BLE001  (whatever it is, the results must say so)
        _write_plainly(target, _sentence(error))
        # The standard output is for instructors only.
        traceback.print_exc(file=sys.stdout)
        return 1
    return 0


def _sentence(error: Exception) -> str:
    from fairmark.model import GradingError

    if isinstance(error, GradingError):
        return str(error)
    return f"the autograder itself failed ({type(error).__name__}). It is not your fault."


def _write_plainly(target: Path, why: str) -> None:
    """Write a result that is none, needing nothing that could be missing."""
    text = (
        f"NOT GRADED: {why}\n\nThe 0 is not a mark. Your submission is kept. "
        "Tell your instructors, who can run the autograder again."
    )
    content = {"score": 0, "output": text, "stdout_visibility": "hidden"}
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(".results.json.new")
    unfinished.write_text(json.dumps(content, indent=1), encoding="utf-8")
    unfinished.replace(target)


def _grade(root: Path) -> dict[str, Any]:
    from fairmark.execution.executor import close_servers
    from fairmark.grading.prepare import prepare, submission_folder
    from fairmark.model import Limits

    from .packed import unpack_assignment
    from .results_json import results_of

    template, settings = unpack_assignment(root / "source" / "assignment")
    with tempfile.TemporaryDirectory(prefix="fairmark-handed-in-") as place:
        notices = _lay_out(root / "submission", Path(place))
        folder = submission_folder(Path(place), list(settings.ignore), settings.max_kilobytes)
        folder.repairs += notices
        # Gradescope knows when it was handed in; a time inside counts for nothing.
        prepared = prepare(_STUDENT, folder, template, collected="")
    executor = _executor(root)
    room = max(_ALL_SECONDS, settings.notebook_seconds)
    each = min(settings.notebook_seconds, room / max(1, len(prepared.notebooks)))
    limits = Limits(min(settings.cell_seconds, each), each)
    execution = executor(prepared.notebooks, prepared.files, limits)
    # Nothing of the student's is alive from here on.
    close_servers()
    _tell(execution, prepared, limits)
    return results_of(template, prepared, execution, settings)


def _lay_out(submission: Path, place: Path) -> list[str]:
    """Copy what was handed in, without links; open a zip, and a folder around everything."""
    from fairmark.collect.archives import Room, list_folder, unpacked, without_common_folder

    listing = list_folder(submission)
    notices = listing.notices
    inner = without_common_folder(listing.members)
    if [member.name for member in inner] != [member.name for member in listing.members]:
        notices.append("All files lay in a folder of their own, which was opened")
    for name, data in unpacked(inner, Room(), notices):
        path = place / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            notices.append(f"{name} could not be read ({error.strerror})")
    return [f"{text}." for text in notices]


def _executor(root: Path) -> Executor:
    """Return an executor that keeps the student's code away from all that counts."""
    from fairmark.execution import default_executor
    from fairmark.execution.sandbox import filters, why_not_lower
    from fairmark.model import GradingError

    memory = _memory()
    executor: Executor
    try:
        executor = default_executor(memory_mb=memory)
        print("Students' code runs in a sandbox of its own namespaces.")
    except GradingError as error:
        without = why_not_lower()
        if without:
            raise GradingError(
                "students' code cannot be kept apart from the autograder here: no namespaces "
                f"can be made, and it cannot run as another user ({without})."
            ) from error
        _see_that_all_is_closed(root)
        executor = default_executor(no_sandbox=True, memory_mb=memory)
        print(
            "NOTE: this container allows no namespaces, so there is no full sandbox "
            f"({error.__cause__ or error}).\n"
            "Instead the student's code and the checks run as two users of their own: they "
            "cannot read the autograder's folders, the tests or each other, and all their "
            "processes are ended before the results are written. They can read what everybody "
            "can read in this container, and their files are limited in size one by one, not "
            "together."
        )
        if not filters():
            print("NOTE: nor can system calls be filtered here: students' code has the internet.")
    return executor


def _see_that_all_is_closed(root: Path) -> None:
    """Make sure that another user can read neither tests nor results."""
    from fairmark.model import GradingError

    for name in _CLOSED:
        path = root / name
        if not path.exists():
            continue
        found = path.stat()
        if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid():
            raise GradingError(
                f"the folder {name} of the autograder can be read by students' code; "
                "run_autograder should have closed it."
            )


def _memory() -> int:
    """Return the memory for students' code: in a small container half of what there is."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            limit = int(Path("/sys/fs/cgroup", name).read_text()) // 2**20
        except (OSError, ValueError):
            continue  # not this version, or no limit
        return max(_LEAST_MEMORY, min(_MOST_MEMORY, limit // 2))
    return _MOST_MEMORY


def _tell(execution: Execution, prepared: Prepared, limits: Limits) -> None:
    """Print what instructors may want to know."""
    import fairmark

    print(
        f"fairmark {fairmark.__version__}, Python {platform.python_version()}. "
        f"{execution.status}; {execution.seconds:.1f} s of at most "
        f"{limits.notebook_seconds:.0f} s a notebook; {execution.peak_mb:.0f} MB at most."
    )
    if execution.reason:
        print(f"Reason: {execution.reason}")
    for text in prepared.all_repairs():
        print(f"Repaired: {text}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
