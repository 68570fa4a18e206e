"""Run one answer against the checks of the instructors' notebook, hidden tests included."""

import atexit
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat

from support.answer_server import grade_id, run

__all__ = ["ANSWERS", "ROOT", "all_answers", "failures", "grade_id", "reference_failures", "run"]
ROOT = Path(__file__).resolve().parents[2]
ANSWERS = ROOT / "tests" / "answers"
#: One thread: numbers do not depend on the machine, and the process can be forked.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
#: No answer takes this long; one that does never ends.
SECONDS = 300


class AnswerCrashed(Exception):
    """A cell that is no check failed, or the process was lost."""


@dataclass(frozen=True)
class Answer:
    """One file of tests/answers/."""

    path: Path
    assignment: str
    right: bool
    task: str
    fails: tuple[str, ...]
    says: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.assignment}-{self.path.parent.name}-{self.path.stem}"


def read_answer(path: Path) -> Answer:
    head = dict.fromkeys(("task", "fails", "says"), ())
    for key, value in re.findall(r"^# (task|fails|says): (.+)$", path.read_text(), re.MULTILINE):
        head[key] += (value.strip(),)
    right = path.parent.name == "right"
    assert len(head["task"]) == 1, f"{path.name} needs one `# task:` line"
    assert right or (head["fails"] and head["says"]), f"{path.name} needs `# fails:` and `# says:`"
    fails = tuple(part.strip() for line in head["fails"] for part in line.split(","))
    assignment = path.relative_to(ANSWERS).parts[0]
    return Answer(path, assignment, right, head["task"][0], fails, head["says"])


def all_answers() -> list[Answer]:
    found = [read_answer(path) for path in sorted(ANSWERS.glob("*/*/*.py"))]
    assert found, f"there are no answers in {ANSWERS}"
    return found


@cache
def notebook_with(assignment: str, task: str) -> Path:
    """Find the instructors' notebook that holds a task."""
    for path in sorted((ROOT / "source" / assignment).glob("*.ipynb")):
        if any(grade_id(cell) == task for cell in nbformat.read(path, as_version=4).cells):
            return path
    raise AssertionError(f"no notebook of {assignment} has a task {task!r}")


def failures(answer: Answer) -> dict[str, str]:
    """Run the notebook with the answer in place; return check id to message."""
    path = notebook_with(answer.assignment, answer.task)
    return ask(path, answer.task, answer.path.read_text())


def reference_failures(path: Path) -> dict[str, str]:
    """Run the instructors' notebook as it is; return check id to message."""
    return ask(path, "", "")


def ask(path: Path, task: str, source: str) -> dict[str, str]:
    results = ANSWERS / path.parent.name / "files"
    request = {"notebook": str(path), "task": task, "source": source, "results": str(results)}
    reply = server().ask(request)
    if "crash" in reply:
        raise AnswerCrashed(reply["crash"])
    return reply["failed"]


class Server:
    """The process of `answer_server`, and the line to it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="answers-")
        start = Path(self.folder.name, "start")
        start.mkdir()
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(SECONDS)
        script = Path(__file__).with_name("answer_server.py")
        self.process = subprocess.Popen(
            [sys.executable, script, str(theirs.fileno()), start],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ONE_THREAD},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        atexit.register(self.end)

    def ask(self, request: dict) -> dict:
        received = b""
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
            while not received.endswith(b"\n"):
                more = self.socket.recv(2**20)
                if not more:
                    raise ConnectionError("the server has ended")
                received += more
        except OSError as error:  # too late as well
            self.end()
            server.cache_clear()
            raise AnswerCrashed(f"no reply: {error}") from error
        return json.loads(received)

    def end(self) -> None:
        """End the process and all that it forked."""
        atexit.unregister(self.end)
        self.socket.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.folder.cleanup()


@cache
def server() -> Server:
    return Server()
