# task: f4
# fails: f4-backward
# says: grad_z
# says: wrong sign
import math


def f4(x, y, z):
    a = x * y
    b = math.exp(-z)
    c = a - b
    L = c * c / y
    g = 2 * c / y
    return L, (g * y, g * x - c * c / y**2, -g * b)
