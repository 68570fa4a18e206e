"""Corresponding points for the affine fitting assignment, made from a fixed seed.

The points fill the drawing of a sailing boat. An affine map (a turn by 45
degrees, stretched by 2 along x and mirrored along y) and a little Gaussian noise
give the points that correspond to them. With the outliers that
`load_correspondences` can add, the same set serves the lesson on RANSAC.
"""

from __future__ import annotations

import tokenize
import zipfile
from pathlib import Path

import numpy as np

from chainrule.data.errors import DataDamaged

NUM_POINTS = 4560
NOISE = float(np.sqrt(5.1e-5 / 2))
"""Standard deviation of the noise on each coordinate; the least loss is near 5.1e-5."""

TRUE_S = np.array([[np.sqrt(2), -np.sqrt(2)], [-np.sqrt(0.5), -np.sqrt(0.5)]])
TRUE_T = np.array([0.1, 0.2])

# A hull, a main sail, a jib and a flag, in units of the boat's length.
_BOAT = {
    "hull": [(0.02, 0.22), (0.98, 0.22), (0.80, 0.0), (0.18, 0.0)],
    "main sail": [(0.50, 0.30), (0.50, 0.98), (0.94, 0.30)],
    "jib": [(0.44, 0.30), (0.44, 0.86), (0.10, 0.30)],
    "flag": [(0.47, 1.0), (0.47, 1.12), (0.30, 1.06)],
}
# Size and place decide the curvature of the loss. These make a learning rate of
# 0.5 reach 1e-4 in about 90 steps and rates above 0.67 diverge.
_SIZE = np.array([1.07, 1.266])
_CORNER = np.array([-0.002, -0.051])


def make_correspondences(
    num_points: int = NUM_POINTS, noise: float = NOISE, outliers: float = 0.0, seed: int = 442
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make corresponding points under a known affine map.

    Parameters
    ----------
    num_points : int
        How many correspondences, N.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate of `P_prime`.
    outliers : float
        Share of the correspondences, from 0 up to but not including 1, whose
        partner is replaced by a point anywhere in the bounding box of `P_prime`.
    seed : int
        Seed. The points and the noise do not change with `outliers`.

    Returns
    -------
    P : ndarray, (N, 2), float64
        Points of the drawing.
    P_prime : ndarray, (N, 2), float64
        Their partners, ``TRUE_S @ p + TRUE_T`` and noise.
    inlier : ndarray, (N,), bool
        False where the partner was replaced.

    Raises
    ------
    ValueError
        For fewer than 3 points, negative noise, or a share outside [0, 1).

    Notes
    -----
    `numpy.random.RandomState` is used because its streams are frozen: every
    version of NumPy makes the same points.
    """
    if num_points < 3:
        raise ValueError(f"num_points is {num_points}; an affine map needs at least 3 points")
    if noise < 0:
        raise ValueError(f"noise is {noise}; a standard deviation cannot be negative")
    if not 0 <= outliers < 1:
        raise ValueError(f"outliers is {outliers}; it is a share, from 0 up to but not 1")
    points = _points_in_boat(num_points, np.random.RandomState([seed, 0]))
    partners = points @ TRUE_S.T + TRUE_T
    partners += np.random.RandomState([seed, 1]).normal(scale=noise, size=points.shape)
    inlier = np.ones(num_points, dtype=bool)
    if outliers:
        rng = np.random.RandomState([seed, 2])
        wrong = rng.permutation(num_points)[: round(outliers * num_points)]
        low, high = partners.min(axis=0), partners.max(axis=0)
        partners[wrong] = rng.uniform(low, high, size=(len(wrong), 2))
        inlier[wrong] = False
    return points, partners, inlier


def load_correspondences(outliers: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Give the course's correspondences.

    Parameters
    ----------
    outliers : float
        Share of wrong correspondences; 0.3 for the lesson on RANSAC.

    Returns
    -------
    P, P_prime : ndarray, (4560, 2), float64
        Points and their partners. The set without outliers has the identity's
        loss near 1.39 and the least loss near 5.1e-5.

    See Also
    --------
    make_correspondences : the same with a choice of size, noise and seed, and the
        mask that says which correspondences are right.
    """
    points, partners, _ = make_correspondences(outliers=outliers)
    return points, partners


def save_correspondences(path: Path | str, P: np.ndarray, P_prime: np.ndarray) -> None:
    """Write correspondences to an ``.npz`` file with the arrays ``P`` and ``P_prime``."""
    np.savez_compressed(path, P=P, P_prime=P_prime)


def read_correspondences(path: Path | str) -> tuple[np.ndarray, np.ndarray]:
    """Read correspondences that `save_correspondences` or a student wrote.

    Parameters
    ----------
    path : str or Path
        An ``.npz`` file with the arrays ``P`` and ``P_prime``, or an ``.npy``
        file with one ndarray, (N, 4), whose columns are x, y, x', y'.

    Returns
    -------
    P, P_prime : ndarray, (N, 2), float64

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    DataDamaged
        If the file holds something else.
    """
    path = Path(path)
    try:
        with open(path, "rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            points, partners = _two_arrays(loaded, path)
    except (ValueError, EOFError, zipfile.BadZipFile, tokenize.TokenError) as error:
        raise DataDamaged(f"{path} cannot be read as correspondences: {error}") from error
    for name, array in (("P", points), ("P_prime", partners)):
        if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "fiu":
            raise DataDamaged(
                f"{path}: {name} has shape {array.shape} and type {array.dtype}; "
                "numbers of shape (N, 2) are expected"
            )
    if points.shape != partners.shape:
        raise DataDamaged(
            f"{path}: P has shape {points.shape} but P_prime has shape {partners.shape}"
        )
    return points.astype(np.float64), partners.astype(np.float64)


def _two_arrays(loaded, path):
    if isinstance(loaded, np.ndarray):
        if loaded.ndim != 2 or loaded.shape[1] != 4:
            raise DataDamaged(f"{path} has shape {loaded.shape}; (N, 4) is expected")
        return loaded[:, :2], loaded[:, 2:]
    missing = {"P", "P_prime"} - set(loaded.files)
    if missing:
        raise DataDamaged(f"{path} has no array {' and no array '.join(sorted(missing))}")
    return loaded["P"], loaded["P_prime"]


def _points_in_boat(num_points, rng):
    """Draw points uniformly from the boat by rejection, (num_points, 2)."""
    kept, total = [], 0
    while total < num_points:
        candidates = rng.uniform((0.0, 0.0), (1.0, 1.12), size=(4096, 2))
        inside = np.zeros(len(candidates), dtype=bool)
        for polygon in _BOAT.values():
            inside |= _inside(candidates, polygon)
        kept.append(candidates[inside])
        total += int(inside.sum())
    return np.concatenate(kept)[:num_points] * _SIZE + _CORNER


def _inside(points, polygon):
    """Say which points lie in a polygon, by the parity of the edges to their right."""
    x, y = points.T
    result = np.zeros(len(points), dtype=bool)
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if y1 == y2:  # a level edge is crossed by no level ray
            continue
        crosses = (y1 > y) != (y2 > y)
        result ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return result
