# task: loss
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    x, y = P[:, 0], P[:, 1]
    u = S[0, 0] * x + S[0, 1] * y + t[0]
    v = S[1, 0] * x + S[1, 1] * y + t[1]
    du, dv = u - P_prime[:, 0], v - P_prime[:, 1]
    loss = (du**2 + dv**2).mean()
    grad_S = 2 * np.array([[(du * x).mean(), (du * y).mean()], [(dv * x).mean(), (dv * y).mean()]])
    return loss, np.stack([u, v], axis=1), grad_S, 2 * np.array([du.mean(), dv.mean()])
