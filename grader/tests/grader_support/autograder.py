"""Gradescope's folders, as its documentation describes them, below a folder of one's own.

source/ holds what was in the zip, run_autograder lies beside it, submission/ holds what
was handed in, results/ is empty. The harness unpacks, runs and reads; it makes sure that
the results have the documented form.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat

from fairmark.folder import CourseFolder
from fairmark.gradescope.archive import settings_for, write_autograder

#: The rights that Docker leaves to root unless told otherwise; namespaces are not among them.
#: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service,
#: net_raw, sys_chroot, mknod, audit_write, setfcap.
_DOCKER = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
_CAPBSET_DROP = 24
#: A container has a home and a configuration of its own, and so have the tests.
_PASSED_ON = ("PATH", "HOME", "JUPYTER_NO_CONFIG")
_VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
#: Field to type, as in the section "Output format" of the specifications.
_TOP = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
_TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "name": str,
    "number": str,
    "output": str,
    "tags": list,
    "visibility": str,
    "extra_data": dict,
}


def as_in_a_container():
    """Take away what Docker takes away; called between fork and exec."""
    libc = ctypes.CDLL(None)
    for number in range(64):
        if number not in _DOCKER:
            libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)


@dataclass
class Graded:
    """What came out."""

    content: dict
    code: int
    stdout: str
    seconds: float

    @property
    def points(self) -> dict[str, float]:
        return {test["name"]: test["score"] for test in self.content.get("tests", [])}

    @property
    def score(self) -> float:
        """What Gradescope makes of it."""
        if "score" in self.content:
            return self.content["score"]
        return sum(test["score"] for test in self.content["tests"])

    def output(self, name: str) -> str:
        return next(t["output"] for t in self.content["tests"] if t["name"].startswith(name))


@dataclass
class Container:
    """One autograder, set up once; each submission gets a fresh copy, as on Gradescope."""

    zip: Path
    python: Path
    place: Path
    namespaces: bool = True
    count: int = 0

    def grade(self, files: dict[str, bytes | str], before=None) -> Graded:
        """Hand files in and run the autograder."""
        self.count += 1
        root = self.place / f"autograder-{self.count}"
        for name in ("source", "submission", "results"):
            (root / name).mkdir(parents=True)
        unpack(self.zip, root / "source")
        shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
        (root / "submission_metadata.json").write_text('{"users": [{"name": "secret-name"}]}')
        for name, data in files.items():
            path = root / "submission" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        if before is not None:
            before(root)
        begun = time.monotonic()
        done = subprocess.run(
            [root / "run_autograder", root, self.python],
            cwd=root,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            preexec_fn=None if self.namespaces else as_in_a_container,
            capture_output=True,
            text=True,
            timeout=300,
        )
        content = json.loads((root / "results" / "results.json").read_text())
        has_the_documented_form(content)
        assert [p.name for p in (root / "results").iterdir()] == ["results.json"]
        return Graded(content, done.returncode, done.stdout + done.stderr, time.monotonic() - begun)


def unpack(path: Path, target: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            made = Path(archive.extract(info, target))
            made.chmod(info.external_attr >> 16 & 0o777)


def has_the_documented_form(content: dict) -> None:
    _fields(content, _TOP)
    assert "score" in content or content["tests"], "no score anywhere"
    for test in content.get("tests", []):
        _fields(test, _TEST)
        assert "score" in test or "score" in content
        assert 0 <= test["score"] <= test["max_score"]


def _fields(found: dict, known: dict) -> None:
    for name, value in found.items():
        assert name in known, f"{name} is no documented field"
        assert isinstance(value, known[name]) and not isinstance(value, bool), name
        if "visibility" in name:
            assert value in _VISIBILITY


def make_zip(course: Path, assignment: str, target: Path, **chosen) -> Path:
    folder = CourseFolder(course)
    write_autograder(folder, assignment, target, settings_for(folder, **chosen))
    return target


def text_of(notebook) -> str:
    return nbformat.writes(notebook)
