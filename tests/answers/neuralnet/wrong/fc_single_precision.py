# task: fc
# fails: fc-forward, fc-backward, net-forward, net-backward
# says: float32
def fc_forward(x, w, b):
    out = (x.astype(np.float32) @ w.astype(np.float32) + b).astype(np.float32)
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = grad_out.sum(axis=0)
    return grad_x, grad_w, grad_b
