# task: f1
def f1(x1, w1, x2, w2, b, y):
    r = x1 * w1 + x2 * w2 + b - y
    g = 2.0 * r
    return r * r, (g * w1, g * x1, g * w2, g * x2, g, -g)
