# task: relu
def relu_forward(x):
    out = x.clip(min=0)
    return out, out


def relu_backward(grad_out, cache):
    return grad_out * np.heaviside(cache, 0)
