# task: softmax
# fails: softmax-stable
# says: small constant
def softmax_loss(x, y):
    N = x.shape[0]
    shifted = x - x.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    p /= p.sum(axis=1, keepdims=True)
    log_p = np.log(p + 1e-300)
    loss = -log_p[np.arange(N), y].sum() / N
    grad_x = p.copy()
    grad_x[np.arange(N), y] -= 1
    grad_x = grad_x / N
    return loss, grad_x
