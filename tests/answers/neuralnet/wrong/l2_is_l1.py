# task: l2
# fails: l2-loss, l2-gradient
# says: L1
def l2_regularization(w, reg):
    loss = 0.5 * reg * np.sum(np.abs(w))
    grad_w = reg / 2 * np.sign(w)
    return loss, grad_w
