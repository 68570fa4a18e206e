"""A seed that a check sets holds in the student's process, as in one notebook."""

from __future__ import annotations

import random
import socket

import numpy as np
import pytest
from grader_support.notebooks import check, run

from fairmark.execution.errors import ChannelError
from fairmark.execution.link import Link
from fairmark.execution.peer import Peer
from fairmark.execution.seeds import Seeds, set_states

STUDENT = """
import random
import numpy as np
def draw(): return np.random.rand()
def normal(): return np.random.randn()
def shuffled(items):
    random.shuffle(items)
    return items
def still(x): return x
"""
CHECKS = {
    "seed and call": "np.random.seed(3)\nassert draw() == np.random.RandomState(3).rand()",
    "the same again": "np.random.seed(3)\na = [draw(), draw()]\nnp.random.seed(3)\nassert a[0] != a[1] and [draw(), draw()] == a",
    "an alias": "from numpy.random import seed as start\nstart(5)\nassert draw() == np.random.RandomState(5).rand()",
    "drawn between": "r = np.random.RandomState(4)\nnp.random.seed(4)\nx = np.random.rand(3)\nr.rand(3)\nassert draw() == r.rand()",
    "a pair of normals": (
        "r = np.random.RandomState(4)\nnp.random.seed(4)\nassert np.random.randn() == r.randn()\n"
        "assert still(1) == 1\nassert np.random.randn() == r.randn() and normal() == r.randn()"
    ),
    "inputs in a row": (
        "r = np.random.RandomState(1)\nnp.random.seed(1)\nfor _ in range(3):\n"
        "    x = np.random.randn(3)\n    assert (still(x) == r.randn(3)).all()"
    ),
    "random": (
        "import random\nrandom.seed(8)\nfound = shuffled(list(range(9)))\nr = random.Random(8)\n"
        "expected = list(range(9))\nr.shuffle(expected)\nassert found == expected"
    ),
    "a state": "state = np.random.get_state()\na = draw()\nnp.random.set_state(state)\nb = draw()\nnp.random.set_state(state)\nassert draw() == b",
    "in an error": "np.random.seed(3)\ntry:\n    still()\nexcept TypeError:\n    pass\nassert draw() == np.random.RandomState(3).rand()",
    "for the cell below": "np.random.seed(6)",
}  # fmt: skip


def test_what_a_check_seeds_holds_in_the_students_function():
    cells = [check(name, f"import numpy as np\n{text}") for name, text in CHECKS.items()]
    found = run(
        STUDENT,
        *cells,
        "drawn = np.random.rand()",
        check("below", "import numpy as np\nassert drawn == np.random.RandomState(6).rand()"),
    )
    assert found.failures == {}


def test_torch_is_seeded_too():
    pytest.importorskip("torch")
    test = (
        "import torch\ntorch.manual_seed(3)\na = noise()\ntorch.manual_seed(3)\n"
        "assert torch.equal(torch.rand(2), a)\ntorch.manual_seed(3)\nassert torch.equal(noise(), a)\n"
        "assert not torch.equal(noise(), a)"
    )
    found = run("import torch\ndef noise(): return torch.rand(2)", check("torch", test))
    assert found.failures == {}


def test_the_student_cannot_set_what_a_check_draws():
    """The state of the checks' generator is its own: nothing is taken back."""
    student = (
        "import numpy as np\ndef f(x):\n    np.random.seed(0)\n"
        "    np.random.set_state(('MT19937', np.zeros(624, np.uint32), 0, 0, 0.0))\n    return 0.0"
    )
    test = "import numpy as np\nnp.random.seed(9)\nf(1)\nx = np.random.rand()\nassert x and f(x) == x * 2"
    assert run(student, check("zero", test)).points == {"zero": 0.0}


def test_a_check_does_not_let_itself_be_seeded():
    here, there = socket.socketpair()
    checks, student = Peer(Link(here), trusted=False), Peer(Link(there), trusted=True)
    before = random.getstate()
    with here, there:
        student._send("?", ("seed", ({"random": random.Random(0).getstate()},)), _frame())
        checks.serve_one()
    assert random.getstate() == before


def _frame():
    from fairmark.execution.write_back import Frame

    return Frame()


def test_only_what_a_check_has_seeded_is_told(monkeypatch):
    for name in ("seed", "set_state"):
        monkeypatch.setattr(np.random, name, getattr(np.random, name))
        monkeypatch.setattr(np.random.mtrand, name, getattr(np.random.mtrand, name))
    for name in ("seed", "setstate"):
        monkeypatch.setattr(random, name, getattr(random, name))
    seeds = Seeds()
    seeds.watch()
    seeds.watch()
    np.random.rand()
    random.random()
    assert seeds.news() == {}
    np.random.seed(1)
    assert list(seeds.news()) == ["numpy"] and seeds.news() == {}
    np.random.seed(1)
    assert list(seeds.news()) == ["numpy"] and seeds.news() == {}
    np.random.randn()
    assert list(seeds.news()) == ["numpy"] and seeds.news() == {}
    np.random.randn()
    assert list(seeds.news()) == ["numpy"] and seeds.news() == {}


@pytest.mark.parametrize("states", [3, {"os": 1}, [("random", 1)]])
def test_states_of_what_is_no_generator_are_refused(states):
    with pytest.raises(ChannelError, match="unknown"):
        set_states(states)
