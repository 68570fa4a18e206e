# task: best
# fails: best-accuracy, test-run
# says: no better than guessing
best_settings = dict(default_settings)
rng = np.random.default_rng(0)


class Untrained(Classifier):
    def parameters(self):
        return {
            "W1": rng.normal(size=(3072, 16)), "b1": np.zeros(16),
            "W2": rng.normal(size=(16, 10)), "b2": np.zeros(10),
        }


save_results("best.npz", Untrained(), best_settings, np.arange(100))
