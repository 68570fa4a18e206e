# task: f2
# fails: f2-forward, f2-backward
# says: compare it with the drawing
import math


def f2(x):
    d = 2 * x
    e = math.exp(d)
    t = e - 1
    b = e + 1
    y = b / t
    dt = -b / t**2
    db = 1 / t
    de = dt + db
    dd = de * e
    dx = 2 * dd
    return y, (dx,)
