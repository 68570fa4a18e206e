# task: step
# fails: step-loss, step-gradients
# says: whatever its parameters are called
def training_step(model, X_batch, y_batch, reg):
    scores, cache = model.forward(X_batch)
    loss, grad_scores = layers.softmax_loss(scores, y_batch)
    grads = model.backward(grad_scores, cache)
    for name in ("weights_1", "weights_2"):
            w = model.parameters()[name]
            l2_loss, l2_grad = layers.l2_regularization(w, reg)
            loss = loss + l2_loss
            grads[name] = grads[name] + l2_grad
    return loss, grads
