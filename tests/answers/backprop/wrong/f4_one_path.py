# task: f4
# fails: f4-backward
# says: grad_x
import math


def f4(x, y):
    a = x * y
    b = math.sin(a)
    c = b + x
    d = c * c
    L = d + 1.0
    dc = 2 * c
    da = dc * math.cos(a)
    return L, (da * y, da * x)
