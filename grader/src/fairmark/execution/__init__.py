"""Executing notebooks of students who are not trusted.

`default_executor` gives the function that grading calls: (notebooks, files, limits) to
an `Execution`.

Theory of operation
-------------------
Four kinds of processes work together. Only what the third says gives points.

1. The *grader* (`executor`, `session`) has the submission, the checks and the marks. It
   runs no cell and unpickles nothing; of what the others say it reads text and numbers, in
   a limited number (`replies`).
2. The *server* (`forkserver`), one for each set of libraries, was started with a bare
   environment and has imported the libraries. It forks the other two for each notebook,
   makes their sandboxes (`sandbox`) and ends them. It never sees a notebook or a file.
3. The *checks' process* (`check_side`) runs the check cells as they stand in the
   instructor's notebook. In its sandbox are data files of the submission and the
   instructors' own files; never code of the student's.
4. The *student's process* (`student_side`) runs every cell that a student may write in. In
   its sandbox are the files of the submission, and its notebooks without checks. It is
   taken to be hostile: all that it holds, this package included, may be replaced.

Both sandboxes see the libraries read-only and folders of their own, no network, no other
process, nothing of the course. Without the sandbox (``--no-sandbox``) they are processes
with folders of their own, and users of their own where the grader is root.

The lines between them are pairs of sockets (`link`); nothing else connects them:

- *grader and server*: one line. To fork, end and interrupt a process is asked here, in
  JSON. The sockets of the new process are handed over with the request; the server closes
  its copies once it has forked.
- *grader and student*, *grader and checks*: one line each (``control``). Cells and files go
  in, outputs come back, as data of `wire`.
- *checks and student*: one line (``channel``). A check that uses a name of the student's gets
  data or a stand-in (`stand_in`), and a call of that is a question on this line (`peer`).
  What crosses is data (`values`), never anything evaluated or imported by its wish. Each
  side has one table of what has been handed out (`handles`). The grader keeps the checks'
  end, from which it never reads: the checks' process is given the end of a new line when
  the student's process has been started anew, and a new checks' process the one there is.

A process that ends, breaks the rules of its line or takes too long is ended by the grader;
what that costs `session` decides, and `judging` what a check has earned.

In the grader's process, ``session`` runs one notebook, ``judging`` makes points of what came
out, ``outputs`` and ``replies`` read what the other processes send, ``work_folder`` reads the
files that the student's code has written, and ``memory`` measures processes. ``forkserver``
is the warm process that the others are forked from; ``shell`` runs a cell in them,
``student_side`` and ``check_side`` are the two programs, ``stand_in`` makes the student's
functions callable for the checks, ``names`` tells whose a name is, and ``wire`` carries the
messages.

The ten rules for who writes checks stand in ``docs/checks.md`` of this project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .executor import SandboxedExecutor


def default_executor(
    no_sandbox: bool = False, memory_mb: int = 2048, warm: tuple[str, tuple[str, ...]] = ("", ())
) -> SandboxedExecutor:
    """Return the sandboxed executor, after having seen that it works here.

    Parameters
    ----------
    no_sandbox : bool, optional
        True runs students' code without a sandbox, in a process apart from the checks.
    memory_mb : int, optional
        Memory that a notebook may take beyond what Python and the libraries begin with.
    warm : tuple, optional
        Address and libraries of a `forkserver.SharedServer` that has been started already.

    Raises
    ------
    GradingError
        When this machine cannot make the sandbox; says what it needs.
    """
    import logging

    from .executor import SandboxedExecutor

    executor = SandboxedExecutor(no_sandbox=no_sandbox, memory_mb=memory_mb, warm=warm)
    missing = executor.probe()
    if missing:
        logging.getLogger(__name__).warning(missing)
    return executor
