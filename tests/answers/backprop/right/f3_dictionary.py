# task: f3
import math


def f3(s1, s2, y):
    e1, e2 = math.exp(s1), math.exp(s2)
    total = e1 + e2
    p = {1: e1 / total, 2: e2 / total}
    L = -math.log(p[y])
    return L, tuple(p[k] - (k == y) for k in (1, 2))
