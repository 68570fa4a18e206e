# task: f1
# fails: f1-forward, f1-backward
# says: negative and large inputs
def f1(x1, w1, x2, w2, b, y):
    s = abs(w1) * abs(x1) + w2 * x2 + b
    d = s - y
    g = 2 * d
    return d**2, (g * w1, g * x1, g * w2, g * x2, g, -g)
