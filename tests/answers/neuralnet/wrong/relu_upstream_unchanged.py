# task: relu
# fails: relu-backward, net-backward
# says: unchanged
def relu_forward(x):
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = grad_out.copy()
    return grad_x
