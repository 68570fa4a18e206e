# task: f4
import numpy as np


def f4(a, b, c, d, e, f, g):
    left = a * b + c * d
    right = np.exp(e) - f
    L = left * right / g
    dl, dr = right / g, left / g
    return L, (dl * b, dl * a, dl * d, dl * c, dr * np.exp(e), -dr, -L / g)
