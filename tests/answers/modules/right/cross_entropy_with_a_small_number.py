# task: cross-entropy
import numpy as np


class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        return -np.sum(Y * np.log(Y_hat + 1e-12)) / m

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return -Y / (m * (Y_hat + 1e-12))
