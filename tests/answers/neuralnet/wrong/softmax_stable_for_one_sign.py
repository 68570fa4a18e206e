# task: softmax
# fails: softmax-stable
# says: scores near -1000
def softmax_loss(x, y):
    N = x.shape[0]
    shifted = x - np.maximum(x.max(axis=1, keepdims=True), 0)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(N), y].sum() / N
    grad_x = np.exp(log_p)
    grad_x[np.arange(N), y] -= 1
    grad_x = grad_x / N
    return loss, grad_x
