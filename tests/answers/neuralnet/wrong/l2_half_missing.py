# task: l2
# fails: l2-loss, l2-gradient
# says: half is missing
def l2_regularization(w, reg):
    loss = reg * np.sum(w**2)
    grad_w = 2 * reg * w
    return loss, grad_w
