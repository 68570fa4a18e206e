# task: fc
# fails: fc-forward, fc-backward, net-forward, net-backward
# says: changes its input b in place
def fc_forward(x, w, b):
    b += 0.0 * b + x[0, 0] * 1e-3
    out = x @ w + b
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = grad_out.sum(axis=0)
    return grad_x, grad_w, grad_b
