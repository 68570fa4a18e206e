# task: relu
# fails: relu-forward
# says: changes Z in place
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    def forward(self, Z):
        Z[Z < 0] = 0
        return Z

    def backward(self, Z, dY):
        return dY * (Z > 0)
