# task: softmax
# fails: softmax-forward
# says: loops in Python
import numpy as np

from chainrule.modules import Activation


class SoftMax(Activation):
    def forward(self, Z):
        rows = []
        for z in Z:
            e = np.exp(z - z.max())
            rows.append(e / e.sum())
        return np.array(rows)

    def backward(self, Z, dY):
        Y = self.forward(Z)
        dZ = np.zeros_like(Y)
        for i in range(len(Y)):
            J = np.diag(Y[i]) - np.outer(Y[i], Y[i])
            dZ[i] = dY[i] @ J
        return dZ
