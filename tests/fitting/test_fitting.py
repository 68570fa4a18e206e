"""Given code of the fitting assignment, its figures, and its checks over many seeds."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image
from support.answer_harness import all_answers, grade_id, run

from chainrule import fitting
from chainrule.checks.core import CheckFailed
from chainrule.data import load_correspondences, make_correspondences
from chainrule.fitting import checks, figures
from chainrule.handin.student_code import load_definitions

ROOT = Path(__file__).resolve().parents[2]
SOLVED = ROOT / "source" / "fitting" / "affine.ipynb"
RELEASED = ROOT / "release" / "fitting" / "affine.ipynb"
LESSON = ROOT / "notebooks" / "05-fitting-and-gradient-descent.ipynb"


@pytest.fixture(scope="module")
def solved():
    return load_definitions(SOLVED, needs=["affine_transform_loss", "fit_affine_transform"])


# --- the logger ------------------------------------------------------------------------


def test_logger_keeps_copies():
    logger = fitting.FitLogger()
    prediction = np.zeros((3, 2))
    logger.log(0, 1.5, prediction)
    prediction += 1
    logger.log(1, 0.5, prediction)
    assert logger.steps == [0, 1]
    assert logger.losses == [1.5, 0.5]
    assert logger.predictions[0].sum() == 0
    assert logger.predicted_at == [0, 1]
    assert logger.labels == ["step 0, loss 1.5", "step 1, loss 0.5"]


def test_logger_stays_small_in_a_long_fit():
    logger = fitting.FitLogger(most_predictions=10)
    for i in range(1000):
        logger.log(i, 1.0, np.full((1, 2), i))
    assert len(logger.losses) == 1000
    assert 5 <= len(logger.predictions) <= 10
    assert [int(p[0, 0]) for p in logger.predictions] == logger.predicted_at
    assert np.all(np.diff(logger.predicted_at) == logger.predicted_at[1])


def test_logger_prints(capsys):
    logger = fitting.FitLogger(print_every=2)
    for i in range(5):
        logger.log(i, 1 / (i + 1), np.zeros((1, 2)))
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["0", "2", "4"]


# --- pictures --------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_loss_plot_is_written(tmp_path, suffix):
    plot = fitting.loss_plot([1.0, 0.5, 0.25], tmp_path / f"loss.{suffix}")
    assert (tmp_path / f"loss.{suffix}").stat().st_size > 1000
    assert "3 steps" in plot.alt and "from 1 " in plot.alt and "0.25 at the end" in plot.alt


def test_loss_plot_of_a_fit_that_diverged():
    plot = fitting.loss_plot([1.0, 1e200, np.inf, np.nan])
    assert "to 1e+200" in plot.alt


def test_loss_plot_of_nothing():
    with pytest.raises(ValueError, match="did the fit log anything"):
        fitting.loss_plot([])


def test_animation(tmp_path):
    points, partners, _ = make_correspondences(num_points=300)
    frames = [points + k / 9 * (partners - points) for k in range(10)]
    shown = fitting.animate(partners, frames, tmp_path / "a.gif", rounds=3)
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.n_frames == 10
        assert picture.info["loop"] == 2
        picture.seek(9)
        assert picture.info["duration"] == 2000
        last = np.asarray(picture.convert("RGB")).astype(int)
        picture.seek(0)
        first = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(last - first).sum() > 1000
    assert re.search(r"0\.874 at first, \d.*e-1\d at last", shown.alt)
    html = shown._repr_mimebundle_()["text/html"]
    assert html.startswith('<img alt="Animation: 300 points')


def test_animation_of_a_fit_that_diverged(tmp_path):
    _, partners, _ = make_correspondences(num_points=30)
    frames = [partners, partners * 1e300, partners * np.inf, partners * np.nan]
    fitting.animate(partners, frames, tmp_path / "a.gif")


@pytest.mark.parametrize(
    ("name", "frames", "words"),
    [
        ("a.mp4", [np.zeros((3, 2))], r"\.gif"),
        ("a.gif", [], "logger"),
        ("a.gif", [np.zeros((4, 2))], "shape"),
    ],
)
def test_animation_errors(tmp_path, name, frames, words):
    with pytest.raises(ValueError, match=words):
        fitting.animate(np.zeros((3, 2)), frames, tmp_path / name)


def test_as_code_can_be_run():
    text = fitting.as_code(0.5, 100, [[1, 2], [3, 4]], [5, 6])
    names = {"np": np}
    exec(text, names)
    assert names["S"].tolist() == [[1, 2], [3, 4]]
    assert (names["learning_rate"], names["steps"], names["t"].tolist()) == (0.5, 100, [5, 6])


@pytest.mark.parametrize("name", ["correspondences", "residuals"])
def test_given_figures(name):
    figure = getattr(figures, name)()
    ET.fromstring(figure.svg)
    assert len(figure.alt) > 100
    assert len(figure._repr_mimebundle_()["text/html"]) < 400_000
    assert not re.search(r"(?<!,)#[0-9a-f]{6}", figure.element())


def test_line_figures():
    x = np.linspace(0, 1, 9)
    plot = figures.line_fit(x, 2 * x, [(2.0, 0.0, "least squares")], inliers=x < 0.8)
    assert "slope 2.00" in plot.alt
    path = np.array([[0.0, 0.0], [1.0, 0.5], [2.0, 0.0]])
    plot = figures.line_descent(x, 2 * x, path, [1.0, 0.5, 0.01])
    assert "ends at 0.01" in plot.alt
    plot = figures.line_descent(x, 2 * x, path, [1.0, np.inf, np.nan])
    assert "ends" not in plot.alt


# --- RANSAC ----------------------------------------------------------------------------


def ransac_on_boat(share, seed=442):
    points, partners, inlier = make_correspondences(outliers=share)
    rows = np.column_stack([points, np.ones(len(points))])

    def fit(indices):
        return np.linalg.lstsq(rows[indices], partners[indices], rcond=None)[0]

    def distances(model):
        return np.linalg.norm(rows @ model - partners, axis=1)

    return fitting.ransac(len(points), 3, fit, distances, 0.025, 40, seed), inlier


@pytest.mark.parametrize("seed", range(5))
def test_ransac_finds_the_map_among_outliers(seed):
    found, inlier = ransac_on_boat(0.3, seed)
    assert np.mean(found.inliers == inlier) > 0.98
    assert np.allclose(found.model, [[1.4142, -0.7071], [-1.4142, -0.7071], [0.1, 0.2]], atol=0.01)
    assert found.best_counts == sorted(found.best_counts)
    assert len(found.best_counts) == 40


def test_ransac_errors():
    with pytest.raises(ValueError, match="fewer"):
        fitting.ransac(2, 3, None, None, 1.0, 10)
    with pytest.raises(ValueError, match="at least one"):
        fitting.ransac(5, 3, None, None, 1.0, 0)
    with pytest.raises(ValueError, match="none of the 4 samples"):
        fitting.ransac(5, 3, lambda i: None, None, 1.0, 4)


def test_rounds_needed():
    # 0.5 ** 2 = 1/4 of the samples are clean: 1 - (3/4) ** 17 = 0.9925 and one less is too few
    assert fitting.rounds_needed(0.5, 2) == 17
    assert fitting.rounds_needed(1.0, 3) == 1
    with pytest.raises(ValueError):
        fitting.rounds_needed(0.0, 3)


# --- checks ----------------------------------------------------------------------------


def test_moments_give_the_loss(solved):
    points, partners = load_correspondences()
    rng = np.random.default_rng(5)
    for _ in range(5):
        matrix, shift = rng.normal(size=(2, 2)), rng.normal(size=2)
        expected = solved.affine_transform_loss(points, partners, matrix, shift)[0]
        assert checks._loss(checks._moments(points, partners), matrix, shift) == pytest.approx(
            expected, rel=1e-12
        )


@pytest.mark.parametrize(("rate", "steps"), [(1e-4, 100), (0.5, 89), (0.65, 150), (0.01, 3000)])
def test_closed_form_of_the_descent(solved, rate, steps):
    points, partners = load_correspondences()
    result = solved.fit_affine_transform(points, partners, fitting.FitLogger(), rate, steps)
    for mine, expected in zip(
        checks.descent_after(points, partners, rate, steps), result, strict=True
    ):
        assert np.allclose(mine, expected, rtol=0, atol=1e-10)


def test_best_fit_accepts_what_the_notebook_prints(solved):
    points, partners = load_correspondences()
    for rate, steps in ((0.5, 89), (0.3, 200), (0.66, 400), (0.05, 2000)):
        matrix, shift = solved.fit_affine_transform(
            points, partners, fitting.FitLogger(), rate, steps
        )
        names = {"np": np}
        exec(fitting.as_code(rate, steps, matrix, shift), names)
        answer = tuple(names[name] for name in ("learning_rate", "steps", "S", "t"))
        checks.check_best_fit(lambda answer=answer: answer)


def test_best_fit_just_above_the_target(solved):
    points, partners = load_correspondences()
    result = solved.fit_affine_transform(points, partners, fitting.FitLogger(), 0.5, 85)
    with pytest.raises(CheckFailed, match="should be below"):
        checks.check_best_fit(lambda: (0.5, 85, *result))


def right_answers():
    """Name each right answer and the functions that stand in its notebook."""
    for answer in all_answers():
        if answer.assignment == "fitting" and answer.right and answer.task in ("loss", "fit"):
            yield pytest.param(answer.path, id=answer.path.stem)


RIGHT = list(right_answers())


def run_checks_over_seeds(code, seeds):
    def logged_fit(points, partners, rate, steps):
        logger = fitting.FitLogger()
        result = code.fit_affine_transform(points, partners, logger, rate, steps)
        return result, logger.steps, logger.losses, logger.predictions

    for seed in seeds:
        checks.check_loss_forward(code.affine_transform_loss, seed=seed)
        checks.check_loss_gradients(code.affine_transform_loss, seed=seed)
        checks.check_fit_steps(logged_fit, code.affine_transform_loss, seed=seed)


def combined(path):
    """Put a right answer in the place of the solution that it replaces."""
    code = load_definitions(SOLVED)
    exec(compile(path.read_text(), str(path), "exec"), code.__dict__)
    return code


@pytest.mark.parametrize("path", RIGHT)
def test_right_answers_pass_with_other_seeds(path):
    run_checks_over_seeds(combined(path), range(5))


@pytest.mark.slow
@pytest.mark.parametrize("path", RIGHT)
def test_right_answers_pass_with_a_thousand_seeds(path):
    run_checks_over_seeds(combined(path), range(1000))


@pytest.mark.slow
def test_reference_passes_with_a_thousand_seeds(solved):
    run_checks_over_seeds(solved, range(1000))


# --- the notebooks ---------------------------------------------------------------------


def outcome_of_checks(path):
    """Run a notebook's graded and given cells; return check id to True where it passed."""
    names: dict = {"__name__": "__main__"}
    passed = {}
    for cell in nbformat.read(path, as_version=4).cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not data or "setup" in cell.metadata.get("tags", []):
            continue
        try:
            run(cell.source, f"<{grade_id(cell)}>", names)
        except (AssertionError, NotImplementedError, NameError):
            passed[grade_id(cell)] = False
        else:
            passed[grade_id(cell)] = True
    return {name: good for name, good in passed.items() if "-" in name and name != "logged-fit"}


def test_reference_earns_full_marks_and_the_untouched_release_none():
    solved, untouched = outcome_of_checks(SOLVED), outcome_of_checks(RELEASED)
    assert set(solved) == set(untouched)
    assert len(solved) == 5
    assert all(solved.values())
    assert not any(untouched.values())


@pytest.mark.parametrize("path", [RELEASED, LESSON], ids=["release", "lesson"])
def test_notebooks_hold_no_widget_state(path):
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


@pytest.mark.slow
def test_the_lesson_runs_without_a_person(tmp_path):
    notebook = nbformat.read(LESSON, as_version=4)
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert "widgets" not in notebook.metadata
    assert list(tmp_path.iterdir()) == []
