# task: best
# fails: best-accuracy, test-run
# says: never unpickled
best_settings = {}
with open("best.npz", "wb") as file:
    np.savez(file, **{"parameters/W": np.array([{"a": 1}], dtype=object), "settings": np.array("{}"), "train_index": np.arange(9)})
