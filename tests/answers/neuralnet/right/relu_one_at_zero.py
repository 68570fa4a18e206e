# task: relu
def relu_forward(x):
    return np.where(x >= 0, x, 0.0), (x >= 0)


def relu_backward(grad_out, cache):
    grad_x = grad_out.copy()
    grad_x[~cache] = 0
    return grad_x
