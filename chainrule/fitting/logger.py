"""What a fit tells while it runs: the logger that keeps it, its loss curve, its result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from chainrule.figures import plots


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

    def __init__(self, print_every: int = 0, most_predictions: int = 200) -> None:
        self.print_every = print_every
        self.most_predictions = most_predictions
        self.steps: list = []
        self.losses: list = []
        self.predictions: list = []
        self.predicted_at: list[int] = []
        self._stride = 1

    def log(self, i: int, loss: float, prediction: np.ndarray) -> None:
        """Take down one step.

        Parameters
        ----------
        i : int
            Number of the step, from 0.
        loss : float
            The loss with which the step begins.
        prediction : ndarray, (N, 2)
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


def as_code(learning_rate: float, steps: int, S: np.ndarray, t: np.ndarray) -> str:
    """Write the settings and the result of a fit as lines of Python, to be copied."""
    rows = [", ".join(f"{value:.6f}" for value in row) for row in np.asarray(S, dtype=float)]
    shift = ", ".join(f"{value:.6f}" for value in np.asarray(t, dtype=float))
    return (
        f"learning_rate = {learning_rate:g}\nsteps = {steps}\n"
        f"S = np.array([[{rows[0]}], [{rows[1]}]])\nt = np.array([{shift}])"
    )
