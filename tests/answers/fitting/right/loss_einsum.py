# task: loss
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = P.shape[0]
    prediction = np.einsum("ij,nj->ni", S, P) + t
    diff = prediction - P_prime
    loss = np.einsum("ni,ni->", diff, diff) / N
    return loss, prediction, 2 / N * np.einsum("ni,nj->ij", diff, P), 2 / N * np.einsum("ni->i", diff)
