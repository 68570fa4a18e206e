"""Iris: 150 flowers, four lengths in centimetres, three species.

The rows are those of scikit-learn's ``load_iris``, which follow Fisher's paper
(R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals
of Eugenics 7, 1936). They ship in the package, so scikit-learn is not needed.
"""

from __future__ import annotations

import hashlib
from importlib import resources

import numpy as np

from chainrule.data.errors import DataDamaged

CLASSES = ("setosa", "versicolor", "virginica")
FEATURES = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
_SHA256 = "d2ac603803efb6b62473fb0a62ce113dd8ec9e5eb17c1545885dd0ec45c11b7e"
_PER_CLASS = {"train": 35, "val": 5, "test": 10}


def read_iris() -> tuple[np.ndarray, np.ndarray]:
    """Read all 150 rows.

    Returns
    -------
    X : ndarray, (150, 4), float64
        Sepal length, sepal width, petal length, petal width, in centimetres.
    y : ndarray, (150,), int64
        Species, an index into `CLASSES`.

    Raises
    ------
    DataDamaged
        If the packaged file was changed.
    """
    raw = resources.files("chainrule.data").joinpath("files", "iris.csv").read_bytes()
    lines = raw.decode("ascii", errors="replace").split()
    # Hashed line by line: Git on Windows may turn the line ends round.
    if hashlib.sha256("\n".join(lines).encode()).hexdigest() != _SHA256:
        raise DataDamaged("the packaged iris.csv was changed; install chainrule anew")
    rows = [line.split(",") for line in lines[1:]]
    features = np.array([row[:4] for row in rows], dtype=np.float64)
    species = np.array([row[4] for row in rows], dtype=np.int64)
    return features, species


def load_iris(seed: int = 442) -> dict[str, np.ndarray]:
    """Split Iris into 105 training, 15 validation and 30 test flowers.

    Every species has the same number of flowers in every part. The features are
    in centimetres; standardise them with the training set's mean and standard
    deviation if you want them centred.

    Parameters
    ----------
    seed : int
        Seed of the split.

    Returns
    -------
    dict
        ``X_train`` (105, 4), ``y_train`` (105, 3), ``X_val`` (15, 4), ``y_val``
        (15, 3), ``X_test`` (30, 4), ``y_test`` (30, 3), all float64. The labels
        are one-hot.

    Raises
    ------
    DataDamaged
        If the packaged file was changed.
    """
    features, species = read_iris()
    rng = np.random.RandomState(seed)
    parts: dict[str, list[np.ndarray]] = {part: [] for part in _PER_CLASS}
    for label in range(len(CLASSES)):
        order = rng.permutation(np.flatnonzero(species == label))
        start = 0
        for part, count in _PER_CLASS.items():
            parts[part].append(order[start : start + count])
            start += count
    one_hot = np.eye(len(CLASSES))
    data = {}
    for part, indices in parts.items():
        chosen = rng.permutation(np.concatenate(indices))
        data[f"X_{part}"] = features[chosen]
        data[f"y_{part}"] = one_hot[species[chosen]]
    return data
