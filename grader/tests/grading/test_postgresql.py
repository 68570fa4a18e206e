"""A gradebook in PostgreSQL, through nbgrader's `db_url`, gives the marks that SQLite gives."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from grader_support import course_maker as maker
from grader_support import quick
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, text
from test_killed import QUERY, finish, grade_in_a_child, make, recorded, tree

from fairmark.folder import CourseFolder
from fairmark.grading.engine import plan, run
from fairmark.grading.gradebook import open_gradebook
from fairmark.model import GradingError
from fairmark.reports.exports import marks

DRIVER = next((name for name in ("psycopg", "psycopg2") if find_spec(name)), None)


@dataclass
class Server:
    """A server of one's own: its files and its socket lie in a temporary folder."""

    binaries: Path
    folder: Path
    as_user: dict = field(default_factory=dict)
    process: subprocess.Popen | None = None

    def call(self, program: str, *arguments) -> None:
        subprocess.run(
            [self.binaries / program, *arguments],
            check=True, cwd=self.folder, env={"PATH": os.environ["PATH"]},
            capture_output=True, **self.as_user,
        )  # fmt: skip

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.folder / "data", "-k", self.folder,
             "-c", "listen_addresses="],
            cwd=self.folder, env={"PATH": os.environ["PATH"]},
            stderr=subprocess.DEVNULL, **self.as_user,
        )  # fmt: skip
        until = time.monotonic() + 30
        while True:
            try:
                self.call("pg_isready", "-h", self.folder)
                return
            except subprocess.CalledProcessError:
                assert time.monotonic() < until and self.process.poll() is None, "it did not start"
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # its "fast" shutdown
        self.process.wait(30)

    def database(self, name: str) -> str:
        """Make a database; return its address."""
        self.call("createdb", "-h", self.folder, "-U", "grader", name)
        return f"postgresql+{DRIVER}://grader:never-shown@/{name}?host={self.folder}"


@pytest.fixture(scope="module")
def server():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    if initdb is None:
        pytest.skip("PostgreSQL's server is not installed (Debian's package postgresql)")
    if DRIVER is None:
        pytest.skip("no driver for PostgreSQL: pip install 'psycopg[binary]'")
    # Not pytest's folder: a socket's address is short, and another user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    made = Server(Path(initdb).parent, folder)
    if os.geteuid() == 0:  # the server refuses to run as root
        user = next((name for name in ("postgres", "nobody") if _user(name)), None)
        if user is None:
            pytest.skip("PostgreSQL's server does not run as root, and there is no other user")
        made.as_user = {"user": user, "group": _user(user).pw_gid, "extra_groups": []}
        os.chown(folder, _user(user).pw_uid, -1)
    folder.chmod(0o755)
    arguments = ("-D", folder / "data", "-U", "grader", "-A", "trust", "-E", "UTF8")
    made.call("initdb", *arguments, "--locale=C", "--no-sync")
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def with_address(root: Path, address: str) -> Path:
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + f"c.CourseDirectory.db_url = {address!r}\n")
    return root


def rows(root: Path) -> list[tuple]:
    engine = create_engine(CourseFolder(root).db_url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(QUERY))]
    finally:
        engine.dispose()


def fairmark(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "fairmark", *map(str, arguments)], capture_output=True, text=True
    )


def hand_in_some(root: Path) -> Path:
    maker.make_course(root)
    cases = {
        "a-full": maker.full(),
        "b-untouched": maker.released_notebook(),
        "c-half": maker.filled(f1=maker.ANSWERS["f1"]),
        "d-html": "<!DOCTYPE html><html><body>Sign in \x00 \ufffd</body></html>",
        "e-duplicated": maker.duplicated(),
        "f-missing": None,
    }
    for student, content in cases.items():
        maker.hand_in(root, student, content)
    return root


