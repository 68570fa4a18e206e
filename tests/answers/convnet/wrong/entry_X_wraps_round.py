# task: entry-X
# fails: entry-X-check
# says: those at its border do not
def entry_X(x, y, c, dY, X, W):
    total = 0.0
    for i in range(W.shape[0]):
        for k in range(W.shape[1]):
            row, column = x - i + W.shape[0] // 2, y - k + W.shape[1] // 2
            total += dY[row % dY.shape[0], column % dY.shape[1]] @ W[i, k, c]
    return total
