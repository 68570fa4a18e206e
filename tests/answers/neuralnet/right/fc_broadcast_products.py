# task: fc
def fc_forward(x, w, b):
    return (x[:, :, None] * w[None]).sum(1) + b[None], (x, w)


def fc_backward(grad_out, cache):
    x, w = cache
    return (grad_out[:, None] * w).sum(2), (x[:, :, None] * grad_out[:, None]).sum(0), np.ones(len(x)) @ grad_out
