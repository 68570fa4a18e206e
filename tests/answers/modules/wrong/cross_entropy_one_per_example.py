# task: cross-entropy
# fails: cross-entropy-forward, cross-entropy-backward
# says: a single number is expected
import numpy as np


class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        return -np.sum(Y * np.log(Y_hat), axis=1) / m

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return -Y / Y_hat / m
