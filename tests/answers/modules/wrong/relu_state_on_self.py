# task: relu
# fails: relu-backward
# says: earlier forward pass
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    def forward(self, Z):
        self.mask = Z > 0
        return np.where(self.mask, Z, 0.0)

    def backward(self, Z, dY):
        return dY * self.mask
