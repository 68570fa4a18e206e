"""The autograder in Gradescope's folders: fair marks, and nothing for an attacker."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace

import psutil
import pytest
from grader_support import course_maker as maker
from grader_support.autograder import has_the_documented_form, text_of, unpack

from fairmark import execution
from fairmark.execution import sandbox
from fairmark.gradescope.run import _see_that_all_is_closed, main
from fairmark.model import GradingError

BOOK = f"{maker.NOTEBOOK}.ipynb"


def hand_in(container, notebook, **more):
    return container.grade({BOOK: text_of(notebook), **more})


def test_a_full_solution_earns_all_automatic_points(both):
    found = hand_in(both, maker.full())
    assert found.code == 0
    assert found.points == {"f1-forward": 3, "f2-forward": 4, "f3-part": 2}
    assert "score" not in found.content and found.score == 9
    text = found.content["output"]
    assert text.startswith("Graded.")
    assert "7 more points" in text and "drawing (5)" in text and "essay (2)" in text
    # The instructor is told how students' code was kept apart, and nobody else.
    assert found.content["stdout_visibility"] == "hidden"
    if both.namespaces:
        assert "sandbox of its own namespaces" in found.stdout
    else:
        assert "no full sandbox" in found.stdout and "users of their own" in found.stdout


def test_wrong_and_endless_answers_get_a_diagnosis_and_no_hidden_test(both):
    answers = {
        "f1": "def f1(x):\n    return abs(2 * x)",
        "f2": "def f2(x):\n    while True:\n        pass",
        "f3": "def f3(n):\n    return min(n, 1)",
    }
    found = hand_in(both, maker.filled(**answers))
    assert found.code == 0
    assert found.points == {"f1-forward": 0, "f2-forward (not decided)": 0, "f3-part": 1}
    assert "f1 is wrong for negative numbers" in found.output("f1-forward")
    assert "NOT DECIDED" in found.output("f2-forward") and "1 of 2" in found.output("f3-part")
    assert "PARTLY GRADED" in found.content["output"]
    for secret in ("f1(-1.5)", "canary-00112233445566aa", maker.SCHEME, "HIDDEN TESTS"):
        assert secret not in json.dumps(found.content)
        assert secret not in found.stdout


def test_the_untouched_release_earns_nothing(container):
    found = hand_in(container, maker.released_notebook())
    assert found.code == 0 and found.score == 0
    assert set(found.points) == {"f1-forward", "f2-forward", "f3-part"}
    assert "not filled in yet" in found.output("f1-forward")


def test_a_notebook_that_cannot_be_read_is_no_bare_zero(container):
    found = container.grade({BOOK: "<!DOCTYPE html><html><body>Sign in</body></html>"})
    assert found.code == 0 and found.score == 0
    assert found.content["output"].startswith("NEEDS REVIEW: ")
    assert "web page" in found.content["output"]
    assert [name.endswith("(not decided)") for name in found.points] == [True] * 3
    assert "0 is not a mark" in found.output("f1-forward")


def test_nothing_handed_in(container):
    found = container.grade({})
    assert found.code == 0 and "NEEDS REVIEW" in found.content["output"]


def packed() -> bytes:
    """The zip that a course may make."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(f"ann/{BOOK}", text_of(maker.full()))
    return data.getvalue()


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({f"ann/{BOOK}": text_of(maker.full())}, "All files lay in a folder of their own"),
        ({"Copy of Kite (1).ipynb": text_of(maker.full())}, "was graded as kite.ipynb"),
        ({"ann.zip": packed()}, "Graded."),
    ],
    ids=["folder", "copy", "zip"],
)
def test_misplaced_renamed_and_packed_notebooks_are_found(container, files, told):
    found = container.grade(files)
    assert found.score == 9 and told in found.content["output"]


def test_altered_checks_are_put_back(container):
    found = hand_in(container, maker.edited_check())
    assert found.points == {"f1-forward": 0, "f2-forward": 4, "f3-part": 2}
    assert "restored" in found.content["output"]


#: Stands in the student's answer. What it could do comes back in the error of a check.
ATTACK = """
import json, os, signal, sys
COULD = []
def tried(what, action):
    try:
        if action() is not False:
            COULD.append(what)
    except Exception:
        pass
def write(path):
    with open(path, 'w') as file:
        json.dump({{"score": 100, "output": "forged"}}, file)
def finds_the_test(path):
    with open(path, 'rb') as file:
        return b'canary-00112233445566a' + b'a' in file.read()
for name in ('results/results.json', 'results/.results.json.new', 'results/x', 'source/x'):
    tried('write ' + name, lambda: write(os.path.join({root!r}, name)))
tried('read', lambda: finds_the_test(os.path.join({root!r}, 'source/assignment/assignment.json')))
tried('metadata', lambda: open(os.path.join({root!r}, 'submission_metadata.json')).read())
for name in ('source', 'results', 'submission'):
    tried('list ' + name, lambda: os.listdir(os.path.join({root!r}, name)))
    tried('chmod ' + name, lambda: os.chmod(os.path.join({root!r}, name), 0o777))
for pid in [p for p in os.listdir('/proc') if p.isdigit()] if os.path.exists('/proc') else []:
    if int(pid) != os.getpid():
        for name in ('environ', 'cwd/results/results.json', 'maps'):
            tried('look', lambda: bool(open('/proc/%s/%s' % (pid, name), 'rb').read(1)))
        tried('signal', lambda: os.kill(int(pid), 0))
for number in (1, 2):
    os.write(number, json.dumps({{"score": 100, "output": "forged"}}).encode())
print(json.dumps({{"score": 100, "output": "forged"}}), file=sys.__stdout__)
# A process that leaves session, group and parent, and writes whenever it can.
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, '-c', {daemon!r}])
    os._exit(0)
def f1(x):
    raise RuntimeError('attacked, could: ' + ' '.join(sorted(set(COULD))))
"""
DAEMON = """
import json, time
for _ in range(2000):
    try:
        open({target!r}, 'w').write('{{"score": 100}}')
    except OSError:
        pass
    time.sleep(0.01)
"""


