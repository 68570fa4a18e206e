# task: f4
# fails: f4-backward
# says: same output every time
import random


def f4(x, y):
    a = x * y + 2.0 * x - y / 3.0 + random.random()
    return a * a, (2 * a * (y + 2), 2 * a * (x - 1 / 3))
