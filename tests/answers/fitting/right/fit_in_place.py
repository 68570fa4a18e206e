# task: fit
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    S = np.eye(2)
    t = np.zeros(2)
    for i in range(1, steps + 1):
        loss, prediction, dS, dt = affine_transform_loss(P, P_prime, S, t)
        logger.log(i, loss, prediction)
        S -= learning_rate * dS
        t -= learning_rate * dt
    return [S, t]
