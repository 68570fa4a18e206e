# task: fit
# fails: fit-steps
# says: starts at S = 0
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    S, t = np.zeros((2, 2)), np.zeros(2)
    for i in range(steps):
        loss, prediction, grad_S, grad_t = affine_transform_loss(P, P_prime, S, t)
        logger.log(i, loss, prediction)
        S = S - learning_rate * grad_S
        t = t - learning_rate * grad_t
    return S, t
