"""Executing notebooks of students who are not trusted.

`default_executor` gives the function that grading calls: (notebooks, files, limits) to
an `Execution`. `executor` tells how it works, `sandbox` what is closed.

The ten rules for who writes checks stand in ``docs/checks.md`` of this project.
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
    from .executor import SandboxedExecutor

    executor = SandboxedExecutor(no_sandbox=no_sandbox, memory_mb=memory_mb, warm=warm)
    executor.probe()
    return executor
