# task: fc
# fails: fc-backward, net-backward
# says: wrong axis
def fc_forward(x, w, b):
    out = x @ w + b
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = np.resize(grad_out.sum(axis=1), grad_out.shape[1])
    return grad_x, grad_w, grad_b
