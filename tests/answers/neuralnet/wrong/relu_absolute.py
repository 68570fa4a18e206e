# task: relu
# fails: relu-forward, relu-backward, net-forward, net-backward
# says: absolute value
def relu_forward(x):
    out = np.abs(x)
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = np.sign(x) * grad_out
    return grad_x
