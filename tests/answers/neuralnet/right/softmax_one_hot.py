# task: softmax
def softmax_loss(x, y):
    one_hot = np.eye(x.shape[1])[y]
    z = x - x.max(1)[:, None]
    log_sum = np.log(np.exp(z).sum(1, keepdims=True))
    log_p = z - log_sum
    return -(one_hot * log_p).sum() / len(x), (np.exp(log_p) - one_hot) / len(x)
