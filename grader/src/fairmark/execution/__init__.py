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
out, ``outputs`` and ``replies`` read what the other processes send, and ``memory`` measures
them. ``forkserver`` is the warm process that the others are forked from; ``shell`` runs a
cell in them, ``student_side`` and ``check_side`` are the two programs, ``stand_ins`` makes
the student's functions callable for the checks, ``names`` tells whose a name is, and
``wire`` carries the messages.

Rules for who writes tests
--------------------------
1. A check cell runs in another process than the student's code. A name that it uses and
   does not define is the student's, except for imports of the notebook, which are made
   anew on the checks' side. A name that a check has bound stays the check's. A check may
   delete a function of the student's, to see who calls it, and bind the name again to a
   function of the student's; nothing else that a check binds reaches the student's side.
2. Numbers, text, bytes, None, lists, tuples, dicts, sets and arrays cross as data, tensors
   too. Anything else is a stand-in: call it, use its attributes and items, pass it back.
   Do not ask for its type with ``isinstance`` and do not add or compare stand-ins.
3. An array that the student's function changes in place is changed for the check, and a
   change by the check to an array of a model is seen by the model. Lists, dicts and sets
   that are passed in are brought up to date after the call; those that come back are copies.
4. Seeds and patches do not cross: ``np.random.seed`` in a check does not reach the student's
   code. Hand over a generator or a seed.
5. Python files and notebooks of the submission cannot be imported by a check; data files
   can be read. The instructors' own files, beside the notebooks in ``source/``, can. The
   student's code sees these too, so they hold no expected values.
6. A check has the time of a cell, or what its metadata say: ``{"fairmark": {"seconds": 90}}``.
7. Helper functions of the instructors that stand in a locked cell run on the student's
   side. What must not be changed belongs into the check cell or into a library.
8. What a check imports itself, and what a locked cell imports, nobody can replace. An import
   in any other cell can be edited away by the student.
9. Judge with functions of your own: ``np.allclose(got, expected)``. A method of what the
   student's function returned is the student's, and ``got.allclose(expected)`` is true if
   they want it so.
10. Compute the expected value before the call, or hand over a copy: the function may change
    the array that it is given, and a result computed from it afterwards would agree.
"""

from __future__ import annotations


def default_executor(no_sandbox: bool = False, memory_mb: int = 2048, warm: tuple = ("", ())):
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
