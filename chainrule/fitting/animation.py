"""Given code around fitting: a logger, a loss plot, an animated GIF, and RANSAC.

Nothing here computes the loss, the gradients or the descent of the assignment: that is
the task.
"""

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from chainrule.figures import plots

#: An animation has no more pictures than this, and a picture no more points.
MOST_PICTURES = 60
MOST_POINTS = 1200


class FitLogger:
    """Keeps what a fit tells it in each step.

    Parameters
    ----------
    print_every : int
        Print the loss each so many steps; 0 for never.
    most_predictions : int
        When there are more, every second one is forgotten, so that a long fit does not
        fill the memory. All losses are kept.

    Attributes
    ----------
    steps : list
        The numbers of the steps.
    losses : list
        The loss of each step.
    predictions : list of ndarray, (N, 2)
        Copies of the predictions that are kept.
    predicted_at : list of int
        Index into ``steps`` for each kept prediction.
    """

    def __init__(self, print_every: int = 0, most_predictions: int = 200):
        self.print_every = print_every
        self.most_predictions = most_predictions
        self.steps: list = []
        self.losses: list = []
        self.predictions: list = []
        self.predicted_at: list[int] = []
        self._stride = 1

    def log(self, i, loss, prediction) -> None:
        """Take down one step.

        Parameters
        ----------
        i : int
            Number of the step, from 0.
        loss : float
            The loss with which the step begins.
        prediction : array, (N, 2)
            The predictions that belong to it.
        """
        count = len(self.steps)
        self.steps.append(i)
        self.losses.append(loss)
        if count % self._stride == 0:
            self.predictions.append(np.array(prediction))
            self.predicted_at.append(count)
        if len(self.predictions) > self.most_predictions:
            self.predictions = self.predictions[::2]
            self.predicted_at = self.predicted_at[::2]
            self._stride *= 2
        if self.print_every and count % self.print_every == 0:
            print(f"step {i:>6}   loss {loss:.6g}")

    @property
    def labels(self) -> list[str]:
        """Return a line for each kept prediction: its step and its loss."""
        return [f"step {self.steps[k]}, loss {self.losses[k]:.3g}" for k in self.predicted_at]


def loss_plot(losses: Sequence[float], path: str | Path | None = None) -> plots.Plot:
    """Draw the loss of each step, on a logarithmic scale.

    Parameters
    ----------
    losses : sequence of float
        From a `FitLogger`.
    path : path, optional
        A file to write as well; its suffix decides the format: .png, .svg or .pdf.

    Raises
    ------
    ValueError
        If there is no loss, or no finite and positive one.
    """
    values = np.array([float(loss) for loss in losses])
    drawn = np.isfinite(values) & (values > 0)
    if not drawn.any():
        raise ValueError("there is no finite and positive loss to draw; did the fit log anything?")
    steps = np.arange(len(values))
    with plots.style():
        figure = Figure(figsize=(6.0, 3.4))
        axes = figure.subplots()
        axes.plot(steps[drawn], values[drawn], color=plots.BLUE)
        axes.set(xlabel="step", ylabel="loss", yscale="log")
        if not drawn.all():
            axes.set_title(f"not a number from step {int(np.argmin(drawn))} on: it diverged")
        if path is not None:
            figure.savefig(path, dpi=150)
        first, last = values[drawn][0], values[drawn][-1]
        return plots.Plot(
            figure,
            alt=f"The loss over {len(values)} steps, on a logarithmic scale: "
            f"from {first:.3g} at the start to {last:.3g} at the end.",
        )


class Animation:
    """An animated GIF with alt text; shows itself in a notebook.

    Parameters
    ----------
    path : path
        The GIF.
    alt : str
        What it shows.
    """

    def __init__(self, path: str | Path, alt: str):
        self.path = Path(path)
        self.alt = alt
        self._data = self.path.read_bytes()

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        data = base64.b64encode(self._data).decode()
        html = f'<img alt={quoteattr(self.alt)} src="data:image/gif;base64,{data}">'
        return {"text/html": html, "text/plain": self.alt}

    def __repr__(self) -> str:
        return self.alt


