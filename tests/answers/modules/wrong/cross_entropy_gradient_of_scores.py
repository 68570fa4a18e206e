# task: cross-entropy
# fails: cross-entropy-backward
# says: before softmax
import numpy as np


class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        return -np.sum(Y * np.log(Y_hat)) / m

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return (Y_hat - Y) / m
