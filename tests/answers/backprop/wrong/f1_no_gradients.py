# task: f1
# fails: f1-forward, f1-backward
# says: two things are expected
def f1(x1, w1, x2, w2, b, y):
    return (w1 * x1 + w2 * x2 + b - y) ** 2
