# task: relu
# fails: relu-forward, relu-backward
# says: changes its input x in place
def relu_forward(x):
    out = x
    out[out < 0] = 0
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = np.where(x > 0, grad_out, 0)
    return grad_x
