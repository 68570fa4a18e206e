# task: fc
# fails: fc-forward
# says: (7, 3) is expected
import numpy as np

from chainrule.modules import Layer, initialize


class FullyConnected(Layer):
    def __init__(self, n_out, activation, weight_init="xavier_uniform", seed=None):
        super().__init__()
        self.n_out = n_out
        self.activation = make_activation(activation)
        self.weight_init = weight_init
        self.seed = seed

    def _init_parameters(self, X_shape):
        n_in = X_shape[1]
        W = initialize(self.weight_init, (n_in, self.n_out), self.seed)
        b = np.zeros((1, self.n_out))
        self.parameters = {"W": W, "b": b}

    def forward(self, X):
        if "W" not in self.parameters:
            self._init_parameters(X.shape)
        W, b = self.parameters["W"], self.parameters["b"]
        Z = X @ W + b
        self.cache = {"X": X, "Z": Z}
        self.first = getattr(self, "first", len(X))
        return self.activation.forward(Z)[: self.first]

    def backward(self, dLdY):
        X, Z = self.cache["X"], self.cache["Z"]
        dZ = self.activation.backward(Z, dLdY)
        dW = X.T @ dZ
        db = np.sum(dZ, axis=0, keepdims=True)
        dX = dZ @ self.parameters["W"].T
        self.gradients = {"W": dW, "b": db}
        return dX
