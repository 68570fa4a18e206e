# task: entry-X
# fails: entry-X-check
# says: looks outside an array
def entry_X(x, y, c, dY, X, W):
    total = 0.0
    for i in range(W.shape[0]):
        for k in range(W.shape[1]):
            total += dY[x - i + W.shape[0] // 2, y - k + W.shape[1] // 2] @ W[i, k, c]
    return total
