# task: entry-X
# fails: entry-X-check
# says: kernel as it is
import numpy as np


def entry_X(x, y, c, dY, X, W):
    I, K = W.shape[:2]
    padded = np.pad(dY, ((I // 2, I // 2), (K // 2, K // 2), (0, 0)))
    window = padded[x : x + I, y : y + K]
    return np.sum(window * W[:, :, c])
