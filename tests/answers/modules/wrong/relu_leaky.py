# task: relu
# fails: relu-forward, relu-backward
# says: should become 0
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    def forward(self, Z):
        return np.where(Z > 0, Z, 0.01 * Z)

    def backward(self, Z, dY):
        return np.where(Z > 0, dY, 0.01 * dY)
