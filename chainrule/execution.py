"""Know where a notebook runs."""

import os


def is_grading() -> bool:
    """Tell whether a notebook is being graded, so that no training is repeated.

    nbgrader, and ``chainrule grade``, set ``NBGRADER_EXECUTION`` while they execute
    a notebook. Results that took long are handed in as files and checked as they are.
    """
    return bool(os.environ.get("NBGRADER_EXECUTION"))