def animate(
    P_prime,
    predictions: Sequence,
    path: str | Path,
    labels: Sequence[str] | None = None,
    seconds: float = 5.0,
    rounds: int = 3,
    most_pictures: int = MOST_PICTURES,
) -> Animation:
    """Write an animated GIF of predictions that move towards their partners.

    Parameters
    ----------
    P_prime : array, (N, 2)
        Where the points should go.
    predictions : sequence of arrays, (N, 2)
        One for each picture, for example of a `FitLogger`.
    path : path
        Ends in .gif.
    labels : sequence of str, optional
        What stands above each picture.
    seconds : float
        How long one round takes; the last picture stands for two seconds more.
    rounds : int
        How often it is played; 0 for without end. Movement that never ends
        makes the text beside it hard to read.
    most_pictures : int
        Where there are more predictions, as many are chosen evenly.

    Raises
    ------
    ValueError
        For another suffix, no predictions, or predictions of another shape.
    """
    path = Path(path)
    targets = np.asarray(P_prime, dtype=float)
    if path.suffix.lower() != ".gif":
        raise ValueError(f"an animation is saved as GIF: {path.name!r} should end in .gif")
    if not len(predictions):
        raise ValueError("there are no predictions; did the fit call logger.log?")
    chosen = _spread(len(predictions), most_pictures)
    frames = [np.asarray(predictions[k], dtype=float) for k in chosen]
    if any(frame.shape != targets.shape for frame in frames):
        raise ValueError(
            f"the predictions have shape {frames[0].shape}, P_prime has {targets.shape}"
        )
    titles = [labels[k] if labels else f"picture {k + 1} of {len(predictions)}" for k in chosen]
    pictures = _pictures(targets, frames, titles)
    pause = round(1000 * seconds / len(pictures))
    pictures[0].save(
        path,
        save_all=True,
        append_images=pictures[1:],
        duration=[pause] * (len(pictures) - 1) + [2000],
        optimize=False,
        **({"loop": 0} if rounds == 0 else {"loop": rounds - 1} if rounds > 1 else {}),
    )
    gaps = [float(np.sqrt(np.mean((frame - targets) ** 2))) for frame in (frames[0], frames[-1])]
    return Animation(
        path,
        alt=f"Animation: {len(targets)} points move towards their partners. "
        f"Root mean squared gap in each coordinate: {gaps[0]:.3g} at first, {gaps[1]:.3g} at last.",
    )


def _spread(count: int, most: int) -> list[int]:
    """Choose at most so many of ``count`` things, evenly, with the first and the last."""
    return sorted({round(k) for k in np.linspace(0, count - 1, min(count, most))})


def _pictures(targets: np.ndarray, frames: list[np.ndarray], titles: list[str]) -> list:
    from PIL import Image

    shown = _spread(len(targets), MOST_POINTS)
    with plots.style():
        figure = Figure(figsize=(4.6, 4.0), facecolor="white")
        canvas = FigureCanvasAgg(figure)
        axes = figure.subplots()
        axes.plot(*targets[shown].T, "+", ms=4, mew=0.8, color=plots.ORANGE, label="partners")
        (moving,) = axes.plot(*frames[0][shown].T, ".", ms=3, color=plots.BLUE, label="predictions")
        everything = np.concatenate([targets, frames[0][np.isfinite(frames[0]).all(axis=1)]])
        low, high = everything.min(axis=0), everything.max(axis=0)
        margin = 0.08 * (high - low) + 1e-9
        axes.set(xlim=(low[0] - margin[0], high[0] + margin[0]), xlabel="x")
        axes.set(ylim=(low[1] - margin[1], high[1] + margin[1]), ylabel="y")
        axes.set_aspect("equal", adjustable="box")
        axes.legend(loc="upper left", markerscale=2, fontsize=9)
        pictures = []
        palette = None
        for frame, title in zip(frames, titles, strict=True):
            moving.set_data(*frame[shown].T)
            axes.set_title(title)
            canvas.draw()
            picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
            if palette is None:
                palette = picture.quantize(32)
            pictures.append(picture.quantize(palette=palette, dither=Image.Dither.NONE))
    return pictures


