# task: loss
# fails: loss-forward, loss-gradients, fit-steps, fit-result
# says: changes its input P_prime
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    P_prime -= prediction
    return np.sum(P_prime**2) / N, prediction, -2 / N * P_prime.T @ P, -2 / N * P_prime.sum(axis=0)
