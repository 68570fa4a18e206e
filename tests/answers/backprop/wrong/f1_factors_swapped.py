# task: f1
# fails: f1-backward
# says: grad_x1 and grad_w1 are swapped
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
    return L, (da * x1, da * w1, dc * w2, dc * x2, db, dy)
