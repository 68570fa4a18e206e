# task: relu
# fails: relu-forward
# says: loops in Python
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    def forward(self, Z):
        return np.array([[max(z, 0.0) for z in row] for row in Z])

    def backward(self, Z, dY):
        return dY * (Z > 0)
