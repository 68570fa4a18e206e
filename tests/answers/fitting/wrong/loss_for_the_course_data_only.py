# task: loss
# fails: loss-forward, loss-gradients, fit-result
# says: different for another N
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.sum(diff**2) / 3, prediction, 2 / 3 * diff.T @ P, 2 / 3 * diff.sum(axis=0)
