"""Files that a call writes can be read by the check, and those that it names by the call."""

from __future__ import annotations

import dataclasses
import os

import pytest
from grader_support.notebooks import book, check, run

from fairmark.execution.call_files import CallFiles, Placed, names_in
from fairmark.execution.errors import ChannelError
from fairmark.execution.executor import SandboxedExecutor
from fairmark.limits import Limits

STUDENT = """
import json, os
import numpy as np
def save(name, text):
    with open(name, "w") as file:
        file.write(text)
def add(name, text):
    with open(name, "a") as file:
        file.write(text)
def save_array(name): np.save(name, np.arange(3.0))
def make_folder():
    os.makedirs("made/deep", exist_ok=True)
    save("made/deep/in.txt", "deep")
def delete(name): os.remove(name)
def rename(old, new): os.rename(old, new)
def save_and_raise():
    save("before.txt", "saved")
    raise ValueError("after it")
def save_and_call(f):
    save("during.txt", "now")
    return f()
def read(name): return open(name).read()
def count_in(table): return [len(open(name).read()) for name in table["names"]]
def code(): save("helper_of_mine.py", "1/0")
save("early.txt", "early")
"""
CHECKS = {
    "a new file": "save('out.txt', 'hello')\nassert open('out.txt').read() == 'hello'\nimport os\nassert os.path.exists('out.txt')",
    "an old file": "add('out.txt', ' more')\nassert open('out.txt').read() == 'hello more'",
    "of a cell": "assert open('early.txt').read() == 'early'\nadd('early.txt', '!')\nassert open('early.txt').read() == 'early!'",
    "an array": "import numpy as np\nsave_array('a.npy')\nassert np.load('a.npy').tolist() == [0, 1, 2]",
    "in a folder": "make_folder()\nassert open('made/deep/in.txt').read() == 'deep'",
    "deleted": "import os\ndelete('out.txt')\nassert not os.path.exists('out.txt')",
    "renamed": "import os\nsave('one.txt', '1')\nrename('one.txt', 'two.txt')\nassert os.path.exists('two.txt') and not os.path.exists('one.txt')",
    "before an error": "try:\n    save_and_raise()\nexcept ValueError:\n    assert open('before.txt').read() == 'saved'\nelse:\n    assert False",
    "many": "for n in range(30):\n    save('n.txt', str(n))\n    assert open('n.txt').read() == str(n)",
    "handed over": "with open('in.txt', 'w') as file:\n    file.write('of the check')\nassert read('in.txt') == 'of the check' and count_in({'names': ['in.txt']}) == [12]",
    "handed over as a path": "from pathlib import Path\nPath('deep').mkdir()\nPath('deep/in.txt').write_text('x')\nassert read(Path('deep/in.txt')) == 'x' == read('./deep/in.txt')\nPath('deep/in.txt').write_text('y')\nassert read(Path('deep/in.txt').absolute()) == 'y'",
    "both ways": "save('both.txt', 'a')\nwith open('both.txt', 'a') as file:\n    file.write('b')\nassert read('both.txt') == 'ab'",
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return run(STUDENT, *[check(name, text) for name, text in CHECKS.items()])


@pytest.mark.parametrize("name", CHECKS)
def test_files_go_along_with_calls(found, name):
    assert found.points[name] == 1.0, found.failures.get(name)


def test_without_a_sandbox_too():
    cells = [check(name, text) for name, text in list(CHECKS.items())[:3]]
    found = run(STUDENT, *cells, executor=SandboxedExecutor(no_sandbox=True))
    assert found.failures == {}


def test_what_the_check_writes_and_does_not_name_stays_with_it():
    """It may tell what is expected."""
    student = "import os\ndef seen(name='x'): return sorted(os.listdir('.'))"
    test = "open('expected.txt', 'w').write('9')\nassert 'expected.txt' not in seen()\nassert 'expected.txt' in seen('expected.txt')"
    assert run(student, check("own", test)).failures == {}


ATTACKS = {
    "over a file of the check": (
        "def f(x):\n    open('expected.txt', 'w').write('0')\n    return 0",
        "open('expected.txt', 'w').write('9')\nassert f(3) == int(open('expected.txt').read())",
    ),
    "over a file of the instructors": (
        "def f(x):\n    open('table.csv', 'w').write('0')\n    return 0",
        "assert f(3) == int(open('table.csv').read())",
    ),
    "a deleted file of the instructors": (
        "import os\ndef f(x):\n    os.remove('table.csv')\n    return 0",
        "import os\nf(3)\nassert not os.path.exists('table.csv')",
    ),
    "a module of the instructors": (
        "def f(x):\n    open('judge.py', 'w').write('def right(x): return True')\n    return 0",
        "f(3)\nimport judge\nassert judge.right(f(3))",
    ),
    "a module that is not there": (
        "def f(x):\n    open('nose.py', 'w').write('def right(x): return True')\n    return 0",
        "f(3)\nfrom nose import right\nassert right(f(3))",
    ),
    "a link": (
        "import os\ndef f(x):\n    os.symlink('/etc/passwd', 'link.txt')\n    return 0",
        "import os\nf(3)\nassert os.path.lexists('link.txt')",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_files_of_a_call_forge_nothing(name):
    student, test = ATTACKS[name]
    files = {"table.csv": b"9", "judge.py": b"def right(x): return x == 9"}
    one = book(student, check("forged", test), check("after", "assert 1"))
    one = dataclasses.replace(one, helpers=frozenset(files))
    found = SandboxedExecutor()([one], files, Limits()).notebooks[0]
    assert found.points == {"forged": 0.0, "after": 1.0}


@pytest.mark.parametrize(
    ("files", "gone"),
    [
        ({"../out": b""}, []),
        ({"/out": b""}, []),
        ({"a/../../out": b""}, []),
        ({"": b""}, []),
        ({"a\0b": b""}, []),
        ({3: b""}, []),
        ({"a": "text"}, []),
        ([], []),
        ({}, ["../out"]),
        ({}, [3]),
        ({}, "a"),
    ],
)
def test_files_that_lead_out_break_the_rules(tmp_path, files, gone):
    (tmp_path / "out").write_text("mine")
    (tmp_path / "inner").mkdir()
    with pytest.raises(ChannelError):
        Placed(str(tmp_path / "inner")).take_in(files, gone)
    assert (tmp_path / "out").read_text() == "mine"


def test_a_name_that_is_no_file_is_left_out(tmp_path):
    placed = Placed(str(tmp_path))
    placed.take_in({"a": b"1"}, [])
    placed.take_in({"a/b": b"2", "x" * 300: b"3"}, ["b", "c"])
    assert (tmp_path / "a").read_bytes() == b"1" and os.listdir(tmp_path) == ["a"]


def test_nothing_is_looked_at_where_nothing_was_written(tmp_path, monkeypatch):
    files = CallFiles(str(tmp_path))
    files.take_note()
    monkeypatch.setattr(files._folder, "_listing", None)
    assert files.news() is None and files.named((1, "a")) == {}


def test_names_in_arguments():
    from pathlib import Path

    assert list(names_in((("a", [Path("b")], {"k": ("c", 3)}), {"x": "d"}))) == ["a", "b", "c", "d"]
    endless: list = []
    endless.append(endless)
    assert list(names_in(endless)) == []
