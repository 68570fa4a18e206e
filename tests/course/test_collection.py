"""The same tests are collected in every process, under names that can be read."""

import os
import re
import subprocess
import sys

import pytest


@pytest.fixture
def collected(request) -> list[str]:
    return [item.nodeid for item in request.session.items]


def test_ids_are_words(collected):
    odd = [test for test in collected if not re.fullmatch(r"[ -[\]-~]{1,300}", test)]
    assert odd == []


def test_collecting_twice_gives_the_same_list(request, collected):
    """pytest-xdist ends a run whose processes disagree, and it is another second there."""
    options = request.config.option
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    command += ["-m", options.markexpr, "-k", options.keyword, *request.config.args]
    done = subprocess.run(
        command,
        cwd=request.config.invocation_params.dir,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert [line for line in done.stdout.splitlines() if "::" in line] == collected
