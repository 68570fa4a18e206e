"""The checks of `convnet` never fail a correct answer, whatever the seed."""

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from chainrule.checks.core import CheckFailed  # noqa: E402
from chainrule.convnet import checks as convnet  # noqa: E402
from chainrule.convnet import training_checks as convnet_training  # noqa: E402
from chainrule.convnet.practice import (  # noqa: E402
    practice_loader,
    practice_model,
    practice_report,
)
from chainrule.handin.student_code import load_definitions  # noqa: E402

SOURCE = Path(__file__).resolve().parents[2] / "source" / "convnet"
PRACTICE = (practice_model, practice_loader, practice_report)
CHECKS = ("check_train_returns", "check_train_learns", "check_train_clean")


@pytest.fixture(scope="module")
def reference():
    return load_definitions(SOURCE / "fashion_mnist.ipynb")


@pytest.fixture(scope="module")
def formulas():
    return load_definitions(SOURCE / "gradients.ipynb")


def quietly(check, *arguments, **options):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return check(*arguments, **options)


def all_seeds(reference, formulas, seeds):
    for seed in seeds:
        quietly(convnet_training.check_evaluate, reference.evaluate, *PRACTICE, seed=seed)
        for name in CHECKS:
            quietly(getattr(convnet_training, name), reference.train, *PRACTICE, seed=seed)
        for name in "bWX":
            quietly(convnet.check_formula, name, formulas.__dict__[f"entry_{name}"], seed=seed)


def test_reference_passes_for_some_seeds(reference, formulas):
    all_seeds(reference, formulas, range(3))


@pytest.mark.slow
def test_reference_passes_for_a_thousand_seeds(reference, formulas):
    all_seeds(reference, formulas, range(1000))


def test_share_of_points():
    points = [convnet_training.partial_points(a, 5.0) for a in (0.0, 0.7, 0.76, 0.85, 1.0)]
    assert points == [0.0, 0.0, 2.0, 5.0, 5.0]
    with pytest.raises(ValueError, match="fraction"):
        convnet_training.partial_points(85.0, 5.0)


@pytest.mark.parametrize(
    ("right", "earned"), [(7600, 10.0), (7500, 10.0), (7400, 5.0), (7000, 5.0), (6900, None)]
)
def test_points_for_predictions(monkeypatch, tmp_path, right, earned):
    from chainrule.convnet.predictions import write_predictions

    labels = np.arange(10000) % 10
    guesses = labels.copy()
    guesses[right:] = (labels[right:] * 7 + 1 + np.arange(right, 10000) // 10 % 8) % 10
    guesses[right:] = np.where(
        guesses[right:] == labels[right:], (labels[right:] + 1) % 10, guesses[right:]
    )
    monkeypatch.setattr(convnet_training, "_cifar_labels", lambda: (labels, np.arange(10000), True))
    file = write_predictions(guesses, tmp_path / "p.csv")
    if earned is None:
        with pytest.raises(CheckFailed, match="points begin at 70"):
            quietly(convnet_training.check_predictions, file)
    else:
        assert quietly(convnet_training.check_predictions, file) == earned
