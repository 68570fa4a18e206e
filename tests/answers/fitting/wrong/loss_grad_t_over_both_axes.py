# task: loss
# fails: loss-gradients, fit-result
# says: both axes
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    grad_t = np.full(2, 2 / N * diff.sum())
    return np.sum(diff**2) / N, prediction, 2 / N * diff.T @ P, grad_t
