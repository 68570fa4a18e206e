# task: loss
# fails: loss-gradients, fit-result
# says: The sign is wrong
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = P_prime - prediction
    return np.sum(diff**2) / N, prediction, 2 / N * diff.T @ P, 2 / N * diff.sum(axis=0)
