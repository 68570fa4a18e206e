# task: fc
def fc_forward(x, w, b):
    out = np.zeros((len(x), w.shape[1]))
    for i in range(len(x)):
        for k in range(w.shape[1]):
            out[i, k] = b[k]
            for j in range(w.shape[0]):
                out[i, k] += x[i, j] * w[j, k]
    return out, [x.copy(), w.copy()]


def fc_backward(grad_out, cache):
    x, w = cache
    grad_x, grad_w, grad_b = np.zeros_like(x), np.zeros_like(w), np.zeros(w.shape[1])
    for i in range(x.shape[0]):
        for k in range(w.shape[1]):
            grad_b[k] += grad_out[i, k]
            for j in range(w.shape[0]):
                grad_x[i, j] += grad_out[i, k] * w[j, k]
                grad_w[j, k] += grad_out[i, k] * x[i, j]
    return [grad_x, grad_w, grad_b]
