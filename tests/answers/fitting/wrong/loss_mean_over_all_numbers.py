# task: loss
# fails: loss-forward, loss-gradients
# says: 2N numbers instead of N points
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    prediction = P @ S.T + t
    diff = prediction - P_prime
    return np.mean(diff**2), prediction, diff.T @ P / len(P), diff.mean(axis=0)
