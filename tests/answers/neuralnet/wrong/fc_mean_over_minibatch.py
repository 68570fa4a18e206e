# task: fc
# fails: fc-backward, net-backward
# says: size of the minibatch once too often
def fc_forward(x, w, b):
    out = x @ w + b
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = grad_out.sum(axis=0)
    n = len(x)
    grad_w, grad_b = grad_w / n, grad_b / n
    return grad_x, grad_w, grad_b
