# task: net
# fails: net-parameters
# says: standard deviation of W2
class TwoLayerNet(Classifier):
    def __init__(self, input_dim=3072, num_classes=10, hidden_dim=512, weight_scale=1e-3, dtype=np.float64, seed=None):
        rng = np.random.default_rng(seed)
        self.W1 = (weight_scale * rng.standard_normal((input_dim, hidden_dim))).astype(dtype)
        self.b1 = np.zeros(hidden_dim, dtype)
        self.W2 = (weight_scale**0.5 * rng.standard_normal((hidden_dim, num_classes))).astype(dtype)
        self.b2 = np.zeros(num_classes, dtype)

    def parameters(self):
        return {"W1": self.W1, "b1": self.b1, "W2": self.W2, "b2": self.b2}

    def forward(self, X):
        a, cache1 = fc_forward(X, self.W1, self.b1)
        h, cache2 = relu_forward(a)
        scores, cache3 = fc_forward(h, self.W2, self.b2)
        return scores, (cache1, cache2, cache3)

    def backward(self, grad_scores, cache):
        cache1, cache2, cache3 = cache
        grad_h, grad_W2, grad_b2 = fc_backward(grad_scores, cache3)
        grad_a = relu_backward(grad_h, cache2)
        grad_X, grad_W1, grad_b1 = fc_backward(grad_a, cache1)
        return {"W1": grad_W1, "b1": grad_b1, "W2": grad_W2, "b2": grad_b2}
