# task: relu
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    def forward(self, Z):
        return (Z + np.abs(Z)) / 2

    def backward(self, Z, dY):
        return dY * np.heaviside(Z, 0.5)
