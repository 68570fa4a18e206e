"""Wrong answers fail the check meant for them, with its message; right ones pass all."""

import pytest
from support.answer_harness import ROOT, all_answers, failures, reference_failures

ANSWERS = all_answers()
NOTEBOOKS = sorted((ROOT / "source").glob("*/*.ipynb"))
FEWEST = {
    "backprop": (20, 8),
    "fitting": (14, 5),
    "modules": (22, 7),
    "neuralnet": (60, 18),
    "convnet": (25, 10),
    "pretrained": (40, 10),
}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_reference_solutions_pass(path):
    # An answer is run with the checks that can depend on it; the others have this result.
    assert reference_failures(path) == {}


@pytest.mark.parametrize("answer", [a for a in ANSWERS if a.right], ids=lambda a: a.name)
def test_right_answers_pass(answer):
    assert failures(answer) == {}


@pytest.mark.parametrize("answer", [a for a in ANSWERS if not a.right], ids=lambda a: a.name)
def test_wrong_answers_fail_where_they_should(answer):
    failed = failures(answer)
    assert set(failed) == set(answer.fails)
    message = failed[answer.fails[0]]
    assert message.startswith(("CheckFailed", "AssertionError")), message
    for words in answer.says:
        assert words in message


@pytest.mark.parametrize("assignment", FEWEST)
def test_there_are_enough_answers(assignment):
    mine = [a for a in ANSWERS if a.assignment == assignment]
    wrong, right = FEWEST[assignment]
    assert sum(not a.right for a in mine) >= wrong
    assert sum(a.right for a in mine) >= right