def as_code(learning_rate: float, steps: int, S, t) -> str:
    """Write the settings and the result of a fit as lines of Python, to be copied."""
    rows = [", ".join(f"{value:.6f}" for value in row) for row in np.asarray(S, dtype=float)]
    shift = ", ".join(f"{value:.6f}" for value in np.asarray(t, dtype=float))
    return (
        f"learning_rate = {learning_rate:g}\nsteps = {steps}\n"
        f"S = np.array([[{rows[0]}], [{rows[1]}]])\nt = np.array([{shift}])"
    )


@dataclass
class Consensus:
    """What `ransac` found.

    Attributes
    ----------
    model : object
        Fitted to all points that agreed with the best sample.
    inliers : ndarray, (N,), bool
        The points that agree.
    best_counts : list of int
        Most points in agreement so far, after each round.
    """

    model: object
    inliers: np.ndarray
    best_counts: list[int] = field(default_factory=list)


def ransac(
    count: int,
    sample_size: int,
    fit: Callable,
    distances: Callable,
    threshold: float,
    rounds: int,
    seed: int = 442,
) -> Consensus:
    """Fit a model to the points that agree with each other: random sample consensus.

    Each round draws a few points at random, fits the model to them alone, and counts how
    many of all points lie close to it. The sample with the largest count wins, and the
    model is fitted once more, to all points that agree with it.

    Parameters
    ----------
    count : int
        Number of points, N.
    sample_size : int
        The fewest points that determine a model: 2 for a line, 3 for an affine map.
    fit : callable
        ``fit(indices) -> model``, or None where the points do not determine one.
    distances : callable
        ``distances(model) -> ndarray, (N,)``: how far each point is from the model.
    threshold : float
        The largest distance at which a point agrees, in the units of ``distances``.
    rounds : int
        How many samples are tried.
    seed : int
        Seed of the samples.

    Raises
    ------
    ValueError
        For fewer points than a sample, no rounds, or when no sample determined a model.

    Notes
    -----
    M. A. Fischler and R. C. Bolles, "Random sample consensus", Communications of the ACM
    24 (6), 1981, pages 381-395.
    """
    if count < sample_size:
        raise ValueError(f"{count} points are fewer than the {sample_size} of a sample")
    if rounds < 1:
        raise ValueError(f"rounds is {rounds}; at least one is needed")
    rng = np.random.default_rng(seed)
    best, best_count, history = None, 0, []
    for _ in range(rounds):
        model = fit(rng.choice(count, size=sample_size, replace=False))
        if model is not None:
            agree = np.asarray(distances(model)) <= threshold
            if agree.sum() > best_count:
                best, best_count = agree, int(agree.sum())
        history.append(best_count)
    if best is None:
        raise ValueError(f"none of the {rounds} samples determined a model; try more rounds")
    model = fit(np.flatnonzero(best))
    return Consensus(model, np.asarray(distances(model)) <= threshold, history)


def rounds_needed(inlier_share: float, sample_size: int, confidence: float = 0.99) -> int:
    """Return how many rounds RANSAC needs to draw one sample without outliers.

    Parameters
    ----------
    inlier_share : float
        Share of right points, between 0 and 1.
    sample_size : int
        Points in a sample.
    confidence : float
        Wanted probability that at least one sample is free of outliers.

    Raises
    ------
    ValueError
        For shares outside (0, 1] or a confidence outside (0, 1).
    """
    if not (0 < inlier_share <= 1 and 0 < confidence < 1):
        raise ValueError("inlier_share lies between 0 and 1, and so does confidence")
    clean = inlier_share**sample_size
    if clean >= confidence:
        return 1
    return math.ceil(math.log(1 - confidence) / math.log(1 - clean))
