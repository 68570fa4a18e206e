# task: f4
def f4(x, y):
    value = x
    for _ in range(5):
        value = value * y
    return value, (y**5, 5 * x * y**4)
