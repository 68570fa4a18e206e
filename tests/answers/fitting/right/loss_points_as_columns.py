# task: loss
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    Z = S @ P.T + t[:, np.newaxis]
    R = Z - P_prime.T
    loss = np.linalg.norm(R) ** 2 / P.shape[0]
    return loss, Z.T, 2 * R @ P / P.shape[0], 2 * R.mean(axis=1)
