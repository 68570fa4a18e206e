# task: relu
# fails: relu-forward
# says: larger ones
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    def forward(self, Z):
        return np.clip(Z, 0, 6)

    def backward(self, Z, dY):
        return dY * (Z > 0)
