"""What keeps the tests of both projects apart from the machine."""

import contextlib
import os
import re
import runpy
import shutil
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent

#: `make test` fetches the whole data sets into this folder; a test that needs one asks for it.
WHOLE_DATA = Path(os.environ.get("CHAINRULE_TEST_DATA") or ROOT / "_build" / "data").absolute()

#: The processes of pytest-xdist, and a pytest that a test starts, have the environment already.
IS_FIRST = "CHAINRULE_TEST_HOME" not in os.environ


def set_apart() -> None:
    """Give the tests an empty home, settings of their own and no data, and all that they start.

    It happens when this file is imported: before any test, and before a library that reads
    its settings once. What a test finds must not hang on what somebody fetched or set.
    """
    home = Path(tempfile.mkdtemp(prefix="chainrule-home-"))
    # Attacks try to read it, and a file that is not there would stop them by itself.
    (home / ".profile").write_text("# for its owner only\n")
    own_settings = runpy.run_path(str(ROOT / "tools" / "own_settings.py"))["own_settings"]
    gone = re.compile(r"CHAINRULE_|NBGRADER_|XDG_\w+_HOME$")
    kept = {name: value for name, value in os.environ.items() if not gone.match(name)}
    os.environ.clear()
    os.environ.update(own_settings(kept, home / "settings"))
    os.environ.update(
        HOME=str(home),
        CHAINRULE_TEST_HOME=str(home),
        CHAINRULE_TEST_DATA=str(WHOLE_DATA),
        # Nothing is there and nothing comes: the bundled subset is what a test gets unasked.
        CHAINRULE_DATA=str(home / "data"),
        CHAINRULE_OFFLINE="1",
    )


if IS_FIRST:
    set_apart()


def pytest_unconfigure() -> None:
    """Remove the home when the last test has ended, and what Jupyter leaves without settings."""
    if not IS_FIRST:
        return
    home = Path(os.environ["CHAINRULE_TEST_HOME"])
    begun = (home / ".profile").stat().st_mtime
    for folder in Path(tempfile.gettempdir()).glob("jupyter-clean-cfg-*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime >= begun:
                folder.rmdir()  # only where it is empty
    shutil.rmtree(home, ignore_errors=True)


def pytest_make_parametrize_id(val, argname):
    """Name a value by its argument where the value is no word: ids are read, and compared.

    Bytes made by a library differ from run to run, and processes that collect different
    tests end the run before it begins.
    """
    if isinstance(val, bytes) or (
        isinstance(val, str) and not re.fullmatch(r"[ -[\]-~]{1,80}", val)
    ):
        return argname
    return None


@pytest.fixture(scope="session")
def whole_data():
    """Give a function that returns the folder with a whole data set, or skips the test."""
    from chainrule.commands.data import IMAGE_SETS
    from chainrule.data.store import Store

    def need(name: str) -> Path:
        if not Store(IMAGE_SETS[name].spec, WHOLE_DATA).ready():
            pytest.skip(f"{name} could not be fetched into {WHOLE_DATA}: make data says why")
        return WHOLE_DATA

    return need
