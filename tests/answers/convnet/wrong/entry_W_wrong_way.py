# task: entry-W
# fails: entry-W-check
# says: turned round
import numpy as np


def entry_W(i, k, c, f, dY, X, W):
    I, K = W.shape[:2]
    H, V = X.shape[:2]
    padded = np.pad(X, ((I // 2, I // 2), (K // 2, K // 2), (0, 0)))
    return np.sum(dY[:, :, f] * padded[I - 1 - i : I - 1 - i + H, K - 1 - k : K - 1 - k + V, c])
