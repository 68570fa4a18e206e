# task: relu
# fails: relu-backward
# says: changes dY in place
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    def forward(self, Z):
        return np.where(Z > 0, Z, 0.0)

    def backward(self, Z, dY):
        dY[Z <= 0] = 0
        return dY
