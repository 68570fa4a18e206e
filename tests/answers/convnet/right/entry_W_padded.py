# task: entry-W
import numpy as np


def entry_W(i, k, c, f, dY, X, W):
    I, K = W.shape[:2]
    H, V = X.shape[:2]
    padded = np.pad(X, ((I // 2, I // 2), (K // 2, K // 2), (0, 0)))
    return np.sum(dY[:, :, f] * padded[i : i + H, k : k + V, c])
