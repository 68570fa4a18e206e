# task: l2
def l2_regularization(w, reg):
    return np.array(reg * np.vdot(w, w) / 2), reg * w
