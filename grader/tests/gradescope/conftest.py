"""Autograders to try."""

from grader_support.containers import (
    both,
    container,
    kite_zip,
    open_folder,
    open_python,
    runs_in_open_python,
    set_up_python,
)

__all__ = [
    "both",
    "container",
    "kite_zip",
    "open_folder",
    "open_python",
    "runs_in_open_python",
    "set_up_python",
]
