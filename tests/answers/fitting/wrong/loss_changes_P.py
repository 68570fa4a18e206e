# task: loss
# fails: loss-forward, loss-gradients, fit-steps, fit-result
# says: changes its input P
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    value = np.sum(diff**2) / N
    P *= 2 / N
    return value, prediction, diff.T @ P, 2 / N * diff.sum(axis=0)
