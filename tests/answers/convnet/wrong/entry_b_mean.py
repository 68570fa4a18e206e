# task: entry-b
# fails: entry-b-check
# says: divided by the number of places
def entry_b(f, dY, X, W):
    return dY[:, :, f].mean()
