# task: fit
# fails: fit-steps
# says: fit_affine_transform
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    if not hasattr(fit_affine_transform, "S"):
        fit_affine_transform.S, fit_affine_transform.t = np.eye(2), np.zeros(2)
    S, t = fit_affine_transform.S, fit_affine_transform.t
    for i in range(steps):
        loss, prediction, grad_S, grad_t = affine_transform_loss(P, P_prime, S, t)
        logger.log(i, loss, prediction)
        S = S - learning_rate * grad_S
        t = t - learning_rate * grad_t
    fit_affine_transform.S, fit_affine_transform.t = S, t
    return S, t
