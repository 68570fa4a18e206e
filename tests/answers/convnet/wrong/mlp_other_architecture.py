# task: mlp
# fails: mlp-weights, mlp-curves
# says: do not fit the model
from torch import nn


def make_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
