# task: softmax
def softmax_loss(x, y):
    log_p = x - np.logaddexp.reduce(x, axis=1)[:, np.newaxis]
    loss = -np.take_along_axis(log_p, y[:, None].astype(np.int64), axis=1).mean()
    grad = np.exp(log_p)
    np.subtract.at(grad, (np.arange(len(y)), y), 1)
    return float(loss), grad / len(y)
