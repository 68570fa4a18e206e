# task: f1
# fails: f1-backward
# says: grad_
# says: central differences
def f1(x1, w1, x2, w2, b, y):
    a = w1 * x1
    c = w2 * x2
    s = a + c + b
    d = s - y
    L = d**2
    dd = 2 * d
    ds = dd
    dy = -dd
    da, dc, db = ds, ds, ds
    return L, (w1, x1, w2, x2, db, dy)
