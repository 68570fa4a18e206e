# task: softmax
# fails: softmax-backward
# says: Only the diagonal
import numpy as np

from chainrule.modules import Activation


class SoftMax(Activation):
    def forward(self, Z):
        e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        dZ = np.zeros_like(Y)
        for i in range(len(Y)):
            J = np.diag(Y[i] * (1 - Y[i]))
            dZ[i] = dY[i] @ J
        return dZ
