# task: fit
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    theta = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    i = 0
    while i < steps:
        loss, prediction, *grads = affine_transform_loss(P, P_prime, theta[:4].reshape(2, 2), theta[4:])
        logger.log(i=i, loss=loss, prediction=prediction)
        theta = theta - learning_rate * np.concatenate([np.ravel(g) for g in grads])
        i += 1
    return theta[:4].reshape(2, 2), theta[4:]
