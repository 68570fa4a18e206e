# task: l2
# fails: l2-gradient
# says: is missing
def l2_regularization(w, reg):
    loss = 0.5 * reg * np.sum(w**2)
    grad_w = w
    return loss, grad_w
