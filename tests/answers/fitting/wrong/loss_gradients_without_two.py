# task: loss
# fails: loss-gradients
# says: factor of 2 is missing
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.sum(diff**2) / N, prediction, diff.T @ P / N, diff.mean(axis=0)
