# task: loss
# fails: loss-forward, loss-gradients
# says: half of it
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return 0.5 * np.sum(diff**2) / N, prediction, diff.T @ P / N, diff.sum(0) / N
