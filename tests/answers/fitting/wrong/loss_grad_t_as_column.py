# task: loss
# fails: loss-forward, loss-gradients, fit-result, fit-steps
# says: grad_t has shape (2, 1)
# says: axis too many
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.sum(diff**2) / N, prediction, 2 / N * diff.T @ P, 2 / N * diff.sum(axis=0).reshape(2, 1)
