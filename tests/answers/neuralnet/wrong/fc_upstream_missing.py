# task: fc
# fails: fc-backward, net-backward
# says: upstream gradient is not used
def fc_forward(x, w, b):
    out = x @ w + b
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    grad_out = np.ones_like(grad_out)
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = grad_out.sum(axis=0)
    return grad_x, grad_w, grad_b
