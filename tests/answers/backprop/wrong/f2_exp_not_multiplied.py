# task: f2
# fails: f2-backward
# says: factor is missing
# says: `e` to `d`
import math


def f2(x):
    d = 2 * x
    e = math.exp(d)
    t = e - 1
    b = e + 1
    y = t / b
    dt = 1 / b
    db = -t / b**2
    de = dt + db
    dd = de
    dx = 2 * dd
    return y, (dx,)
