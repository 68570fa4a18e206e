# task: relu
# fails: relu-backward, net-backward
# says: Whose sign
def relu_forward(x):
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = np.maximum(grad_out, 0)
    return grad_x
