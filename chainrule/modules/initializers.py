"""First values of weights: constants, uniform, normal, and the schemes of Glorot and He.

Sources: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep
feedforward neural networks", AISTATS 2010 ("Xavier", after the first author's
first name); K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers",
ICCV 2015.
"""

from __future__ import annotations

import math

import numpy as np

#: Half the width of the plain uniform scheme, and the spread of the plain normal one.
PLAIN_SCALE = 0.05


def zeros(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return zeros. All units of a layer then stay equal for ever."""
    return np.zeros(shape)


def ones(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return ones."""
    return np.ones(shape)


def uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw uniformly from [-0.05, 0.05), whatever the shape."""
    return rng.uniform(-PLAIN_SCALE, PLAIN_SCALE, size=shape)


def normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw from a normal distribution with standard deviation 0.05, whatever the shape."""
    return rng.normal(0.0, PLAIN_SCALE, size=shape)


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw uniformly with variance ``2 / (n_in + n_out)`` (Glorot and Bengio, equation 16)."""
    limit = math.sqrt(6.0 / sum(_fans(shape)))
    return rng.uniform(-limit, limit, size=shape)


def xavier_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw from a normal distribution with variance ``2 / (n_in + n_out)``."""
    return rng.normal(0.0, math.sqrt(2.0 / sum(_fans(shape))), size=shape)


def he_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw uniformly with variance ``2 / n_in``."""
    limit = math.sqrt(6.0 / _fans(shape)[0])
    return rng.uniform(-limit, limit, size=shape)


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw from a normal distribution with variance ``2 / n_in`` (He et al., equation 10)."""
    return rng.normal(0.0, math.sqrt(2.0 / _fans(shape)[0]), size=shape)


#: All schemes by name.
INITIALIZERS = {
    scheme.__name__: scheme
    for scheme in (
        zeros,
        ones,
        uniform,
        normal,
        xavier_uniform,
        xavier_normal,
        he_uniform,
        he_normal,
    )
}


def initialize(
    name: str, shape: tuple[int, int], seed: int | np.random.Generator | None = None
) -> np.ndarray:
    """Draw the first values of a weight matrix.

    Parameters
    ----------
    name : str
        A key of `INITIALIZERS`, such as ``"xavier_uniform"``.
    shape : (int, int)
        ``(n_in, n_out)``.
    seed : int or numpy.random.Generator, optional
        The same whole number gives the same weights. Without it they differ in every run.

    Returns
    -------
    ndarray, shape ``shape``, float64

    Raises
    ------
    ValueError
        For a name that is not known; the message lists those that are.
    """
    if name not in INITIALIZERS:
        known = ", ".join(sorted(INITIALIZERS))
        raise ValueError(f"there is no initialiser {name!r}; choose one of {known}")
    return INITIALIZERS[name](tuple(shape), np.random.default_rng(seed))


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) != 2:
        raise ValueError(f"a weight matrix has the shape (n_in, n_out), not {tuple(shape)}")
    return int(shape[0]), int(shape[1])
