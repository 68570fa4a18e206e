# task: fc
# fails: fc-backward, net-backward
# says: changes its input grad_out in place
def fc_forward(x, w, b):
    out = x @ w + b
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    grad_out *= 1.0 + 1e-3
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = grad_out.sum(axis=0)
    return grad_x, grad_w, grad_b
