"""No check of neuralnet fails a correct answer, whatever the seed."""

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest

from chainrule.handin.student_code import load_definitions
from chainrule.neuralnet import Classifier, practice_model
from chainrule.neuralnet import (
    checks as neuralnet,
)
from chainrule.neuralnet import (
    extension_checks as neuralnet_extensions,
)
from chainrule.neuralnet import (
    training_checks as neuralnet_training,
)

ROOT = Path(__file__).resolve().parents[2]
RIGHT = ROOT / "tests" / "answers" / "neuralnet" / "right"
LAYERS = load_definitions(ROOT / "source" / "neuralnet" / "layers.ipynb")
CIFAR = load_definitions(ROOT / "source" / "neuralnet" / "cifar.ipynb")
CIFAR.layers = LAYERS

CHECKS = {
    "fc": lambda code, seed: neuralnet.check_fc_backward(code.fc_forward, code.fc_backward, seed),
    "relu": lambda code, seed: neuralnet.check_relu_backward(
        code.relu_forward, code.relu_backward, seed
    ),
    "softmax": lambda code, seed: neuralnet.check_softmax_gradient(code.softmax_loss, seed),
    "l2": lambda code, seed: neuralnet.check_l2_gradient(code.l2_regularization, seed),
    "net": lambda code, seed: neuralnet.check_two_layer_backward(code.TwoLayerNet, seed),
    "linear": lambda code, seed: neuralnet.check_linear_classifier(code.LinearClassifier, seed),
}


class Answer:
    """A right answer: its names, and beside them those of the reference."""

    def __init__(self, path):
        self.names = {"np": np, "Classifier": Classifier, **vars(LAYERS)}
        exec(compile(path.read_text(), str(path), "exec"), self.names)

    def __getattr__(self, name):
        return self.names[name]


def codes(task):
    yield LAYERS
    for path in sorted(RIGHT.glob(f"{task}_*.py")):
        yield Answer(path)


def quietly(check, *arguments):
    with contextlib.redirect_stdout(io.StringIO()):
        check(*arguments)


def run(task, seeds):
    for code in codes(task):
        for seed in seeds:
            quietly(CHECKS[task], code, seed)


@pytest.mark.parametrize("task", CHECKS)
def test_twenty_seeds(task):
    run(task, range(20))


@pytest.mark.slow
@pytest.mark.parametrize("task", CHECKS)
def test_a_thousand_seeds(task):
    run(task, range(1000))


def step(seeds):
    for seed in seeds:
        quietly(
            neuralnet_training.check_step_gradients,
            CIFAR.training_step, practice_model, LAYERS, seed,
        )  # fmt: skip


def test_step_with_five_seeds():
    step(range(5))


@pytest.mark.slow
def test_step_with_a_thousand_seeds():
    step(range(1000))


def extensions(seeds):
    functions = {
        name: (getattr(CIFAR, f"{name}_forward"), getattr(CIFAR, f"{name}_backward"))
        for name in ("sigmoid", "tanh", "elu")
    }
    for seed in seeds:
        quietly(neuralnet_extensions.check_activations, functions, seed)
        quietly(neuralnet_extensions.check_deep_net, CIFAR.DeepNet, seed)


def test_extensions_with_three_seeds():
    extensions(range(3))


@pytest.mark.slow
def test_extensions_with_a_hundred_seeds():
    extensions(range(100))
