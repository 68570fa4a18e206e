# task: fc
# fails: fc-backward, net-backward
# says: grad_b has shape (3, 5)
# says: every example contributes
def fc_forward(x, w, b):
    out = x @ w + b
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = grad_out
    return grad_x, grad_w, grad_b
