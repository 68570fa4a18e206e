# task: fc
# fails: fc-forward, fc-backward
# says: equal sizes
def fc_forward(x, w, b):
    out = x @ (w.T if w.shape[0] == w.shape[1] else w) + b
    cache = (x, w)
    return out, cache


def fc_backward(grad_out, cache):
    x, w = cache
    square = w.shape[0] == w.shape[1]
    w = w.T if square else w
    grad_x = grad_out @ w.T
    grad_w = x.T @ grad_out
    grad_b = grad_out.sum(axis=0)
    grad_w = grad_w.T if square else grad_w
    return grad_x, grad_w, grad_b
