# task: relu
# fails: relu-forward, relu-backward
# says: should become 0
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    def forward(self, Z):
        return np.abs(Z)

    def backward(self, Z, dY):
        return dY * (Z > 0)
