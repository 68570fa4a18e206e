# task: l2
# fails: l2-gradient
# says: meets a half
def l2_regularization(w, reg):
    loss = 0.5 * reg * np.sum(w**2)
    grad_w = 2 * reg * w
    return loss, grad_w
