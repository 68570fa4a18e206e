"""The public checks pass for correct answers whatever the seed, and say what is open."""

import inspect
import textwrap
from pathlib import Path

import numpy as np
import pytest

from chainrule.checks.core import CheckFailed
from chainrule.handin.student_code import load_definitions
from chainrule.modules import checks as modules

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (
    ("check_relu_forward", ["ReLU"]),
    ("check_relu_backward", ["ReLU"]),
    ("check_fc_forward", ["FullyConnected"]),
    ("check_fc_backward", ["FullyConnected"]),
    ("check_softmax_forward", ["SoftMax"]),
    ("check_softmax_backward", ["SoftMax"]),
    ("check_cross_entropy_forward", ["CrossEntropy"]),
    ("check_cross_entropy_backward", ["CrossEntropy"]),
    ("check_network_forward", ["network_of_given_layers"]),
    ("check_network_backward", ["network_of_given_layers"]),
    ("check_network_predict", ["network_of_given_layers", "train_on"]),
)


@pytest.fixture
def reference():
    return load_definitions(ROOT / "source" / "modules" / "modules.ipynb")


@pytest.fixture
def untouched():
    return load_definitions(ROOT / "release" / "modules" / "modules.ipynb")


def run(code, name, arguments, seed):
    getattr(modules, name)(*[getattr(code, argument) for argument in arguments], seed=seed)


@pytest.mark.parametrize(("name", "arguments"), CHECKS)
def test_correct_answers_pass_for_some_seeds(reference, name, arguments, capsys):
    for seed in range(3):
        run(reference, name, arguments, seed)
    assert capsys.readouterr().out.count("passed: ") == 3


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), CHECKS)
def test_correct_answers_pass_for_a_thousand_seeds(reference, name, arguments):
    for seed in range(1000):
        run(reference, name, arguments, seed)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), CHECKS)
def test_unusual_right_answers_pass_for_a_thousand_seeds(name, arguments, tmp_path):
    """All right answers to one task, each for its share of a thousand seeds."""
    codes = [answered(path, tmp_path) for path in right_answers(arguments[0])]
    assert codes
    for seed in range(1000, 2000):
        run(codes[seed % len(codes)], name, arguments, seed)


def right_answers(needed):
    task = {"FullyConnected": "fc", "network_of_given_layers": "network"}.get(needed)
    task = task or {"ReLU": "relu", "SoftMax": "softmax", "CrossEntropy": "cross_entropy"}[needed]
    return sorted((ROOT / "tests" / "answers" / "modules" / "right").glob(f"{task}_*.py"))


def answered(path, folder):
    """Load the reference's definitions with one answer after them, as a Python file."""
    import nbformat

    notebook = nbformat.read(ROOT / "source" / "modules" / "modules.ipynb", as_version=4)
    cells = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and ("class " in cell.source or "def " in cell.source)
        if not cell.metadata.get("nbgrader", {}).get("grade")
        if "setup" not in cell.metadata.get("tags", [])
    ]
    target = folder / f"{path.stem}.py"
    target.write_text("\n\n".join([*cells, path.read_text()]))
    return load_definitions(target)


@pytest.mark.parametrize(("name", "arguments"), CHECKS)
def test_untouched_tasks_are_open(untouched, name, arguments):
    with pytest.raises(CheckFailed, match="not written yet"):
        run(untouched, name, arguments, 442)


DATA = (np.ndarray, np.generic, int, float, str, type(None))


class Handle:
    """A stand-in for an object in another process: it can be called and passed back."""

    def __init__(self, thing):
        self._thing = thing
        if inspect.ismethod(thing):
            self.__source__ = textwrap.dedent(inspect.getsource(thing))

    def __getattr__(self, name):
        value = getattr(self._thing, name)
        assert callable(value), f"{name} was read from a student's object"
        return Handle(value)

    def __call__(self, *arguments, **named):
        return sent(self._thing(*[received(a) for a in arguments], **named))


def sent(value):
    if isinstance(value, (list, tuple)):
        return type(value)(sent(part) for part in value)
    if isinstance(value, dict):
        return {key: sent(part) for key, part in value.items()}
    return value if isinstance(value, DATA) else Handle(value)


def received(value):
    if isinstance(value, (list, tuple)):
        return type(value)(received(part) for part in value)
    if isinstance(value, dict):
        return {key: received(part) for key, part in value.items()}
    assert isinstance(value, (*DATA, Handle)), f"{type(value).__name__} cannot cross"
    return value._thing if isinstance(value, Handle) else value


@pytest.mark.parametrize(("name", "arguments"), CHECKS)
def test_checks_work_when_objects_live_elsewhere(reference, name, arguments):
    getattr(modules, name)(*[Handle(getattr(reference, argument)) for argument in arguments])


@pytest.mark.parametrize(
    "check", [modules.check_runs, modules.check_best, modules.check_test_error]
)
def test_missing_results_are_named(check, tmp_path):
    with pytest.raises(CheckFailed, match=r"There is no iris_results\.json beside the notebook"):
        check(tmp_path)
