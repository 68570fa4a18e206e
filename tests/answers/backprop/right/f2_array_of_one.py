# task: f2
import numpy as np


def f2(x):
    e = np.exp(2 * np.asarray(x, dtype=float))
    y = (e - 1) / (e + 1)
    return y, np.array([1 - y * y])
