# task: loss
# fails: loss-gradients, fit-result
# says: grad_S
# says: differentiate it on paper
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    grad_t = 2 / N * diff.sum(axis=0)
    grad_S = np.tile(2 / N * (diff * P).sum(axis=0), (2, 1))  # broadcast: the shape is right
    return np.sum(diff**2) / N, prediction, grad_S, grad_t
