# task: entry-b
# fails: entry-b-check
# says: sum over all filters
def entry_b(f, dY, X, W):
    return dY.sum()
