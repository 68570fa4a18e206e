# task: step
# fails: step-gradients
# says: W1
def training_step(model, X_batch, y_batch, reg):
    scores, cache = model.forward(X_batch)
    loss, grad_scores = layers.softmax_loss(scores, y_batch)
    grads = model.backward(grad_scores, cache)
    for name, w in model.parameters().items():
        if w.ndim > 1:
            l2_loss, l2_grad = layers.l2_regularization(w, reg)
            loss = loss + l2_loss
            grads[name] = l2_grad
    return loss, grads
