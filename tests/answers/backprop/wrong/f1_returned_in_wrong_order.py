# task: f1
# fails: f1-backward
# says: grad_b and grad_y are swapped
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
    return L, (da * w1, da * x1, dc * w2, dc * x2, dy, db)
