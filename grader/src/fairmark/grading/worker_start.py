"""The process that workers are forked from: what it imports once for all of them.

Apart from `pools`, so that it can be started before anything else is imported.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

#: Imported before the fork; the program's main module too, which each worker would import.
_IMPORTED = [
    "__main__",
    "fairmark.grading.pools",
    "fairmark.execution.session",
]


def worker_context() -> ForkServerContext:
    """Return multiprocessing's context in which workers are started."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context


def begin() -> None:
    """Start the process that workers are forked from; it imports while the caller goes on."""
    worker_context()
    forkserver.ensure_running()
