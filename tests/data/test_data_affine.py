"""The correspondences have the properties on which the assignment's text relies."""

from itertools import pairwise

import numpy as np
import pytest

from chainrule.data import (
    DataDamaged,
    load_correspondences,
    make_correspondences,
    read_correspondences,
    save_correspondences,
)
from chainrule.data.correspondences import TRUE_S, TRUE_T


@pytest.fixture(scope="module")
def pairs():
    return load_correspondences()


def loss(P, Q, S, t):
    return float(((P @ S.T + t - Q) ** 2).sum(axis=1).mean())


def descend(P, Q, learning_rate, steps):
    """Gradient descent from the identity; the losses before each step and at the end."""
    S, t, losses = np.eye(2), np.zeros(2), []
    for _ in range(steps):
        residual = P @ S.T + t - Q
        losses.append(float((residual**2).sum(axis=1).mean()))
        S = S - learning_rate * 2 * residual.T @ P / len(P)
        t = t - learning_rate * 2 * residual.mean(axis=0)
    losses.append(loss(P, Q, S, t))
    return losses


def best(P, Q):
    solution = np.linalg.lstsq(np.c_[P, np.ones(len(P))], Q, rcond=None)[0]
    return solution[:2].T, solution[2]


def test_form(pairs):
    for array in pairs:
        assert array.shape == (4560, 2) and array.dtype == np.float64


def test_best_fit(pairs):
    S, t = best(*pairs)
    np.testing.assert_allclose(S, [[1.41, -1.41], [-0.71, -0.71]], atol=0.01)
    np.testing.assert_allclose(t, [0.1, 0.2], atol=0.002)
    assert loss(*pairs, S, t) == pytest.approx(5.1e-5, rel=0.01)


def test_identity_and_default_settings(pairs):
    losses = descend(*pairs, 1e-4, 100)
    assert losses[0] == pytest.approx(1.39, abs=0.005)
    assert losses[-1] == pytest.approx(1.33, abs=0.005)


def test_good_rate_takes_about_89_steps(pairs):
    losses = descend(*pairs, 0.5, 120)
    assert 84 <= np.argmax(np.array(losses) < 1e-4) <= 94
    assert all(later < earlier for earlier, later in pairwise(losses))


def test_rates_above_067_diverge(pairs):
    assert descend(*pairs, 0.66, 3000)[-1] < 1e-4
    assert descend(*pairs, 0.69, 3000)[-1] > 1e3


def test_transposed_answer_is_far_off(pairs):
    """The set must tell S from its transpose, or P @ S would pass."""
    assert loss(*pairs, TRUE_S.T, TRUE_T) > 0.1


def test_same_points_every_time(pairs):
    for one, two in zip(pairs, load_correspondences(), strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_allclose(pairs[0][0], FIRST[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(pairs[1][0], FIRST[1], rtol=0, atol=1e-12)


FIRST = ([0.7932032447517636, 0.2264971979016575], [0.899771436849106, -0.5223237974501844])


def test_outliers(pairs):
    P, Q, inlier = make_correspondences(outliers=0.3)
    np.testing.assert_array_equal(P, pairs[0])
    np.testing.assert_array_equal(Q[inlier], pairs[1][inlier])
    assert (~inlier).sum() == round(0.3 * 4560)
    assert ((Q[~inlier] != pairs[1][~inlier]).any(axis=1)).all()
    np.testing.assert_array_equal(load_correspondences(outliers=0.3)[1], Q)


def test_outliers_spoil_least_squares_but_not_the_inliers():
    P, Q, inlier = make_correspondences(outliers=0.3)
    spoilt, clean = best(P, Q), best(P[inlier], Q[inlier])
    assert abs(spoilt[0] - TRUE_S).max() > 0.1
    assert abs(clean[0] - TRUE_S).max() < 0.01


@pytest.mark.parametrize(
    "wrong", [{"num_points": 2}, {"noise": -1}, {"outliers": 1}, {"outliers": -0.1}]
)
def test_wrong_arguments(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        make_correspondences(**wrong)


def test_files(pairs, tmp_path):
    save_correspondences(tmp_path / "a.npz", *pairs)
    np.save(tmp_path / "b.npy", np.concatenate(pairs, axis=1))
    for name in ("a.npz", "b.npy"):
        for one, two in zip(pairs, read_correspondences(tmp_path / name), strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"P": np.zeros((3, 2))}, "no array P_prime"),
        ({"P": np.zeros((3, 2)), "P_prime": np.zeros((4, 2))}, r"\(3, 2\) but P_prime.*\(4, 2\)"),
        ({"P": np.zeros((3, 3)), "P_prime": np.zeros((3, 3))}, r"shape \(3, 3\)"),
        ({"P": np.array(["a"]), "P_prime": np.array(["a"])}, "numbers of shape"),
        ({"P": np.array([{}]), "P_prime": np.array([{}])}, "cannot be read"),
    ],
)
def test_damaged_files(arrays, words, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataDamaged, match=words):
        read_correspondences(tmp_path / "a.npz")


def test_other_files(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 rubbish")
    with pytest.raises(DataDamaged):
        read_correspondences(tmp_path / "a.npz")
    np.save(tmp_path / "b.npy", np.zeros((5, 3)))
    with pytest.raises(DataDamaged, match=r"\(N, 4\) is expected"):
        read_correspondences(tmp_path / "b.npy")
    with pytest.raises(FileNotFoundError):
        read_correspondences(tmp_path / "c.npz")
