"""Train with the reference solution of the assignment neuralnet, and store what tests need.

Run: .venv/bin/python tools/train_neuralnet.py default
     .venv/bin/python tools/train_neuralnet.py handed-in
     .venv/bin/python tools/train_neuralnet.py overfit
     .venv/bin/python tools/train_neuralnet.py reference

``default`` measures the curves of the badly tuned default run, which the notebook shows.
``handed-in`` trains two small networks, and writes the files that a student hands in to
tests/answers/neuralnet/files/; ``overfit`` writes one of them. ``reference`` trains with
the settings of the reference solution, stores nothing, and prints accuracies with
wall-clock and processor time.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from chainrule.handin.student_code import load_definitions
from chainrule.neuralnet import (
    History,
    linear_decay,
    load_images,
    run_test_once,
    save_results,
    train,
)

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "source" / "neuralnet"
CURVES = ROOT / "chainrule" / "neuralnet" / "measured" / "default_run.json"
HANDED_IN = ROOT / "tests" / "answers" / "neuralnet" / "files"
SEED = 442

DEFAULT = {
    "num_train": 20000, "hidden_dim": 16, "batch_size": 128, "num_epochs": 10,
    "learning_rate": 1e-4, "reg": 1.0, "weight_scale": 1e-3, "schedule": None,
}  # fmt: skip
SMALL_BEST = {
    "num_train": 45000, "hidden_dim": 64, "batch_size": 128, "num_epochs": 8,
    "learning_rate": 0.1, "reg": 1e-3, "weight_scale": 1e-2, "schedule": "linear_decay",
}  # fmt: skip
SMALL_OVERFIT = {
    "num_train": 1000, "hidden_dim": 32, "batch_size": 50, "num_epochs": 25,
    "learning_rate": 0.1, "reg": 0.0, "weight_scale": 1e-2, "schedule": None,
}  # fmt: skip
# The settings that the solution cells of cifar.ipynb use.
BEST = {**SMALL_BEST, "hidden_dim": 256, "batch_size": 256, "num_epochs": 5, "learning_rate": 0.2}
OVERFIT = {**SMALL_OVERFIT, "hidden_dim": 100, "num_epochs": 15, "schedule": "linear_decay"}


def solution() -> tuple:
    """Return layers and training step of the reference solution."""
    layers = load_definitions(SOURCE / "layers.ipynb")
    cifar = load_definitions(SOURCE / "cifar.ipynb")
    cifar.layers = layers
    return layers, cifar.training_step


def run(settings: dict, **options) -> tuple:
    """Train with given settings; return model, history and data.

    Further options go to `load_images`.
    """
    layers, step = solution()
    data = load_images(num_train=settings["num_train"], **options)
    model = layers.TwoLayerNet(
        hidden_dim=settings["hidden_dim"],
        weight_scale=settings["weight_scale"],
        dtype=np.float32,
        seed=SEED,
    )
    names = ("num_epochs", "batch_size", "learning_rate", "reg")
    begun, used = time.monotonic(), time.process_time()
    history = train(
        model,
        step,
        data,
        **{name: settings[name] for name in names},
        schedule=linear_decay if settings["schedule"] else None,
        print_every=0,
        seed=SEED,
    )
    wall, processor = time.monotonic() - begun, time.process_time() - used
    print(f"training took {wall:.1f} s, {processor:.1f} s of processor time")
    return model, history, data


def measure_default() -> None:
    """Store the curves of the default run."""
    history = run(DEFAULT)[1]
    CURVES.parent.mkdir(parents=True, exist_ok=True)
    CURVES.write_text(json.dumps(rounded(history)) + "\n", encoding="utf-8")


def rounded(history: History) -> dict:
    """Return a history as short numbers."""
    return {
        "losses": [round(v, 5) for v in history.losses],
        "train_accuracy": [round(v, 4) for v in history.train_accuracy],
        "val_accuracy": [round(v, 4) for v in history.val_accuracy],
        "batches": history.batches,
    }


def make_handed_in() -> None:
    """Write the files of a student whose networks are small."""
    HANDED_IN.mkdir(parents=True, exist_ok=True)
    model, _, data = run(SMALL_BEST)
    save_results(HANDED_IN / "best.npz", model, SMALL_BEST, data["index_train"])
    model.load(HANDED_IN / "best.npz")  # what is tested is what was saved
    record = HANDED_IN / "test_run.json"
    record.unlink(missing_ok=True)
    test = load_images(num_train=0, num_val=0, num_test=10000)
    print("test accuracy", run_test_once(model, test["X_test"], test["y_test"], record))
    make_overfit()


def make_overfit() -> None:
    """Write the file of the network that overfits.

    Its images are in the bundled subset, so that it can be judged without CIFAR-10.
    """
    model, _, data = run(SMALL_OVERFIT, num_val=500, source="subset")
    save_results(HANDED_IN / "overfit.npz", model, SMALL_OVERFIT, data["index_train"])


def reference() -> None:
    """Train with the settings of the reference solution, and say how long it takes."""
    run(BEST)
    run(OVERFIT)


if __name__ == "__main__":
    tasks = {
        "default": measure_default,
        "handed-in": make_handed_in,
        "overfit": make_overfit,
        "reference": reference,
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=tasks)
    tasks[parser.parse_args().task]()