def attack_on(root) -> str:
    daemon = DAEMON.format(target=str(root / "results" / "results.json"))
    return ATTACK.format(root=str(root), daemon=daemon)


def test_an_attacker_gets_nothing(both):
    root = both.place / f"autograder-{both.count + 1}"
    found = hand_in(both, maker.filled(**{**maker.ANSWERS, "f1": attack_on(root)}))
    said = found.output("f1-forward")
    assert said.splitlines()[0] == "RuntimeError: attacked, could:", said
    assert found.points == {"f1-forward": 0, "f2-forward": 4, "f3-part": 2}
    assert "forged" not in json.dumps(found.content["tests"]) and found.score == 6
    time.sleep(1)
    assert json.loads((root / "results" / "results.json").read_text()) == found.content
    assert not processes_with(str(root))


def processes_with(text: str) -> list[int]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(text in part for part in process.info["cmdline"] or []):
            found.append(process.pid)
    return found


def test_the_attack_works_where_nothing_protects(tmp_path):
    """The negative control: run plainly, the same code reads, forges and stays alive."""
    for name in ("results", "source/assignment", "submission"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "source" / "assignment" / "assignment.json").write_text(maker.HIDDEN)
    (tmp_path / "submission_metadata.json").write_text("{}")
    code = attack_on(tmp_path) + "\nf1(2)\n"
    # Not into pipes: the process that it leaves behind would hold them open.
    with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
        subprocess.run([sys.executable, "-c", code], stdout=out, stderr=err)
    said = (tmp_path / "err").read_text().strip().splitlines()[-1]
    for what in ("write results/results.json", "read", "metadata", "list source", "chmod results"):
        assert what in said, said
    assert "forged" in (tmp_path / "out").read_text()
    target = tmp_path / "results" / "results.json"
    target.write_text("{}")
    time.sleep(1)
    # Stopped first: it may be writing at this very moment.
    (daemon,) = processes_with(str(tmp_path))
    os.kill(daemon, signal.SIGSTOP)
    said = target.read_text()
    os.kill(daemon, signal.SIGKILL)
    assert said in ("", '{"score": 100}'), said


def test_a_broken_autograder_says_so_and_fails(container):
    def damage(root):
        (root / "source" / "assignment" / "assignment.json").write_text("{")

    found = container.grade({BOOK: text_of(maker.full())}, before=damage)
    assert found.code == 1 and found.score == 0
    assert found.content["output"].startswith("NOT GRADED: The autograder's files cannot be read")
    assert "0 is not a mark" in found.content["output"]


def test_a_grader_that_is_killed_leaves_a_result_that_says_so(container):
    def slow(root):
        """Let run_autograder be killed while the answer is at work."""
        text = (root / "run_autograder").read_text()
        (root / "run_autograder").write_text(text.replace("exec ", "exec timeout -s KILL 6 "))

    endless = maker.filled(**{**maker.ANSWERS, "f1": "import time\ntime.sleep(1000)"})
    found = container.grade({BOOK: text_of(endless)}, before=slow)
    assert found.code != 0
    assert "ended before it was done" in found.content["output"]


def test_an_image_that_was_not_set_up_says_so(container):
    unready = replace(container, python=container.place / "nowhere")
    unready.place = container.place / "unready"
    found = unready.grade({BOOK: text_of(maker.full())})
    assert found.code == 1 and "was not set up" in found.content["output"]


def test_without_any_protection_nothing_is_run(kite_zip, tmp_path, monkeypatch):
    """No namespaces, no other user: the code of the student's must not run at all."""

    def impossible(*_, **__):
        raise GradingError("no namespaces")

    monkeypatch.setattr(os, "umask", lambda mask: mask)  # this process goes on afterwards
    monkeypatch.setattr(execution, "default_executor", impossible)
    monkeypatch.setattr(sandbox, "why_not_lower", lambda: "the grader is not root")
    unpack(kite_zip, tmp_path / "source")
    (tmp_path / "submission").mkdir()
    marker = tmp_path / "ran"
    answer = f"open({str(marker)!r}, 'w').write('x')\ndef f1(x):\n    return 2 * x"
    (tmp_path / "submission" / BOOK).write_text(text_of(maker.filled(f1=answer)))
    assert main([str(tmp_path)]) == 1
    content = json.loads((tmp_path / "results" / "results.json").read_text())
    has_the_documented_form(content)
    assert "kept apart" in content["output"] and "not root" in content["output"]
    assert not marker.exists()


def test_folders_that_others_can_read_stop_the_grader(kite_zip, tmp_path, monkeypatch):
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir(mode=0o700)
    _see_that_all_is_closed(tmp_path)
    (tmp_path / "source").chmod(0o755)
    with pytest.raises(GradingError, match="source of the autograder can be read"):
        _see_that_all_is_closed(tmp_path)
