# task: relu
# fails: relu-backward, net-backward
# says: A factor of x
def relu_forward(x):
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = np.maximum(x, 0) * grad_out
    return grad_x
