# task: loss
# fails: loss-gradients, fit-result
# says: grad_t
# says: N times too large
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.sum(diff**2) / N, prediction, 2 / N * diff.T @ P, 2 * diff.sum(axis=0)
