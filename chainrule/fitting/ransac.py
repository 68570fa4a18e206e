"""Random sample consensus: fit a model to the points that agree with each other."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


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
