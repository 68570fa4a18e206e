"""What did not cross as it is, is told: a check that fails then may fail for its way."""

from __future__ import annotations

import decimal
import pickle
import socket
import sys
from contextlib import suppress

import pytest
from grader_support.across import Across

from fairmark.execution.errors import Lost
from fairmark.execution.link import Link
from fairmark.execution.peer import Peer

STUDENT = """
class Thing:
    pass
def thing(): return Thing()
def f(x): return x
def endless(): return 1 << 40_000
def fails(): raise ValueError("no")
"""


@pytest.fixture
def checks():
    with Across(STUDENT) as across:
        yield across.checks


def named(checks, name):
    return checks.ask("name", (name,), name)[0]


def attempted(action):
    with suppress(Exception):
        action()


WHAT = {
    "handed over": (lambda thing, f, all_of: f(sys), "hands over"),
    "returned": (lambda thing, f, all_of: all_of("endless")(), "so many digits"),
    "compared": (lambda thing, f, all_of: thing == 3, "=="),
    "added": (lambda thing, f, all_of: thing + 3, "+"),
    "added from the right": (lambda thing, f, all_of: 3 + thing, "+"),
    "ordered": (lambda thing, f, all_of: thing < 3, "<"),
    "asked for its class": (lambda thing, f, all_of: isinstance(thing, dict), "class"),
    "pickled": (lambda thing, f, all_of: pickle.dumps(thing), "pickled"),
}


@pytest.mark.parametrize("what", WHAT)
def test_what_did_not_cross_is_told_in_a_sentence(checks, what):
    thing = named(checks, "thing")()
    f = named(checks, "f")
    action, word = WHAT[what]
    checks.hindrances.clear()
    attempted(lambda: action(thing, f, lambda name: named(checks, name)))
    assert any(word in sentence for sentence in checks.hindrances), checks.hindrances


def test_what_crosses_is_not_told(checks):
    thing, f, fails = (named(checks, name) for name in ("thing", "f", "fails"))
    one = thing()
    assert f(one) is one and f([1, {"a": (2.5,)}]) == [1, {"a": (2.5,)}]
    with pytest.raises(ValueError, match="no"):
        fails()
    # That an object is no copy is told once, and nothing of what is asked of it.
    assert checks.hindrances == ["the student's object Thing stays in another process"]


def test_there_are_at_most_twenty_sentences(checks):
    thing = named(checks, "thing")()
    for number in range(100):
        attempted(lambda number=number: getattr(thing, f"__name{number}__"))
        attempted(lambda: thing.__name0__)
    assert len(checks.hindrances) == len(set(checks.hindrances)) == 20


def test_a_message_that_is_refused_is_told():
    here, there = socket.socketpair()
    peer = Peer(Link(here), trusted=False)
    Link(there).send(b"rubbish")
    with here, there, pytest.raises(Lost):
        peer.ask("name", ("f",))
    assert "a message of the student's process was refused" in peer.hindrances[0]


def test_an_object_of_a_library_that_a_check_hands_over_is_told(checks):
    named(checks, "f")(decimal.Context())
    assert "the check's object Context stays in another process" in checks.hindrances
