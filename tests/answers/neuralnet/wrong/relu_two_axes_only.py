# task: relu
# fails: relu-forward, relu-backward
# says: fails for shape
def relu_forward(x):
    N, D = x.shape
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = np.where(x > 0, grad_out, 0)
    return grad_x
