# task: f1
import numpy as np


def f1(x1, w1, x2, w2, b, y):
    inputs = np.array([x1, w1, x2, w2, b, y], dtype=float)
    x, w = inputs[[0, 2]], inputs[[1, 3]]
    error = x @ w + inputs[4] - inputs[5]
    gradient = np.empty(6)
    gradient[[0, 2]] = 2 * error * w
    gradient[[1, 3]] = 2 * error * x
    gradient[4:] = 2 * error, -2 * error
    return error**2, tuple(gradient)
