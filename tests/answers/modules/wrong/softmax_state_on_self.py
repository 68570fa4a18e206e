# task: softmax
# fails: softmax-backward
# says: central differences
import numpy as np

from chainrule.modules import Activation


class SoftMax(Activation):
    def forward(self, Z):
        e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        self.Y = e / np.sum(e, axis=1, keepdims=True)
        return self.Y

    def backward(self, Z, dY):
        Y = self.Y
        dZ = np.zeros_like(Y)
        for i in range(len(Y)):
            J = np.diag(Y[i]) - np.outer(Y[i], Y[i])
            dZ[i] = dY[i] @ J
        return dZ
