# task: fit
# fails: fit-steps
# says: learning rate of 0
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    S, t = np.eye(2), np.zeros(2)
    for i in range(steps):
        loss, prediction, _, _ = affine_transform_loss(P, P_prime, S, t)
        logger.log(i, loss, prediction)
        X, *_ = np.linalg.lstsq(np.column_stack([P, np.ones(len(P))]), P_prime, rcond=None)
        S, t = X[:2].T, X[2]
    return S, t
