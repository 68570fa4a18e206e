# task: cross-entropy
# fails: cross-entropy-forward, cross-entropy-backward
# says: The sign is wrong
import numpy as np


class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        return np.sum(Y * np.log(Y_hat)) / m

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return Y / Y_hat / m
