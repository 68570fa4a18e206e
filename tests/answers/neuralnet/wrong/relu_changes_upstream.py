# task: relu
# fails: relu-backward
# says: changes its input grad_out in place
def relu_forward(x):
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = grad_out
    grad_x[x <= 0] = 0
    return grad_x
