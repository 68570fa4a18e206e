# task: softmax
# fails: softmax-forward, softmax-backward
# says: The columns add up to 1
import numpy as np

from chainrule.modules import Activation


class SoftMax(Activation):
    def forward(self, Z):
        e = np.exp(Z - np.max(Z, axis=0, keepdims=True))
        return e / np.sum(e, axis=0, keepdims=True)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        dZ = np.zeros_like(Y)
        for i in range(len(Y)):
            J = np.diag(Y[i]) - np.outer(Y[i], Y[i])
            dZ[i] = dY[i] @ J
        return dZ