def test_the_command_gives_the_marks_that_sqlite_gives(server, tmp_path):
    lite = hand_in_some(tmp_path / "lite")
    post = with_address(hand_in_some(tmp_path / "post"), server.database("command"))
    for root in (lite, post):
        done = fairmark("grade", "kite", "--course", root, "--workers", 2)
        assert done.returncode == 1, done.stderr  # two of them need review
        assert "4 graded" in done.stdout and "2 needs review" in done.stdout, done.stdout
    assert len(rows(post)) == 5 * 6
    assert rows(post) == rows(lite)
    assert not (post / "gradebook.db").exists()
    assert tree(post) == tree(lite)
    again = fairmark("grade", "kite", "--course", post, "--workers", 2)
    assert "not run again" in again.stdout and rows(post) == rows(lite)


def test_what_comes_after_grading_works_too(server, tmp_path):
    root = with_address(hand_in_some(tmp_path), server.database("after"))
    for _ in run(plan(CourseFolder(root), "kite"), executor=quick.in_this_process):
        pass
    found = {
        mark.student_id: (mark.status, mark.score) for mark in marks(CourseFolder(root), "kite")
    }
    assert found["a-full"] == ("waits", 9.0) and found["d-html"][0] == "needs review"
    done = fairmark("feedback", "kite", "--course", root)
    assert done.returncode == 0, done.stderr
    assert (root / "feedback" / "a-full" / "kite" / "kite.html").is_file()
    stock = [sys.executable, "-m", "nbgrader", "export", "--to", "stock.csv"]
    subprocess.run(stock, cwd=root, check=True, capture_output=True)
    assert (
        "kite" in (root / "stock.csv").read_text() and "a-full" in (root / "stock.csv").read_text()
    )
    with Gradebook(CourseFolder(root).db_url, "kites") as gradebook:  # as formgrader opens it
        submission = gradebook.find_submission("kite", "a-full")
        assert submission.score == 9.0 and submission.needs_manual_grade


def test_a_killed_grader_goes_on(server, tmp_path):
    calm = make(tmp_path / "calm", 20)
    finish(calm)
    killed = make(tmp_path / "killed", 20)
    (killed / "gradebook.db").unlink()
    with_address(killed, server.database("killed"))
    child = grade_in_a_child(killed, workers=2)
    until = time.monotonic() + 60
    while recorded(killed) < 3:
        assert time.monotonic() < until and os.waitpid(child, os.WNOHANG)[0] == 0
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert 3 <= recorded(killed) < 20
    finish(killed, workers=2)
    assert rows(killed) == rows(calm) and len(rows(calm)) == 5 * 20
    assert tree(killed) == tree(calm)


def test_a_server_that_is_started_again_is_waited_for(server, tmp_path):
    root = tmp_path / "course"
    with_address(maker.make_course(root), server.database("again"))
    for name in ("ann", "bob"):
        maker.hand_in(root, name, maker.full())
    job = plan(CourseFolder(root), "kite")
    server.stop()
    # Grading has begun to wait when the server is there again.
    starter = threading.Timer(2.0, server.start)
    starter.start()
    with pytest.raises(GradingError, match="cannot be opened"):
        list(run(job, executor=quick.in_this_process))
    starter.join()
    results = run(job, executor=quick.in_this_process, patience=30)
    first = next(results)
    server.stop()
    starter = threading.Timer(2.0, server.start)
    starter.start()
    rest = list(results)
    starter.join()
    assert [result.score for result in [first, *rest]] == [9.0, 9.0]
    assert len(rows(root)) == 5 * 2


@pytest.mark.skipif(DRIVER is None, reason="no driver for PostgreSQL")
def test_the_password_is_in_no_message(tmp_path):
    address = f"postgresql+{DRIVER}://grader:never-shown@/x?host={tmp_path}"
    with pytest.raises(GradingError) as caught, open_gradebook(address, "kites"):
        pass
    assert "cannot be opened" in str(caught.value) and "never-shown" not in str(caught.value)


def test_a_missing_driver_is_named():
    # A dialect of SQLAlchemy's own whose driver nobody here has installed.
    with pytest.raises(GradingError, match=r"needs the Python package pg8000.*PostgreSQL.*psycopg"):
        with open_gradebook("postgresql+pg8000://grader@/x", "kites"):
            pass
