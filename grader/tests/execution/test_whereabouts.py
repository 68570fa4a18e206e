"""An endless loop costs its time once: who comes back to it is stopped soon, who does not is not."""

from __future__ import annotations

from grader_support.notebooks import check, given, printed, run

from fairmark.judged import Judged
from fairmark.model import Status

#: Endless with a number other than 0.
LOOPS = "def f(x):\n    while x:\n        pass\n    return 1"
SECONDS = 6
#: What a stop at a known place takes at most, on a busy machine; 1 s on an idle one.
SOON = 4


def timed(*cells, **options):
    found = run(*cells, cell_seconds=SECONDS, notebook_seconds=90, **options)
    return found, found.seconds  # without the start of the server


def test_five_meetings_cost_one_limit():
    found, seconds = timed(
        LOOPS,
        "f(1)",
        check("first", "assert f(1) == 1"),
        check("second", "assert f(2) == 1"),
        check("catches", "try:\n    f(3)\nexcept Exception:\n    pass\nassert f(0) == 1"),
        check("other-input", "assert f(0) == 1"),
    )
    assert seconds < SECONDS + 4 * SOON
    assert found.undecided[:2] == ["first", "second"]
    assert found.points["first"] == found.points["second"] == 0
    assert found.points["other-input"] == 1
    assert found.status is Status.PARTLY
    assert "cell 2 did not end within 6 s; first did not end within 1 s where" in found.reason


def test_what_takes_long_elsewhere_has_all_its_time():
    """In another function, in one that calls the endless one now and then, or in a check."""
    found, _ = timed(
        LOOPS,
        "import time\ndef other():\n    time.sleep(4)\n    return 1",
        "def now_and_then():\n    for _ in range(8):\n        time.sleep(0.5)\n        f(0)\n"
        "    return 1",
        check("loops", "assert f(1) == 1"),
        check("other", "assert other() == 1"),
        check("now-and-then", "assert now_and_then() == 1"),
        check("itself", "import time\ntime.sleep(4)\nassert f(0) == 1"),
    )
    assert found.points == {"loops": 0, "other": 1, "now-and-then": 1, "itself": 1}
    assert found.undecided == ["loops"]


def test_a_function_of_the_instructors_is_not_blamed():
    """What it is given decides whether it ends; the student's function in it does not end."""
    found, seconds = timed(
        given("import time\ndef runs(f, n):\n    for _ in range(n):\n        f()\n        "
              "time.sleep(0.1)\n    return 1"),
        "def quick():\n    pass\nnumber = 10**9",
        check("endless", "assert runs(quick, number) == 1"),
        check("long", "assert runs(quick, 30) == 1"),
    )  # fmt: skip
    assert found.points == {"endless": 0, "long": 1} and seconds < 2 * SECONDS + SOON


def test_one_that_cannot_be_interrupted_is_known_again():
    stubborn = (
        "def f(x):\n    while x:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass\n    return 1"
    )
    found, seconds = timed(
        stubborn,
        check("first", "assert f(1) == 1"),
        check("second", "assert f(1) == 1"),
        check("third", "assert f(0) == 1"),
    )
    assert "could not be interrupted" in found.reason
    assert found.points["third"] == 1 and seconds < SECONDS + 4 * SOON


def test_a_cell_that_is_run_again_after_an_end_is_stopped_where_it_did_not_end():
    found, seconds = timed(
        "value = 5\nwhile True: pass",
        "import os\ndef ends():\n    os._exit(1)",
        check("ends", "ends()"),
        check("value", "assert value == 5"),
    )
    assert found.points == {"ends": 0, "value": 1} and seconds < SECONDS + 2 * SOON


def test_beside_too():
    found, seconds = timed(
        LOOPS,
        check("first", "assert f(1) == 1"),
        check("second", "assert f(1) == 1"),
        check("third", "assert f(0) == 1"),
        judged=dict.fromkeys(("first", "second", "third"), Judged.BESIDE),
    )
    assert found.points["third"] == 1 and seconds < SECONDS + 2 * SOON


def test_nonsense_about_the_place_costs_only_its_own_time():
    """The student's code finds the memory, writes into it, closes it, and takes the signal."""
    nonsense = (
        "import os, signal, stat\n"
        "for n in range(3, 30):\n"
        "    try:\n        about = os.fstat(n)\n    except OSError:\n        continue\n"
        "    if not stat.S_ISREG(about.st_mode):\n        continue\n"
        "    os.write(n, b'  File \"<ipython-input-99-ab>\", line 9 in f' * 9)\n"
        "    try:\n        os.ftruncate(n, 2**40)\n    except OSError:\n"
        "        print('sealed')\n"
        "    os.close(n)\n"
        "signal.signal(signal.SIGUSR1, lambda *a: None)\n"
    )
    found, _ = timed(
        nonsense + LOOPS,
        check("loops", "assert f(1) == 1"),
        check("fine", "assert f(0) == 1"),
    )
    assert found.points == {"loops": 0, "fine": 1} and found.undecided == ["loops"]
    assert "sealed" in printed(found, 0)
