# task: loss
# fails: loss-forward, loss-gradients, fit-steps
# says: The prediction has shape (2, 3)
# says: the points are rows
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = S @ P.T + t.reshape(2, 1)
    diff = prediction - P_prime.T
    return np.sum(diff**2) / N, prediction, 2 / N * diff @ P, 2 / N * diff.sum(axis=1)
