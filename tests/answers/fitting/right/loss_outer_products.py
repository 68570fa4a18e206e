# task: loss
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    diff = (np.matmul(P, np.transpose(S)) + t) - P_prime
    loss = np.mean(np.sum(np.square(diff), axis=1))
    grad_S = 2 * np.mean(diff[:, :, None] * P[:, None, :], axis=0)
    return [np.float64(loss), P.dot(S.T) + t, grad_S, 2 * np.mean(diff, axis=0)]
