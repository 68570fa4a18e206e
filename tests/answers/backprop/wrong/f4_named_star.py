# task: f4
# fails: f4-operators, f4-backward
# says: named inputs
def f4(*x):
    a = x[0] * x[1]
    L = a * a + x[0] * 3 - x[1] * a
    return L, (0.0, 0.0)
