"""The rule for late files: which time counts as that of a submission, and which of two counts.

The time comes from the archive. Where the archive does not say it, none is recorded, and
nobody counts as late; what Canvas calls late is shown, and costs nothing. A ``timestamp.txt``
that a student hands in does not count. What lateness costs is nbgrader's to say: its plugin
for late penalties is asked in `fairmark.grading.record`.
"""

from __future__ import annotations

import datetime

import dateutil.parser
from nbgrader.utils import parse_utc

from fairmark.handin_times import TIMESTAMP

_FORMAT = "%Y-%m-%d %H:%M:%S UTC"


def time_in_archive(value: object) -> str:
    """Return a time that an archive names, in UTC; empty where it names none.

    Parameters
    ----------
    value : object
        As it stands there, with the offset of a time zone or without.
    """
    try:
        # Parsed here: nbgrader's parse_utc takes "+01:00" for the name of a zone.
        return f"{parse_utc(dateutil.parser.parse(str(value))):{_FORMAT}}" if value else ""
    except (ValueError, OverflowError):
        return ""


def now() -> str:
    """Return the present time in the same form."""
    return f"{datetime.datetime.now(datetime.UTC):{_FORMAT}}"


def is_students_time(name: str) -> bool:
    """Tell whether a file that was handed in claims a time, which does not count.

    Parameters
    ----------
    name : str
        Its path in the submission.
    """
    return name.rsplit("/", 1)[-1] == TIMESTAMP


def time_file(time: str) -> dict[str, bytes]:
    """Return the file in which nbgrader's own commands look for the time; none without one.

    Parameters
    ----------
    time : str
        From `time_in_archive`.
    """
    return {TIMESTAMP: time.encode()} if time else {}


def is_later(time: str, before: str) -> bool:
    """Tell whether a submission takes the place of another of the same student.

    Parameters
    ----------
    time, before : str
        From `time_in_archive`. Of two with the same time, or without one, the one that
        stands later in the archive counts.
    """
    return time >= before
