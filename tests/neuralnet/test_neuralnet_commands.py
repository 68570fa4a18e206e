"""``chainrule train`` and ``chainrule test`` with a student's own notebooks."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from chainrule.commands import test as test_command
from chainrule.commands import train as train_command
from chainrule.data.errors import SubsetWarning

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "neuralnet"

pytestmark = [
    pytest.mark.filterwarnings("ignore::chainrule.data.errors.SubsetWarning"),
    # A learning rate that is far too large is one of the mistakes that are tried.
    pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning"),
]
assert SubsetWarning is not None

FEW = ["--num-train", "400", "--hidden-dim", "8", "--num-epochs", "2", "--batch-size", "100",
       "--learning-rate", "0.1", "--weight-scale", "0.01", "--print-every", "2"]  # fmt: skip


def command(module):
    app = typer.Typer()
    app.command()(module.command)
    return app


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for path in SOURCE.glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def whole(whole_data, monkeypatch):
    """Let the commands find CIFAR-10 as a whole."""
    monkeypatch.setenv("CHAINRULE_DATA", str(whole_data("cifar10")))


def run(module, *arguments):
    return CliRunner().invoke(command(module), [str(a) for a in arguments])


def train_then_test_once(folder, iterations, images):
    done = run(train_command, *FEW, "--plot-file", "plot.pdf", "--checkpoint-file", "c.npz")
    assert done.exit_code == 0, done.output
    assert f"epoch 1/2, iteration 2/{iterations}: loss" in done.output
    assert done.output.count("validation") == 2
    with np.load(folder / "c.npz") as saved:
        assert len(saved["train_index"]) == images
    assert (folder / "plot.pdf").read_bytes().startswith(b"%PDF")
    done = run(test_command, "--checkpoint-file", "c.npz")
    assert done.exit_code == 0, done.output
    assert "test accuracy:" in done.output
    refused = run(test_command, "--checkpoint-file", "c.npz")
    assert refused.exit_code == 2 and "second run is refused" in " ".join(refused.output.split())
    again = run(test_command, "--checkpoint-file", "c.npz", "--again")
    assert again.exit_code == 0
    assert len(json.loads((folder / "test_run.json").read_text())["runs"]) == 2


def test_train_then_test_once(folder, whole):
    train_then_test_once(folder, iterations=8, images=400)


def test_train_then_test_once_with_the_subset(folder):
    """Of the subset's images, as large a part is trained on as of those that were asked for."""
    train_then_test_once(folder, iterations=6, images=222)


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_other_plots(folder, suffix):
    done = run(train_command, *FEW, "--num-epochs", 1, "--decay", "--plot-file", f"p.{suffix}")
    assert done.exit_code == 0, done.output
    assert (folder / f"p.{suffix}").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--plot-file", "plot.doc"], "a plot ends in"),
        (["--checkpoint-file", "c.pickle"], "ends in .npz"),
        (["--plot-file", "nowhere/plot.pdf"], "there is no folder"),
        (["--folder", "nowhere"], "There is no layers.ipynb"),
        (["--learning-rate", "1e9"], "learning rate"),
    ],
)
def test_mistakes_are_named_before_or_during_training(folder, arguments, words):
    done = run(train_command, *FEW, *arguments)
    assert done.exit_code == 2, done.output
    assert words in " ".join(done.output.split())


def test_more_images_than_there_are(folder, whole):
    done = run(train_command, *FEW, "--num-train", "60000")
    assert done.exit_code == 2, done.output
    assert "num_train + num_val = 65,000" in " ".join(done.output.split())


def test_a_checkpoint_that_is_missing(folder):
    done = run(test_command, "--checkpoint-file", "c.npz")
    assert done.exit_code == 2 and "no file c.npz" in done.output
    assert not (folder / "test_run.json").exists()
