# task: loss
# fails: loss-forward, loss-gradients
# says: Those are distances
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.mean(np.linalg.norm(diff, axis=1)), prediction, 2 / N * diff.T @ P, 2 * diff.mean(0)
