# task: fit
# fails: fit-steps, fit-result
# says: whole numbers only
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    S = np.array([[1, 0], [0, 1]])
    t = np.array([0, 0])
    for i in range(steps):
        loss, prediction, grad_S, grad_t = affine_transform_loss(P, P_prime, S, t)
        logger.log(i, loss, prediction)
        S[:] = S - learning_rate * grad_S
        t[:] = t - learning_rate * grad_t
    return S, t
