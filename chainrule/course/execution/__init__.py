"""Executing notebooks of students who are not trusted.

`default_executor` gives the function that grading calls: (notebooks, files, limits) to
an `Execution`. See `executor` for how it works and `stand_ins` for the rules that test
authors should know.
"""

from __future__ import annotations


def default_executor(no_sandbox: bool = False):
    """Return the sandboxed executor, after having seen that it works here.

    Parameters
    ----------
    no_sandbox : bool, optional
        True runs students' code without a sandbox, in a process apart from the checks.

    Raises
    ------
    GradingError
        When this machine cannot make the sandbox; says what it needs.
    """
    from .executor import SandboxedExecutor, probe

    executor = SandboxedExecutor(no_sandbox=no_sandbox)
    probe(executor)
    return executor
