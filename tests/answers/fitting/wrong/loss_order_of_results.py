# task: loss
# fails: loss-forward, loss-gradients, fit-steps
# says: single number is expected
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return prediction, np.sum(diff**2) / N, 2 / N * diff.T @ P, 2 / N * diff.sum(axis=0)
