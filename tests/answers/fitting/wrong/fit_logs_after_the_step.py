# task: fit
# fails: fit-steps
# says: with which the step begins
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    S, t = np.eye(2), np.zeros(2)
    _, _, grad_S, grad_t = affine_transform_loss(P, P_prime, S, t)
    for i in range(steps):
        S = S - learning_rate * grad_S
        t = t - learning_rate * grad_t
        loss, prediction, grad_S, grad_t = affine_transform_loss(P, P_prime, S, t)
        logger.log(i, loss, prediction)
    return S, t
