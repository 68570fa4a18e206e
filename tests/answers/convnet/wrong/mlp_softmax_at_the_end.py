# task: mlp
# fails: mlp-weights
# says: returns probabilities
from torch import nn


def make_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10), nn.Softmax(dim=1))
