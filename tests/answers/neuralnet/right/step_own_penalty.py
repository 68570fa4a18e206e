# task: step
def training_step(model, X_batch, y_batch, reg):
    scores, cache = model.forward(X_batch)
    loss, grad_scores = layers.softmax_loss(scores, y_batch)
    grads = model.backward(grad_scores, cache)
    for name, w in model.parameters().items():
        if w.ndim > 1:
            loss = loss + reg / 2 * (w * w).sum()
            grads[name] = grads[name] + reg * w
    return loss, grads
