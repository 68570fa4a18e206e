# task: f4
# fails: f4-operators
# says: 2 operators
# says: at least 5
def f4(x, y):
    a = x * y
    L = a + y
    unused = x * y * x * y * x
    return L, (y, x + 1.0)
