# task: l2
# fails: l2-loss, l2-gradient
# says: number of entries
def l2_regularization(w, reg):
    loss = 0.5 * reg * np.mean(w**2)
    grad_w = reg * w / w.size
    return loss, grad_w
