# task: entry-W
# fails: entry-W-check
# says: shift of the kernel's middle
import numpy as np


def entry_W(i, k, c, f, dY, X, W):
    I, K = W.shape[:2]
    H, V = X.shape[:2]
    padded = np.pad(X, ((0, I), (0, K), (0, 0)))
    return np.sum(dY[:, :, f] * padded[i : i + H, k : k + V, c])
