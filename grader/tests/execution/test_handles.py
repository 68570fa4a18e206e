"""What both processes hold of each other's objects, whatever the order of calls."""

from __future__ import annotations

import contextlib
import itertools
import random
import socket
import sys
import threading
from collections import Counter, defaultdict

import numpy as np
import pytest
from grader_support.notebooks import check, run

from fairmark.execution.errors import ChannelError, Lost
from fairmark.execution.handles import Draft, Handles
from fairmark.execution.link import Link
from fairmark.execution.peer import Peer
from fairmark.execution.wire import pack
from fairmark.execution.write_back import Frame

STEPS = {
    "unchanged": "return model.backward(x)",
    "forward before": "model.forward(x)\n    return model.backward(x)",
    "forward after": "grads = model.backward(x)\n    model.forward(x)\n    return grads",
    "backward twice": "grads = model.backward(x)\n    model.backward(x)\n    return grads",
    "the second of two": "model.backward(x)\n    return model.backward(x)",
    "beside a loss": "loss = model.loss(x)\n    grads = model.backward(x)\n    return model.loss(x), loss, grads",
    "in a list": "return [model.backward(x)]",
    "the same twice": "grads = model.backward(x)\n    return grads, grads['W'], grads",
    "a copy of the dictionary": "return dict(model.backward(x))",
    "a view of it": "grads = model.backward(x)\n    return {name: value[:] for name, value in grads.items()}",
    "a base that is gone": "views = {name: value[:] for name, value in model.backward(x).items()}\n    model.forward(x)\n    return views",
    "kept for later": "kept.append(model.backward(x))\n    for _ in range(3):\n        model.forward(x)\n    return kept[-1]",
    "kept by the model": "grads = model.hold(x)\n    model.drop()\n    return grads",
    "kept and dropped later": "grads = model.hold(x)\n    model.forward(x)\n    model.drop()\n    model.forward(x)\n    return grads",
    "large": "return model.large(x)",
    "large, later": "grads = model.large(x)\n    model.forward(x)\n    return grads",
    "all at once": "return [model.backward(x), model.hold(x), model.forward(x), model.drop()][:2]",
    "a method that was kept": "backward = model.backward\n    del model\n    return backward(x)",
    "a method each time": "for _ in range(20):\n        grads = model.backward(x)\n    return grads",
}  # fmt: skip
MODEL = """
import numpy as np

class Model:
    def __init__(self):
        self.held = None
    def forward(self, x):
        return x + 1.0
    def loss(self, x):
        return float(x.sum())
    def backward(self, x):
        return {"W": x * 2.0, "b": x * 3.0}
    def hold(self, x):
        self.held = self.backward(x)
        return self.held
    def drop(self):
        self.held = None
    def large(self, x):
        return {"W": np.full((500, 400), 2.0) * x[0], "b": x * 3.0}

def dictionaries(found):
    if isinstance(found, dict):
        return [found]
    return [d for one in found for d in dictionaries(one)] if isinstance(found, (list, tuple)) else []

x = np.arange(1.0, 4.0)
for _ in range(3):
    found = dictionaries(training_step(Model(), x))
    assert found
    for grads in found:
        assert sorted(grads) == ["W", "b"] and np.array_equal(grads["b"], [3.0, 6.0, 9.0])
        assert np.array_equal(grads["W"], [2.0, 4.0, 6.0]) or grads["W"].mean() == 2.0
"""


@pytest.mark.parametrize("order", STEPS)
def test_what_a_model_of_the_check_returns_may_be_returned_unchanged(order):
    student = f"kept = []\ndef training_step(model, x):\n    {STEPS[order]}"
    found = run(student, check("step", MODEL), check("after", "assert training_step is not None"))
    assert found.failures == {} and found.reason == ""


