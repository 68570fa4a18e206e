# task: f3
import math


def f3(s1, s2, y):
    if y == 1:
        gap = s2 - s1
    elif y == 2:
        gap = s1 - s2
    else:
        raise ValueError(y)
    L = math.log1p(math.exp(gap))
    g = 1 / (1 + math.exp(-gap))
    return L, ((-g, g) if y == 1 else (g, -g))
