# task: loss
# fails: loss-gradients
# says: whole numbers
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = np.empty_like(P)
    prediction[:] = P @ S.T + t
    diff = prediction - P_prime
    grad_S = np.empty_like(S)
    grad_S[:] = 2 / N * diff.T @ P
    return np.sum(diff**2) / N, prediction, grad_S, 2 / N * diff.sum(axis=0)
