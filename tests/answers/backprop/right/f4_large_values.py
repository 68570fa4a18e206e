# task: f4
import math


def f4(x, y):
    a = 1000.0 * x
    b = a * a
    c = math.exp(y)
    L = b * c + a
    return L, (2 * a * 1000.0 * c + 1000.0, b * c)
