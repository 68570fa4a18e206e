"""Iris, and the sampler of minibatches."""

import numpy as np
import pytest

from chainrule.data import DataDamaged, DataSampler, iris, load_iris, read_iris


def test_same_as_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    features, species = read_iris()
    given = datasets.load_iris()
    np.testing.assert_array_equal(features, given.data)
    np.testing.assert_array_equal(species, given.target)
    assert list(given.target_names) == list(iris.CLASSES)
    assert list(given.feature_names) == list(iris.FEATURES)


def test_split():
    data = load_iris()
    for part, count in (("train", 105), ("val", 15), ("test", 30)):
        assert data[f"X_{part}"].shape == (count, 4)
        labels = data[f"y_{part}"]
        assert labels.shape == (count, 3)
        assert set(np.unique(labels)) == {0, 1} and (labels.sum(axis=1) == 1).all()
        np.testing.assert_array_equal(labels.sum(axis=0), [count / 3] * 3)
    rows = np.concatenate([data[f"X_{part}"] for part in ("train", "val", "test")])
    np.testing.assert_array_equal(
        rows[np.lexsort(rows.T)], read_iris()[0][np.lexsort(read_iris()[0].T)]
    )


def test_seed():
    np.testing.assert_array_equal(load_iris(3)["X_test"], load_iris(3)["X_test"])
    assert (load_iris(3)["X_test"] != load_iris(4)["X_test"]).any()


def test_changed_file_is_noticed(monkeypatch):
    monkeypatch.setattr(iris, "_SHA256", "0" * 64)
    with pytest.raises(DataDamaged, match="install chainrule anew"):
        load_iris()


# --- the sampler -----------------------------------------------------------------

X = np.arange(20).reshape(10, 2)
Y = np.arange(10)


@pytest.mark.parametrize(
    ("size", "sizes"), [(3, [3, 3, 3, 1]), (5, [5, 5]), (10, [10]), (64, [10])]
)
def test_every_example_comes_once(size, sizes):
    sampler = DataSampler(X, Y, size)
    assert len(sampler) == len(sizes)
    batches = list(sampler)
    assert [len(y) for _, y in batches] == sizes
    assert sorted(np.concatenate([y for _, y in batches])) == list(range(10))
    for x, y in batches:
        np.testing.assert_array_equal(x, X[y])


def test_reshuffled_every_epoch_and_repeatable():
    def epochs(seed):
        sampler = DataSampler(X, Y, 4, seed)
        return [np.concatenate([y for _, y in sampler]).tolist() for _ in range(3)]

    one = epochs(0)
    assert one[0] != one[1] != one[2]
    assert one == epochs(0) and one != epochs(1)


def test_batches_are_copies():
    x = X.copy()
    for batch, _ in DataSampler(x, Y, 4):
        batch[:] = -1
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((X, Y[:9], 4), "10 examples but y has 9"),
        ((X[:0], Y[:0], 4), "no examples"),
        ((X, Y, 0), "at least 1"),
    ],
)
def test_wrong_arguments(arguments, words):
    with pytest.raises(ValueError, match=words):
        DataSampler(*arguments)
