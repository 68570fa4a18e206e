# task: f2
# fails: f2-forward, f2-backward
# says: compare it with the drawing
import math


def f2(x):
    d = x
    e = math.exp(d)
    t = e - 1
    b = e + 1
    y = t / b
    dt = 1 / b
    db = -t / b**2
    de = dt + db
    dd = de * e
    dx = dd
    return y, (dx,)
