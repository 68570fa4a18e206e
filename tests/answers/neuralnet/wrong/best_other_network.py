# task: best
# fails: best-accuracy, test-run
# says: not the parameters of a two-layer network
best_settings = {}


class Linear(Classifier):
    def parameters(self):
        return {"W": np.zeros((3072, 10)), "b": np.zeros(10)}


save_results("best.npz", Linear(), {}, np.arange(100))
