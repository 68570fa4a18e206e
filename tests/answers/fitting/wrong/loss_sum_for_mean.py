# task: loss
# fails: loss-forward, loss-gradients, fit-result
# says: not divided by N
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.sum(diff**2), prediction, 2 * diff.T @ P, 2 * diff.sum(axis=0)
