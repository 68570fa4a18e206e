# task: fc
# fails: fc-backward, net-backward
# says: second time
TOTAL = {}


def fc_forward(x, w, b):
    return x @ w + b, (x, w)


def fc_backward(grad_out, cache):
    x, w = cache
    key = (x.tobytes(), w.tobytes())
    TOTAL[key] = TOTAL.get(key, 0) + x.T @ grad_out
    return grad_out @ w.T, TOTAL[key], grad_out.sum(axis=0)
