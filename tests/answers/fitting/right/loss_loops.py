# task: loss
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    N = len(P)
    loss, grad_S, grad_t = 0.0, np.zeros((2, 2)), np.zeros(2)
    prediction = []
    for p, q in zip(P, P_prime):
        z = [sum(S[a][b] * p[b] for b in range(2)) + t[a] for a in range(2)]
        prediction.append(z)
        for a in range(2):
            r = z[a] - q[a]
            loss += r * r / N
            grad_t[a] += 2 * r / N
            for b in range(2):
                grad_S[a, b] += 2 * r * p[b] / N
    return loss, prediction, grad_S, grad_t
