# task: relu
def relu_forward(x):
    return 0.5 * (x + np.abs(x)), np.sign(x)


def relu_backward(grad_out, cache):
    return grad_out * (cache + 1) / 2
