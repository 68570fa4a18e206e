# task: fit
# fails: fit-steps
# says: 1 times in 4 steps
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    S, t = np.eye(2), np.zeros(2)
    for i in range(steps):
        loss, prediction, grad_S, grad_t = affine_transform_loss(P, P_prime, S, t)
        S = S - learning_rate * grad_S
        t = t - learning_rate * grad_t
    logger.log(steps, loss, prediction)
    return S, t
