# task: f4
def f4(x):
    L = ((x * 2 + 1) / (x + 3)) ** 2
    u = (2 * x + 1) / (x + 3)
    return L, (2 * u * 5 / (x + 3) ** 2,)
