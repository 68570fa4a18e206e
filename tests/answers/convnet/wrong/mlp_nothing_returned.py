# task: mlp
# fails: mlp-weights, mlp-curves
# says: Does it return the model
from torch import nn


def make_mlp():
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
