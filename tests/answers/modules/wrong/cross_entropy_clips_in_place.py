# task: cross-entropy
# fails: cross-entropy-forward
# says: changes Y_hat in place
import numpy as np


class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        Y_hat += 1e-12
        return -np.sum(Y * np.log(Y_hat)) / m

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return -Y / Y_hat / m