def test_tensors_of_a_model_of_the_check_may_be_returned_too():
    pytest.importorskip("torch")
    student = """
import torch
kept = []
def training_step(model, x):
    kept.append(model.backward(x))
    model.forward(x)
    return kept[-1]
def unchanged(model, x): return model.backward(x)
def rows(x, n):
    x += n
    return x
"""
    test = """
import torch
from chainrule.runtime import call_each
class Model:
    def forward(self, x): return x + 1
    def backward(self, x): return {"W": x * 2, "b": [x, torch.zeros(2)]}
x = torch.arange(3.0)
for _ in range(3):
    for step in (training_step, unchanged):
        grads = step(Model(), x)
        assert grads["W"].tolist() == [0, 2, 4] and grads["b"][0] is x
        assert grads["b"][1].tolist() == [0, 0]
found = call_each(rows, [(torch.zeros(2), n) for n in range(3)])
assert [t.tolist() for t in found] == [[0, 0], [1, 1], [2, 2]]
"""
    found = run(student, check("tensors", test))
    assert found.failures == {} and found.reason == ""


REFUSED = {
    "an endless number": "1 << 40_000",
    "deep nesting": "deep()",
    "an array of objects": "np.array([object()])",
    "an iterator that fails": "Failing([1])",
    "too long": "np.zeros(70_000_000)",
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_number_of_a_message_that_is_refused_does_not_count(what):
    student = f"""
import numpy as np
kept, table, watched = np.ones(3), {{"new": np.ones(2)}}, np.zeros(2)
class Failing(list):
    def __iter__(self):
        raise RuntimeError("no items")
class Thing:
    def get(self): return 4
thing = Thing()
def deep():
    found = []
    for _ in range(100):
        found = [found]
    return found
def refused():
    watched[:] = 7
    return kept, table, thing, {REFUSED[what]}
def good(): return kept, table, thing
def watch(): return watched
def total(x): return x.sum()
"""
    test = """
seen = watch()
for _ in range(2):
    try:
        back = refused()
        back[3].shape
    except Exception as error:
        told = str(error)
    else:
        told = "crossed"
assert told and (seen == 7).all(), (told, seen)
a, table, thing = good()
assert a.tolist() == [1, 1, 1] and table["new"].tolist() == [1, 1] and thing.get() == 4
a += 1
assert total(a) == 6 and good()[0] is a
"""
    found = run(student, check("refused", test), check("after", "assert total(good()[0]) == 6"))
    assert found.failures == {} and found.reason == ""


def test_what_a_check_hands_over_in_a_refused_call_can_be_handed_over_again():
    test = """
import sys
import numpy as np
x, items = np.ones(3), [np.zeros(2)]
for wrong in (sys, type("Own", (), {}), 1 << 40_000):
    for _ in range(2):
        try:
            total(x, items, wrong)
        except TypeError as error:
            assert "hand" in str(error)
        else:
            assert False
assert total(x, items, 1) == 4
x += 1
assert total(x, items, 1) == 7
"""
    student = "def total(x, items, number):\n    return x.sum() + items[0].sum() + number"
    found = run(student, check("refused", test))
    assert found.failures == {} and found.reason == ""


def test_a_value_that_calls_the_check_while_it_is_handed_over_is_refused_in_words():
    student = """
class Calling(list):
    def __iter__(self):
        return iter([self.function(1)])
def f(function):
    found = Calling([1])
    found.function = function
    return found
"""
    test = """
heard = []
try:
    f(heard.append)
except RuntimeError as error:
    assert "while a value is being handed over" in str(error) and heard == []
else:
    assert False
"""
    found = run(student, check("calls", test), check("after", "assert f is not None"))
    assert found.failures == {} and found.reason == ""


def test_a_change_is_told_although_the_array_is_dropped():
    student = """
import numpy as np
class Model:
    def __init__(self): self.values = {"W": np.ones(3), "b": np.ones(2), "large": np.ones((300, 300))}
    def parameters(self): return self.values
    def total(self): return sum(value.sum() for value in self.values.values())
model = Model()
held = np.zeros(3)
def hold(x):
    global held
    held = x
def change_and_drop():
    global held
    held += 5
    held = None
"""
    cells = [
        check(
            "by the check",
            "for value in model.parameters().values():\n    value[...] = 0\ndel value\nassert model.total() == 0",
        ),
        check(
            "by the student",
            "import numpy as np\nx = np.zeros(3)\nhold(x)\nchange_and_drop()\nassert x.tolist() == [5, 5, 5]",
        ),
    ]
    found = run(student, *cells)
    assert found.failures == {}


def test_objects_in_rows_outlive_the_calls_between():
    """What a row has returned is not let go of by a call back to the check in a later row."""
    student = """
class Thing:
    def __init__(self, value): self.value = value
    def get(self): return self.value
things = [Thing(n) for n in range(3)]
def back(n, f, own):
    f(n)
    return things[n], own
def stops(n, f, own):
    if n == 2:
        raise ValueError("enough")
    return things[n]
"""
    test = """
from chainrule.runtime import call_each
class Own:
    def __init__(self, n): self.n = n
for _ in range(2):
    heard, rows = [], []
    for n in range(3):
        rows.append((n, lambda n: heard.append(n), Own(n)))
    found = call_each(back, rows)
    assert [thing.get() for thing, _ in found] == [0, 1, 2] == heard
    assert [own.n for _, own in found] == [0, 1, 2] and found[1][1] is rows[1][2]
    try:
        call_each(stops, rows)
    except ValueError:
        pass
    else:
        assert False
    assert back(1, heard.append, rows[0][2])[0].get() == 1
"""
    found = run(student, check("rows", test))
    assert found.failures == {} and found.reason == ""


class Student:
    """What the student's side does in the next test; beside it, the same without a channel."""

    def __init__(self):
        self.kept = []

    def keep(self, *arrays):
        self.kept += arrays

    def make(self, size):
        self.kept.append(np.arange(float(size)))
        return self.kept[-1]

    def get(self, places):
        return {place: self.kept[place] for place in places}

    def drop(self, place):
        del self.kept[place]

    def change(self, place, number):
        self.kept[place] += number

    def change_and_drop(self, place, number):
        array = self.kept.pop(place)
        array += number

    def refuse(self, places):
        return self.get(places), np.ones(2), 1 << 40_000

    def through(self, function, places):
        return function(self.get(places))


class Both:
    """The same actions on a student's side behind a channel and on one right here."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        mine, theirs = socket.socketpair()
        self.checks = Peer(Link(mine, eager=True), trusted=False)
        self.server = Peer(Link(theirs, eager=True), trusted=True)
        self.far, self.near = Student(), Student()
        self.server.namespace["student"] = self.far
        threading.Thread(target=self._serve, daemon=True).start()
        self.student = self.checks.ask("name", ("student",))[0]
        #: Pairs of arrays that the check holds: behind the channel, and here.
        self.held: list[tuple[np.ndarray, np.ndarray]] = []
        self.mine = mine

    def _serve(self):
        with contextlib.suppress(ChannelError):
            while True:
                self.server.serve_one()

    def places(self):
        return self.random.sample(range(len(self.near.kept)), min(2, len(self.near.kept)))

    def step(self):
        actions = [self.new, self.make, self.hand, self.forget, self.change, self.get, self.refuse]
        actions += [self.through, self.refused_here] + 3 * [self.at_the_students]
        self.random.choice(actions)()
        for far, near in self.held:
            assert np.array_equal(far, near)
        for one, two in itertools.combinations(self.held, 2):
            assert (one[0] is two[0]) == (one[1] is two[1])

    def new(self):
        size = self.random.choice([2, 3, 10_000, 140_000])
        self.held.append((np.zeros(size), np.zeros(size)))

    def make(self):
        size = self.random.choice([2, 3, 10_000])
        self.held.append((self.student.make(size), self.near.make(size)))

    def hand(self):
        some = self.random.sample(self.held, min(2, len(self.held)))
        self.student.keep(*[far for far, _ in some])
        self.near.keep(*[near for _, near in some])

    def forget(self):
        if self.held:
            del self.held[self.random.randrange(len(self.held))]

    def change(self):
        if self.held:
            far, near = self.random.choice(self.held)
            far += 1
            near += 1

    def get(self):
        places = self.places()
        far, near = self.student.get(places), self.near.get(places)
        self.held += [(far[place], near[place]) for place in places]

    def at_the_students(self):
        if self.near.kept:
            place = self.random.randrange(len(self.near.kept))
            name = self.random.choice(["drop", "change", "change_and_drop"])
            more = () if name == "drop" else (self.random.randrange(9),)
            getattr(self.student, name)(place, *more)
            getattr(self.near, name)(place, *more)

    def refuse(self):
        with pytest.raises(TypeError, match="handed over"):
            self.student.refuse(self.places())

    def refused_here(self):
        with pytest.raises(TypeError, match="cannot hand over"):
            self.student.keep(np.ones(3), *[far for far, _ in self.held], sys)

    def through(self):
        places = self.places()

        def changed(found):
            for place, array in found.items():
                array *= 2
                found[place] = [array, np.ones(2)]
            return found

        far, near = self.student.through(changed, places), self.near.through(changed, places)
        self.held += [(far[place][0], near[place][0]) for place in places]
        self.held += [(far[place][1], near[place][1]) for place in places]


@pytest.mark.parametrize("seed", range(30))
def test_a_channel_between_makes_no_difference(seed):
    both = Both(seed)
    for _ in range(150):
        both.step()
        del both.held[12:]
    while both.near.kept:
        both.near.drop(0)
        both.student.drop(0)
    both.held.clear()
    for _ in range(3):
        both.student.get([])
    assert not both.checks.handles._arrays and not both.server.handles._arrays
    # The methods that were asked for are gone; what stays is the student and the last of them.
    assert len(both.server.handles._objects) <= 2
    assert len(both.checks.handles._objects) <= 1
    both.mine.close()


FOREIGN = {
    "a number of the checks": 3,
    "zero": 0,
    "below zero": -2,
    "too large": 2**32,
    "true": True,
    "a fraction": 2.0,
    "text": "2",
}


@pytest.mark.parametrize("number", FOREIGN.values(), ids=FOREIGN)
def test_the_student_numbers_only_what_is_the_students(number):
    handles = Handles(trusted=False)
    with pytest.raises(ChannelError):
        handles.take_in(number, np.ones(2))
    with pytest.raises(ChannelError):
        handles.stand_in(number, object)
    with pytest.raises(ChannelError):
        handles.take_in_news([], [(number, "<f8", (2,), bytes(16))])


def test_what_was_let_go_of_is_closed():
    handles = Handles(trusted=False)
    draft = Draft(handles)
    thing, array = Student(), np.ones(2)
    numbers = [draft.add_object(thing), draft.add_array(array)]
    for closed in (handles.own, handles.array):
        for number in numbers:
            with pytest.raises(ChannelError):
                closed(number)
    handles.count(draft, handles.news())
    assert handles.own(numbers[0]) is thing and handles.array(numbers[1]).value is array
    handles.take_in_news([*numbers, 77], [])
    with pytest.raises(ChannelError):
        handles.own(numbers[0])
    with pytest.raises(ChannelError):
        handles.array(numbers[1])
    assert Draft(handles).add_object(thing) not in numbers


def test_what_changed_is_written_into_dicts_of_any_class():
    frame = Frame()
    found, counted, names = defaultdict(list, a=[1]), Counter("aab"), {"x"}
    for container in (found, counted, names):
        frame.add(container)
    frame.follow([(0, [("b", 2)]), (1, [("c", 5)]), (2, ["y"])])
    assert found == {"b": 2} and found["new"] == []
    assert counted == {"c": 5} and type(counted) is Counter and names == {"y"}


@pytest.mark.parametrize("items", [[1], [("a",)], [([], 1)]])
def test_a_changed_dict_without_pairs_breaks_the_rules(items):
    frame = Frame()
    frame.add({"a": 1})
    with pytest.raises(ChannelError):
        frame.follow([(0, items)])


@pytest.mark.parametrize(
    "kind", [5, None, np.arange(3), "&", "+"], ids=lambda kind: type(kind).__name__
)
def test_a_message_of_no_known_kind_breaks_the_rules(kind):
    here, there = socket.socketpair()
    peer = Peer(Link(here), trusted=False)
    head = pack((kind, [], [], [], []))
    Link(there).send(len(head).to_bytes(4, "little") + head + pack(7))
    with here, there, pytest.raises(Lost):
        peer.ask("name", ("f",))
    assert peer.broken


def test_answers_to_many_calls_that_are_no_list_break_the_rules():
    here, there = socket.socketpair()
    peer = Peer(Link(here), trusted=False)
    head = pack(("+", [], [], [], []))
    Link(there).send(len(head).to_bytes(4, "little") + head + pack(7))
    with here, there, pytest.raises(Lost):
        peer.call_each(2, [(1,)], float, "")
    assert peer.broken
