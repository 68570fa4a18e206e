# task: loss
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    R = np.subtract(P @ S.T + t, P_prime)
    return np.array([np.trace(R.T @ R) / len(R)]), R + P_prime, np.tensordot(R, P, axes=(0, 0)) * 2 / len(R), np.ones(len(R)) @ R * 2 / len(R)
