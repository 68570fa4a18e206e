# task: net
class TwoLayerNet(Classifier):
    def __init__(self, input_dim=3072, num_classes=10, hidden_dim=512, weight_scale=1e-3, dtype=np.float64, seed=None):
        gen = np.random.default_rng(seed)
        flat = np.zeros(input_dim * hidden_dim + hidden_dim + hidden_dim * num_classes + num_classes, dtype)
        self.flat = flat  # one block of memory; the parameters are views into it
        a = input_dim * hidden_dim
        b = a + hidden_dim
        c = b + hidden_dim * num_classes
        self.p = {
            "b2": flat[c:], "W2": flat[b:c].reshape(hidden_dim, num_classes),
            "b1": flat[a:b], "W1": flat[:a].reshape(input_dim, hidden_dim),
        }
        self.p["W1"][...] = gen.normal(0, weight_scale, (input_dim, hidden_dim))
        self.p["W2"][...] = gen.normal(0, weight_scale, (hidden_dim, num_classes))

    def parameters(self):
        return self.p

    def forward(self, X):
        z = X @ self.p["W1"] + self.p["b1"]
        h = np.maximum(z, 0)
        return h @ self.p["W2"] + self.p["b2"], {"X": X, "z": z, "h": h}

    def backward(self, grad_scores, cache):
        back = (grad_scores @ self.p["W2"].T) * (cache["z"] >= 0)
        return {
            "b2": grad_scores.sum(0), "b1": back.sum(0),
            "W2": cache["h"].T @ grad_scores, "W1": cache["X"].T @ back,
        }
