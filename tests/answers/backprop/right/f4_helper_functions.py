# task: f4
import math


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def f4(x, y):
    a = x * y
    s = sigmoid(a)
    L = s * s
    ds = 2 * s
    da = ds * s * (1 - s)
    return L, (da * y, da * x)
