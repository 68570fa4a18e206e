# task: entry-b
# fails: entry-b-check
# says: one number is expected
def entry_b(f, dY, X, W):
    return dY.sum(axis=(0, 1))
