"""``chainrule fit`` runs the student's own functions, from a notebook or a Python file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from chainrule.commands.fit import app
from chainrule.data import make_correspondences, save_correspondences

ROOT = Path(__file__).resolve().parents[2]
SOLVED = ROOT / "source" / "fitting" / "affine.ipynb"
OPEN = ROOT / "release" / "fitting" / "affine.ipynb"

WRONG = """
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.sum(diff**2) / len(P), prediction, diff.T @ P / len(P), diff.mean(axis=0)
"""


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_gradcheck():
    result = run("gradcheck", SOLVED)
    assert result.exit_code == 0, result.output
    assert result.output.count("passed") == 2


def test_gradcheck_of_wrong_gradients(tmp_path):
    (tmp_path / "affine.py").write_text(WRONG)
    result = run("gradcheck", tmp_path / "affine.py")
    assert result.exit_code == 1
    assert "predictions and loss are right" in result.output
    assert "A factor of 2 is missing" in result.output


def test_default_settings_are_bad_on_purpose():
    result = run("fit", SOLVED)
    assert result.exit_code == 0, result.output
    assert "step      0   loss 1.3908" in result.output
    assert "step     50   loss" in result.output
    assert "final loss 1.33" in result.output


def test_a_good_fit_with_pictures(tmp_path):
    gif, png = tmp_path / "fit.gif", tmp_path / "loss.png"
    result = run(
        *("fit", SOLVED, "--learning-rate", 0.5, "--steps", 89, "--print-loss-every", 0),
        *("--loss-plot", png, "--animated-gif", gif),
    )
    assert result.exit_code == 0, result.output
    assert "step " not in result.output
    loss = float(result.output.split("final loss ")[1].split()[0])
    assert loss < 1e-4
    with Image.open(gif) as picture:
        assert picture.n_frames == 60
    with Image.open(png) as picture:
        assert picture.format == "PNG"


def test_data_of_your_own(tmp_path):
    points, partners, _ = make_correspondences(num_points=50, noise=0.0, seed=1)
    save_correspondences(tmp_path / "own.npz", points, partners)
    result = run(
        *("fit", SOLVED, "--data-file", tmp_path / "own.npz"),
        *("--learning-rate", 0.5, "--steps", 2000),
    )
    assert result.exit_code == 0, result.output
    assert float(result.output.split("final loss ")[1].split()[0]) < 1e-9


@pytest.mark.parametrize("steps", [30, 3000])
def test_divergence_is_said(steps):
    result = run("fit", SOLVED, "--learning-rate", 2, "--steps", steps)
    assert result.exit_code == 1
    assert "diverged" in result.output
    assert "Warning" not in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fit", "no-such.ipynb"], "There is no no-such.ipynb in"),
        (["fit", OPEN], "not written yet"),
        (["fit", SOLVED, "--data-file", "no-such.npz"], "There is no file no-such.npz"),
        (["fit", SOLVED, "--animated-gif", "a.mp4"], "should end in .gif"),
        (["fit", SOLVED, "--loss-plot", "no-such-folder/a.png"], "no folder no-such-folder"),
        (["gradcheck", ROOT / "source" / "backprop" / "graphs.ipynb"], "does not define affine_t"),
    ],
)
def test_what_cannot_be_used_is_named(arguments, words):
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert words in result.output


def test_open_gradcheck_fails():
    assert run("gradcheck", OPEN).exit_code == 1


def test_a_damaged_data_file(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((3, 5)))
    result = run("fit", SOLVED, "--data-file", tmp_path / "a.npy")
    assert result.exit_code == 2
    assert "(N, 4) is expected" in result.output


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return None", "return two things"),
        ("return np.zeros(2), np.eye(2)", "t before S"),
        ("return np.eye(3), np.zeros(2)", "has shape (3, 3)"),
    ],
)
def test_wrong_results_are_named(tmp_path, body, words):
    text = f"{WRONG}\n\ndef fit_affine_transform(P, P_prime, logger, learning_rate, steps):\n"
    (tmp_path / "affine.py").write_text(f"{text}    {body}\n")
    result = run("fit", tmp_path / "affine.py")
    assert result.exit_code == 2
    assert words in result.output
