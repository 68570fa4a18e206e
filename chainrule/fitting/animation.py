"""An animated GIF of predictions that move towards their partners."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from chainrule.figures import plots
from chainrule.figures.picture import Shown

#: An animation has no more pictures than this, and a picture no more points.
MOST_PICTURES = 60
MOST_POINTS = 1200


class Animation(Shown):
    """An animated GIF with alt text; shows itself in a notebook.

    Parameters
    ----------
    path : path
        The GIF.
    alt : str
        What it shows.
    """

    def __init__(self, path: str | Path, alt: str) -> None:
        self.path = Path(path)
        self.alt = alt
        self._data = self.path.read_bytes()

    @property
    def html(self) -> str:
        """The GIF as an image element."""
        data = base64.b64encode(self._data).decode()
        return f'<img alt={quoteattr(self.alt)} src="data:image/gif;base64,{data}">'


def animate(
    P_prime: np.ndarray,
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
    P_prime : ndarray, (N, 2)
        Where the points should go.
    predictions : sequence of ndarray, (N, 2)
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
