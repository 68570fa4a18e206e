# task: f2
import numpy as np


def f2(x):
    y = np.tanh(x)
    return y, (1.0 - y**2,)
