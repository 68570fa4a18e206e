"""The log of a course, ``.fairmark/grade.log``: how the grader itself failed, with tracebacks.

One process writes it, the grader's own. Workers send it what they have to say.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from fairmark.private_folder import FOLDER, private_folder

#: The file, as messages name it.
PLACE = f"{FOLDER}/grade.log"
_MOST_BYTES, _OLDER_FILES = 1_000_000, 3
_LOGGER = logging.getLogger("fairmark")
#: As `sys.exc_info` gives it.
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Lines(logging.Formatter):
    """One line a message, and a traceback below it, indented: no text can look like a message.

    What a student wrote may stand in a message or in the text of an exception.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _one_line(super().formatMessage(record))

    def formatException(self, exc_info: _ExcInfo) -> str:
        parts = traceback.format_exception(*exc_info)
        return "\n".join(f"    {line}" for part in parts for line in _lines_of(part))


def _lines_of(part: str) -> list[str]:
    """Break the parts of a traceback that show code into lines, and no other."""
    part = part.strip("\n")
    lines = part.split("\n") if part.startswith('  File "') else [part]
    return [_one_line(line) for line in lines]


def _one_line(text: str) -> str:
    """Write what breaks a line or steers a terminal as Python would write it in a string."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


@contextmanager
def grade_log(root: Path) -> Iterator[None]:
    """Write what is logged meanwhile into the log of a course.

    Parameters
    ----------
    root : Path
        The course folder.
    """
    handler = RotatingFileHandler(
        private_folder(root) / Path(PLACE).name,
        maxBytes=_MOST_BYTES,
        backupCount=_OLDER_FILES,
        encoding="utf-8",
        delay=True,
    )
    with _handled_by(handler):
        yield


@contextmanager
def shown_on_terminal() -> Iterator[None]:
    """Show on the terminal, too, how the grader fails meanwhile."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR)
    with _handled_by(handler):
        yield


@contextmanager
def _handled_by(handler: logging.Handler) -> Iterator[None]:
    handler.setFormatter(_Lines())
    _LOGGER.addHandler(handler)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
        handler.close()


class _ToGrader(logging.Handler):
    """Sends what a worker logs to the grader, as plain data."""

    def __init__(self, send: Callable[[logging.LogRecord], None]):
        super().__init__()
        self.send = send

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            record.exc_text = _Lines().formatException(record.exc_info)
        record.msg, record.args, record.exc_info = record.getMessage(), None, None
        self.send(record)


def send_to_grader(send: Callable[[logging.LogRecord], None]) -> None:
    """Let this process, a worker, send what it logs instead of showing it.

    Parameters
    ----------
    send : callable
        Takes a record to the process that started this one; see `take`.
    """
    _LOGGER.addHandler(_ToGrader(send))
    _LOGGER.propagate = False


def take(record: logging.LogRecord) -> None:
    """Log what a worker has sent.

    Parameters
    ----------
    record : LogRecord
        From `send_to_grader`.
    """
    logging.getLogger(record.name).handle(record)
