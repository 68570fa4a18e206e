# task: f2
# fails: f2-backward
# says: only one of its paths
# says: `t` is missing
import math


def f2(x):
    d = 2 * x
    e = math.exp(d)
    t = e - 1
    b = e + 1
    y = t / b
    dt = 1 / b
    db = -t / b**2
    de = db
    dd = de * e
    dx = 2 * dd
    return y, (dx,)
