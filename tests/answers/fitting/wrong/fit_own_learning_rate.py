# task: fit
# fails: fit-steps
# says: learning rate of 0
# says: Is the learning rate used?
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    S, t = np.eye(2), np.zeros(2)
    for i in range(steps):
        loss, prediction, grad_S, grad_t = affine_transform_loss(P, P_prime, S, t)
        logger.log(i, loss, prediction)
        S = S - 0.5 * grad_S
        t = t - 0.5 * grad_t
    return S, t
