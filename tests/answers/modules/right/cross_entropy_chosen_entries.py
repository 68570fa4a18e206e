# task: cross-entropy
import numpy as np


class CrossEntropy:
    def forward(self, Y, Y_hat):
        m = Y.shape[0]
        true_class = np.argmax(Y, axis=1)
        return np.mean(-np.log(Y_hat[np.arange(m), true_class]))

    def backward(self, Y, Y_hat):
        m = Y.shape[0]
        return np.where(Y == 1, -1 / (m * Y_hat), 0.0)
