# task: cross-entropy
# fails: cross-entropy-backward
# says: central differences
import numpy as np


class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        self.Y, self.Y_hat = Y, Y_hat
        return -np.sum(Y * np.log(Y_hat)) / m

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return -self.Y / self.Y_hat / m
