# task: loss
# fails: loss-gradients, fit-result
# says: transposed
# says: row a and column b
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.sum(diff**2) / N, prediction, 2 / N * P.T @ diff, 2 / N * diff.sum(axis=0)
