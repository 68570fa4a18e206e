"""Where a check is run: what the instructor asks for, and what comes of it."""

from __future__ import annotations

from enum import StrEnum


class Judge(StrEnum):
    """How the instructor wants checks to be judged."""

    #: As the reference decides.
    AUTO = "auto"
    #: All in a process of their own, whether the reference passes or not.
    APART = "apart"
    #: All in the student's process.
    BESIDE = "beside"

    def __str__(self) -> str:
        return self.value


class Judged(StrEnum):
    """In which process a check is run."""

    #: One of its own, where the student's objects are stand-ins or copies.
    APART = "apart"
    #: The student's, in its place in the notebook, as stock nbgrader does.
    BESIDE = "beside"
    #: None: the reference solution fails it both ways.
    UNDECIDED = "undecided"

    def __str__(self) -> str:
        return self.value
