# task: loss
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    A = np.hstack([P, np.ones((N, 1))])
    M = np.column_stack([S, t])
    prediction = A @ M.T
    R = prediction - P_prime
    G = 2 * R.T @ A / N
    return float((R * R).sum() / N), prediction, G[:, :2], G[:, 2]
