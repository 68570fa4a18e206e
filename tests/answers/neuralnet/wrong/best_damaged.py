# task: best
# fails: best-accuracy, test-run
# says: damaged
best_settings = {}
with open("best.npz", "r+b") as file:
    file.truncate(5000)
