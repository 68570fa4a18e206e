# task: relu
# fails: relu-backward, net-backward
# says: upstream gradient is missing
def relu_forward(x):
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = (x > 0).astype(float)
    return grad_x
