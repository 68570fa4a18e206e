# task: mlp
# fails: mlp-weights, mlp-curves
# says: Compare the shape
from torch import nn


def make_mlp():
    return nn.Sequential(nn.Identity(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
