# task: f1
def f1(x1, w1, x2, w2, b, y):
    d = b - y
    d = d + x2 * w2
    d = d + x1 * w1
    up = d + d
    return d * d, (up * w1, up * x1, up * w2, up * x2, up, -up)
