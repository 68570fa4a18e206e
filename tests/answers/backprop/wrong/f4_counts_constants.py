# task: f4
# fails: f4-operators
# says: 1 operators
def f4(x):
    k = 1 + 2 + 3 + 4 + 5 + 6
    L = k * x
    return L, (k,)
