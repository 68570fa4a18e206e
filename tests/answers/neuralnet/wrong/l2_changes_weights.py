# task: l2
# fails: l2-loss, l2-gradient
# says: changes its input w in place
def l2_regularization(w, reg):
    loss = 0.5 * reg * np.sum(w**2)
    w *= reg
    grad_w = w
    return loss, grad_w
