# task: softmax
# fails: softmax-loss, softmax-gradient, softmax-stable
# says: wrong axis
def softmax_loss(x, y):
    N = x.shape[0]
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    loss = -log_p[np.arange(N), y].sum() / N
    grad_x = np.exp(log_p)
    grad_x[np.arange(N), y] -= 1
    grad_x = grad_x / N
    return loss, grad_x
