# task: relu
# fails: relu-forward, relu-backward, net-parameters, net-forward, net-backward
# says: out of relu_forward
def relu_forward(x):
    out = np.max(x)
    cache = x
    return out, cache


def relu_backward(grad_out, cache):
    x = cache
    grad_x = np.where(x > 0, grad_out, 0)
    return grad_x
