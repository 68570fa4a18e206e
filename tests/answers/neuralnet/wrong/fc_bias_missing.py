# task: fc
# fails: fc-forward, fc-backward, net-parameters, net-forward, net-backward
# says: The bias is missing
def fc_forward(x, w, b):
    out = x @ w
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = grad_out.sum(axis=0)
    return grad_x, grad_w, grad_b
