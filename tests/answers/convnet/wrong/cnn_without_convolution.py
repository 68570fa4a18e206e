# task: cnn
# fails: cnn-model, cnn-weights, cnn-test, test-record
# says: There is no convolution
from torch import nn


def make_cnn():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
