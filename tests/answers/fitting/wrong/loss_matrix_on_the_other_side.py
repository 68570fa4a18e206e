# task: loss
# fails: loss-forward, loss-gradients, fit-result
# says: wrong side
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = P.shape[0]
    prediction = P @ S + t
    diff = prediction - P_prime
    return np.sum(diff**2) / N, prediction, 2 / N * P.T @ diff, 2 / N * diff.sum(axis=0)
