# task: f4
# fails: f4-backward
# says: does not depend on its input z
def f4(x, y, z):
    a = x * y
    L = a * a + a * 3.0 - x
    return L, (2 * a * y + 3 * y - 1, 2 * a * x + 3 * x, 0.0)
