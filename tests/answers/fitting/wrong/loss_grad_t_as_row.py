# task: loss
# fails: loss-forward, loss-gradients, fit-steps, fit-result
# says: grad_t has shape (1, 2)
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    grad_t = np.sum(2 / N * diff, axis=0, keepdims=True)
    return np.sum(diff**2) / N, prediction, 2 / N * diff.T @ P, grad_t
