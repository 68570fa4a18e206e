# task: loss
# fails: loss-forward, loss-gradients, fit-result
# says: t is missing
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T
    diff = prediction - P_prime
    return np.sum(diff**2) / N, prediction, 2 / N * diff.T @ P, 2 * diff.mean(0)
