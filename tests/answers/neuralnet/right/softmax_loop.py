# task: softmax
import math


def softmax_loss(x, y):
    loss, grad = 0.0, np.zeros_like(x)
    for i, row in enumerate(x):
        m = max(row)
        e = [math.exp(v - m) for v in row]
        s = sum(e)
        loss += math.log(s) - (row[y[i]] - m)
        for k in range(len(row)):
            grad[i, k] = (e[k] / s - (k == y[i])) / len(x)
    return loss / len(x), grad
